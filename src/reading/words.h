// A text as the acceptance rules read it: its words, without case, markdown and typography, and the
// marks between them.
//
// A letter of a script written without blanks (Chinese, Japanese) is a word of its own and weighs
// half of one. Of at most 2^31 bytes. Invalid UTF-8 is read as U+FFFD, a mark.
// Cost: linear in the text.
// Threads: pure functions.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lmc::reading {

class Words {
 public:
  enum class Kind : uint8_t {
    kWord,
    kIdeograph,  // a word of one Chinese or Japanese character
    kMark,       // a comma, a bracket, a <tag>, ...: no phrase reaches across
    kStop,       // the end of a sentence or line
  };

  explicit Words(std::string_view text);

  size_t size() const { return tokens_.size(); }
  Kind kind(size_t i) const { return tokens_[i].kind; }
  bool is_word(size_t i) const { return tokens_[i].kind <= Kind::kIdeograph; }
  // In lower case (Latin letters without accents only); "." for marks and stops.
  std::string_view operator[](size_t i) const {
    return std::string_view(text_).substr(tokens_[i].begin, tokens_[i].size);
  }
  // Equal for equal words.
  uint64_t hash(size_t i) const { return tokens_[i].hash; }
  // In half words: 2 a word, 1 an ideograph, 0 a mark.
  static constexpr int kWordWeight = 2;
  int weight(size_t i) const {
    constexpr int kWeights[] = {kWordWeight, 1, 0, 0};
    return kWeights[static_cast<size_t>(tokens_[i].kind)];
  }
  // The number of words; two ideographs count as one.
  int64_t count() const;

 private:
  struct Token {
    uint32_t begin = 0;
    uint32_t size = 0;
    uint64_t hash = 0;
    Kind kind = Kind::kWord;
  };
  void add(Kind kind, std::string_view text);

  std::string text_;  // of all tokens, one after the other
  std::vector<Token> tokens_;
};

// A list of phrases to look for. A phrase is a row of slots:
//   word        that word; a Chinese text stands for its characters
//   one|two     either
//   ?one|two    either, or nothing
//   #           a label: a to h, a number, or a number with a letter ("b", "3", "2a", "a1", "s4")
//   .           a mark, if there is one ("fig. 3")
//   !one|two    what must not come next
class Phrases {
 public:
  Phrases(std::initializer_list<std::string_view> phrases);

  bool in(const Words& words) const;
  // Whether a phrase begins at word `i`.
  bool at(const Words& words, size_t i) const;

 private:
  struct Slot {
    enum class Kind { kWords, kOptional, kLabel, kMark, kNot } kind = Kind::kWords;
    std::vector<std::string> words;
  };
  using Phrase = std::vector<Slot>;
  static Phrase parse(std::string_view text);
  static bool matches(const Phrase& phrase, size_t slot, const Words& words, size_t i);

  std::vector<Phrase> phrases_;
  std::unordered_map<uint64_t, std::vector<size_t>> by_first_word_;  // by its hash
  std::bitset<4096> first_words_;  // by the low bits of the hash: most words begin no phrase
};

}  // namespace lmc::reading
