#include "text/tokenizer.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/check.h"            // InputError
#include "text/bpe.h"              // BpeTables, merge_bytes
#include "text/split.h"            // piece_length
#include "text/tokenizer_files.h"  // TokenizerFiles
#include "text/unicode.h"          // normalize_nfc

namespace lmc::text {

namespace {

// GPT-2's printable alphabet: bytes that print stand for themselves, the other 68 for U+0100
// onwards, in order.
std::array<char32_t, 256> printable_alphabet() {
  std::array<char32_t, 256> alphabet{};
  char32_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    alphabet[byte] = prints ? byte : next++;
  }
  return alphabet;
}

// The bytes a vocabulary entry stands for; an entry with other characters stands for itself.
std::string bytes_of_entry(const std::string& entry,
                           const std::unordered_map<char32_t, char>& byte_of) {
  std::string bytes;
  for (const char32_t c : decode_utf8(entry)) {
    const auto found = byte_of.find(c);
    if (found == byte_of.end()) return entry;
    bytes += found->second;
  }
  return bytes;
}

}  // namespace

struct Tokenizer::Tables {
  BpeTables bpe;
  std::vector<std::string> bytes_by_id;
  std::vector<uint8_t> special_by_id;
  std::unordered_map<std::string, int32_t> id_by_entry;  // vocabulary spelling, added tokens too
  std::vector<AddedToken> added;                         // longest first
  std::array<bool, 256> starts_added{};                  // first bytes of added tokens

  // The added token that begins at `at`, the longest if there are several; null: none.
  const AddedToken* added_at(std::string_view text, size_t at) const {
    if (!starts_added[static_cast<unsigned char>(text[at])]) return nullptr;
    for (const AddedToken& token : added) {
      if (text.substr(at).starts_with(token.text)) return &token;
    }
    return nullptr;
  }

  void encode_plain(std::string_view text, std::vector<int32_t>& ids) const {
    const std::u32string points = normalize_nfc(decode_utf8(text));
    for (size_t at = 0; at < points.size();) {
      const size_t length = piece_length(points, at);
      merge_bytes(bpe, encode_utf8(std::u32string_view(points).substr(at, length)), ids);
      at += length;
    }
  }
};

namespace {

int32_t entry_id(const TokenizerFiles& files, const std::string& entry) {
  const auto found = files.vocabulary.find(entry);
  if (found == files.vocabulary.end()) {
    throw InputError(files.where, cat("token \"", entry, "\" of a merge is not in the vocabulary"));
  }
  return found->second;
}

void fill_bpe(const TokenizerFiles& files, BpeTables& bpe) {
  const auto alphabet = printable_alphabet();
  for (size_t byte = 0; byte < 256; ++byte) {
    std::string entry;
    append_utf8(entry, alphabet[byte]);
    const auto found = files.vocabulary.find(entry);
    if (found == files.vocabulary.end()) {
      throw InputError(files.where, cat("byte ", byte, " has no token"),
                       "this is not a complete byte-level vocabulary");
    }
    bpe.byte_ids[byte] = found->second;
  }
  bpe.merges.reserve(files.merges.size());
  for (size_t rank = 0; rank < files.merges.size(); ++rank) {
    const auto& [left, right] = files.merges[rank];
    bpe.merges.try_emplace(
        BpeTables::pair(entry_id(files, left), entry_id(files, right)),
        BpeTables::Merge{static_cast<int32_t>(rank), entry_id(files, left + right)});
  }
}

}  // namespace

Tokenizer Tokenizer::load(const std::string& folder) {
  TokenizerFiles files = read_tokenizer_files(folder);
  auto tables = std::make_unique<Tables>();
  fill_bpe(files, tables->bpe);

  std::unordered_map<char32_t, char> byte_of;
  const auto alphabet = printable_alphabet();
  for (size_t byte = 0; byte < 256; ++byte) byte_of[alphabet[byte]] = static_cast<char>(byte);
  const auto place = [&](int32_t id, std::string bytes) {
    constexpr int32_t kMaxTokens = 1 << 24;
    if (id < 0 || id >= kMaxTokens) throw InputError(files.where, cat("token id ", id));
    if (static_cast<size_t>(id) >= tables->bytes_by_id.size()) {
      tables->bytes_by_id.resize(static_cast<size_t>(id) + 1);
      tables->special_by_id.resize(static_cast<size_t>(id) + 1);
    }
    tables->bytes_by_id[static_cast<size_t>(id)] = std::move(bytes);
  };
  for (const auto& [entry, id] : files.vocabulary) place(id, bytes_of_entry(entry, byte_of));
  tables->id_by_entry = std::move(files.vocabulary);
  for (const AddedToken& token : files.added) {
    place(token.id, token.text);
    tables->special_by_id[static_cast<size_t>(token.id)] = token.special;
    tables->id_by_entry[token.text] = token.id;
    tables->starts_added[static_cast<unsigned char>(token.text[0])] = true;
  }
  tables->added = std::move(files.added);
  std::stable_sort(
      tables->added.begin(), tables->added.end(),
      [](const AddedToken& a, const AddedToken& b) { return a.text.size() > b.text.size(); });
  return Tokenizer(std::move(tables));
}

Tokenizer::Tokenizer(std::unique_ptr<Tables> tables) : tables_(std::move(tables)) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

std::vector<int32_t> Tokenizer::encode(std::string_view text, AddedTokens added) const {
  std::vector<int32_t> ids;
  size_t plain_from = 0;
  for (size_t at = 0; added == AddedTokens::kParse && at < text.size();) {
    const AddedToken* token = tables_->added_at(text, at);
    if (token == nullptr) {
      ++at;
      continue;
    }
    tables_->encode_plain(text.substr(plain_from, at - plain_from), ids);
    ids.push_back(token->id);
    at += token->text.size();
    plain_from = at;
  }
  tables_->encode_plain(text.substr(plain_from), ids);
  return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special) const {
  std::string bytes;
  for (const int32_t id : ids) {
    if (!(skip_special && is_special(id))) bytes += token_bytes(id);
  }
  return encode_utf8(decode_utf8(bytes));
}

std::string Tokenizer::token_bytes(int32_t id) const {
  // A model's vocabulary is padded beyond the tokenizer's; those ids stand for nothing.
  return id >= 0 && id < size() ? tables_->bytes_by_id[static_cast<size_t>(id)] : std::string();
}

std::optional<int32_t> Tokenizer::id_of(std::string_view token) const {
  const auto found = tables_->id_by_entry.find(std::string(token));
  if (found == tables_->id_by_entry.end()) return std::nullopt;
  return found->second;
}

bool Tokenizer::is_special(int32_t id) const {
  return id >= 0 && id < size() && tables_->special_by_id[static_cast<size_t>(id)] != 0;
}

int32_t Tokenizer::size() const { return static_cast<int32_t>(tables_->bytes_by_id.size()); }

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool skip_special)
    : tokenizer_(tokenizer), skip_special_(skip_special) {}

std::string StreamDecoder::push(int32_t id) {
  if (skip_special_ && tokenizer_.is_special(id)) return {};
  held_ += tokenizer_.token_bytes(id);
  const size_t tail = incomplete_tail(held_);
  const std::string ready = held_.substr(0, held_.size() - tail);
  held_.erase(0, ready.size());
  return encode_utf8(decode_utf8(ready));
}

std::string StreamDecoder::finish() { return encode_utf8(decode_utf8(std::exchange(held_, {}))); }

}  // namespace lmc::text
