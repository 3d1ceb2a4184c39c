#include "data/source_row.h"

#include <filesystem>

#include "base/check.h"   // cat
#include "base/sha256.h"  // sha256_hex

namespace lmc::data {

std::string lines_of(const SourceRow& row) {
  if (row.last_line <= row.first_line) return cat("line ", row.first_line);
  return cat("lines ", row.first_line, " to ", row.last_line);
}

std::string short_hash(std::string_view text) { return sha256_hex(text).substr(0, 12); }

std::string short_hash(const std::vector<std::string>& cells) {
  std::string text;
  for (const std::string& cell : cells) text += cell + '\n';
  return short_hash(text);
}

std::string split_of_file(const std::string& path) {
  const std::string stem = std::filesystem::path(path).stem().string();
  for (const char* name : {"train", "test"}) {
    if (stem.starts_with(name)) return name;
  }
  return stem.starts_with("val") ? "validation" : stem;
}

}  // namespace lmc::data
