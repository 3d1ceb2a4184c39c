// Own data as a table. Texts are taken as they stand: "None" and "N/A" are texts too.
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_set>

#include "base/check.h"  // InputError
#include "base/digest.h"
#include "data/clean_text.h"
#include "data/source_row.h"
#include "data/table_rows.h"  // for_each_table_row

namespace lmc::data {

namespace {

// "a", "option_a", "option a", "choice_a", "choice a" in lower case -> 'A'.
std::optional<char> option_letter(std::string_view name) {
  for (const std::string_view prefix : {"option_", "option ", "choice_", "choice "}) {
    if (name.starts_with(prefix)) {
      name.remove_prefix(prefix.size());
      break;
    }
  }
  if (name.size() != 1 || name[0] < 'a' || name[0] > 'z') return std::nullopt;
  return static_cast<char>(name[0] - 'a' + 'A');
}

struct Columns {
  size_t count = 0;
  std::map<std::string, size_t> place;  // of the named columns
  std::map<char, size_t> options;

  std::string cell(const std::vector<std::string>& cells, const char* name) const {
    const auto found = place.find(name);
    return found == place.end() ? "" : std::string(trim(cells[found->second]));
  }
};

Columns columns_of(const std::vector<std::string>& header, const std::string& path) {
  const std::string where = cat(path, ":1");
  Columns columns;
  columns.count = header.size();
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string name = lower(trim(header[i]));
    const auto letter = option_letter(name);
    const bool is_new =
        letter ? columns.options.emplace(*letter, i).second : columns.place.emplace(name, i).second;
    if (!is_new && !name.empty()) {
      throw InputError(where, cat("the header names the column \"", name, "\" twice"));
    }
  }
  constexpr char kHint[] =
      "the table needs question, image, answer and two or more options: A, option_a or Choice A";
  for (const char* name : {"question", "image", "answer"}) {
    if (columns.place.contains(name)) continue;
    throw InputError(where, cat("the header has no column \"", name, "\""), kHint);
  }
  if (columns.options.size() < 2) {
    throw InputError(where, "the header names fewer than two options", kHint);
  }
  return columns;
}

class CsvSetReader {
 public:
  CsvSetReader(const std::string& path, Columns columns)
      : columns_(std::move(columns)),
        file_name_(std::filesystem::path(path).filename().string()),
        file_stem_(std::filesystem::path(path).stem().string()) {}

  void read(const std::vector<std::string>& cells, SourceRow& row) {
    if (cells.size() != columns_.count) {
      return row.reject("the row has another number of cells than the header",
                        cat("expected ", columns_.count, ", found ", cells.size()));
    }
    record::Question& out = row.question;
    out.question = columns_.cell(cells, "question");
    if (out.question.empty()) return row.reject("the question is empty", "");
    out.image = columns_.cell(cells, "image");
    if (out.image.empty()) return row.reject("the row names no image", "");
    for (const auto& [letter, place] : columns_.options) {
      const std::string_view text = trim(cells[place]);
      if (!text.empty()) out.options[letter] = std::string(text);
    }
    if (out.options.size() < 2) {
      return row.reject("the row has fewer than two options", cat(out.options.size()));
    }
    const std::string gold = columns_.cell(cells, "answer");
    if (gold.size() != 1 || !out.options.contains(gold[0])) {
      return row.reject(kBadGold, gold.substr(0, 80));
    }
    out.answer = gold[0];
    out.caption = columns_.cell(cells, "caption");
    out.split = columns_.cell(cells, "split");
    out.group = columns_.cell(cells, "group");
    out.modality = columns_.cell(cells, "modality");
    out.source = "csv:" + file_name_;
    out.id = columns_.cell(cells, "id");
    if (out.id.empty()) out.id = file_stem_ + "/" + short_hash(cells);
    if (!ids_.insert(digest_of(out.id)).second) row.reject(kRepeatedId, out.id);
  }

 private:
  Columns columns_;
  std::string file_name_;
  std::string file_stem_;
  std::unordered_set<Digest> ids_;
};

}  // namespace

void for_each_csv(const std::string& path, const VisitRow& visit) {
  const auto reader_of = [&](const std::vector<std::string>& header) {
    return CsvSetReader(path, columns_of(header, path));
  };
  for_each_table_row(path, reader_of, visit);
}

}  // namespace lmc::data
