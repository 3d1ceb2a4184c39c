// Damage as downloads, editors and attackers do it, drawn at random: the same seed, the same damage.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"  // Random

namespace lmc::tests {

// What a file is made of decides where damage gets past the first check.
enum class FileKind {
  kBytes,        // images, tables: bits, bytes, pieces, lengths
  kJson,         // one value: members replaced by others, left out, doubled, renamed
  kJsonLines,    // the same in some lines, and lines lost, doubled, moved, joined
  kSafetensors,  // the header as JSON, with its length put right, or bytes
  kDeviceFile,   // the directory as JSON, with length and checksum put right, or bytes
};

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string damaged(FileKind kind, std::string bytes);

 private:
  int64_t below(int64_t count) { return random_.integer(0, count - 1); }
  size_t place(size_t size) {
    return static_cast<size_t>(random_.integer(0, static_cast<int64_t>(size)));
  }
  std::string in_bytes(std::string bytes);
  std::string in_json(const std::string& text);
  std::string in_json_lines(const std::string& text);
  std::string in_safetensors(const std::string& bytes);
  std::string in_device_file(const std::string& bytes);
  std::string any_value();

  Random random_;
};

}  // namespace lmc::tests
