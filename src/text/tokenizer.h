// Byte-level BPE, as the Qwen2/Qwen3 tokenizers do it.
//
// Loads `tokenizer.json`, or `vocab.json` + `merges.txt` (+ `tokenizer_config.json` for the added
// tokens), from a checkpoint folder. Added tokens are found first, then each remaining piece is
// NFC-normalised, split by the Qwen2 pattern, mapped to bytes and merged by rank.
// Mirrors: huggingface tokenizers (normalizers::NFC, pre_tokenizers::{Split, ByteLevel},
// models::BPE).
// Threads: all const members may be called from several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::text {

// Whether "<|im_end|>" inside the text means the token or just these characters. Text that a
// stranger wrote is encoded with kAsText.
enum class AddedTokens { kParse, kAsText };

class Tokenizer {
 public:
  // Errors: InputError naming the file when none of the forms is complete or a form is not ours.
  static Tokenizer load(const std::string& folder);

  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  std::vector<int32_t> encode(std::string_view text, AddedTokens added = AddedTokens::kParse) const;

  // Bytes that are not valid UTF-8 become U+FFFD. `skip_special` leaves out tokens marked special.
  std::string decode(std::span<const int32_t> ids, bool skip_special = false) const;

  // The raw bytes of one token (for streaming, which must hold back incomplete characters).
  std::string token_bytes(int32_t id) const;

  std::optional<int32_t> id_of(
      std::string_view token) const;  // an added token or a vocabulary entry
  bool is_special(int32_t id) const;
  int32_t size() const;  // one more than the largest id in use

 private:
  struct Tables;
  explicit Tokenizer(std::unique_ptr<Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

// Turns a stream of tokens into text, holding back the bytes of an unfinished character.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer, bool skip_special = true);
  std::string push(int32_t id);  // the text that became complete
  std::string finish();          // what was held back, invalid bytes as U+FFFD

 private:
  const Tokenizer& tokenizer_;
  bool skip_special_;
  std::string held_;
};

}  // namespace lmc::text
