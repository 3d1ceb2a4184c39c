#include "reading/words.h"

#include <algorithm>
#include <cctype>

#include "base/ascii_case.h"    // lower_case
#include "base/check.h"         // LMC_CHECK
#include "reading/script.h"     // next_code_point, script_of
#include "reading/sentences.h"  // ends_sentence, goes_on_after_break

namespace lmc::reading {

namespace {

constexpr char32_t kApostrophe = U'\'';

bool is_ascii_letter_or_digit(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Typography in its plain form; markdown and quotation marks become nothing (0).
char32_t plain(char32_t c) {
  switch (c) {
    case 0x2018:  // single quotation marks
    case 0x2019:
      return kApostrophe;
    case 0xA0:  // blanks
    case 0x2009:
    case 0x200A:
    case 0x202F:
    case 0x3000:
      return ' ';
    case 0x2010:  // hyphens
    case 0x2011:
      return '-';
    case 0x3002:  // ideographic and fullwidth sentence ends
    case 0xFF0E:
      return '.';
    case 0xFF01:
      return '!';
    case 0xFF1F:
      return '?';
    case 0x201C:
    case 0x201D:
    case 0x200B:  // zero width
    case 0xFEFF:
    case '*':
    case '_':
    case '`':
    case '#':
    case '"':
    case '\\':
    case '\r':
      return 0;
    default:
      return c;
  }
}

bool is_word_letter(char32_t c) {
  return is_ascii_letter_or_digit(c) || (c >= 0x80 && script_of(c) != Script::kNone);
}

bool is_ideograph(char32_t c) { return c >= 0x80 && script_of(c) == Script::kHan; }

// The size of a tag such as "<think>" or "</answer>" at the head of `text`, or 0.
size_t tag_size(std::string_view text) {
  constexpr size_t kMaxTagLength = 32;
  size_t i = 1;
  if (i < text.size() && text[i] == '/') ++i;
  if (i >= text.size() || !std::isalpha(static_cast<unsigned char>(text[i]))) return 0;
  for (; i < text.size() && i < kMaxTagLength; ++i) {
    if (text[i] == '>') return i + 1;
    if (text[i] == '<' || text[i] == '\n') return 0;
  }
  return 0;
}

uint64_t hash_of(std::string_view word) {  // FNV-1a, with its high bits brought down
  uint64_t hash = 14695981039346656037ull;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return hash ^ hash >> 32;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// a to h, 3, 12, 2a, a1, s4: how panels, figures and tables are numbered.
bool is_label(std::string_view word) {
  constexpr size_t kMaxLength = 3;
  if (word.empty() || word.size() > kMaxLength) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'h') || c == 's'; };
  if (word.size() == 1) return is_digit(word[0]) || (word[0] >= 'a' && word[0] <= 'h');
  const auto num_letters = std::count_if(word.begin(), word.end(), is_letter);
  const auto num_digits = std::count_if(word.begin(), word.end(), is_digit);
  return num_letters + num_digits == static_cast<std::ptrdiff_t>(word.size()) && num_letters <= 1;
}

}  // namespace

Words::Words(std::string_view text) {
  LMC_CHECK(text.size() <= size_t{1} << 31, text.size());
  text_.reserve(text.size());
  tokens_.reserve(text.size() / 5 + 1);
  bool in_word = false;
  char32_t last = 0;  // the character before, without markdown
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (in_word && is_ascii_letter_or_digit(byte)) {  // nearly all there is
      text_ += lower_case(text[i]);
      ++tokens_.back().size;
      last = byte;
      ++i;
      continue;
    }
    const size_t begin = i;
    const char32_t c = plain(next_code_point(text, i));
    if (c == 0) continue;
    const bool before_letter =
        i < text.size() && (static_cast<unsigned char>(text[i]) >= 0x80 ||
                            is_ascii_letter_or_digit(static_cast<unsigned char>(text[i])));
    if (is_ideograph(c)) {
      add(Kind::kIdeograph, text.substr(begin, i - begin));
      in_word = false;
    } else if (is_word_letter(c)) {
      if (!in_word) add(Kind::kWord, {});
      in_word = true;
      if (c < 0x80) {
        text_ += lower_case(static_cast<char>(c));
      } else {
        text_ += text.substr(begin, i - begin);
      }
      tokens_.back().size = static_cast<uint32_t>(text_.size()) - tokens_.back().begin;
    } else if (in_word && c == kApostrophe && before_letter) {
      text_ += '\'';
      ++tokens_.back().size;
    } else if (in_word && c == '.' && last < 0x80 && std::isdigit(static_cast<int>(last)) &&
               i < text.size() && is_digit(text[i])) {
      text_ += '.';
      ++tokens_.back().size;
    } else if (c == '<' && tag_size(text.substr(begin)) > 0) {
      i = begin + tag_size(text.substr(begin));
      add(Kind::kMark, ".");
      in_word = false;
    } else {
      // "ground-truth" is two words, and a phrase may reach across.
      const bool joins = in_word && c == '-' && before_letter;
      in_word = false;
      if (c == '!' || c == '?' || (c == '\n' && !goes_on_after_break(text.substr(i))) ||
          (c == '.' && ends_sentence(text.substr(i)))) {
        add(Kind::kStop, ".");
      } else if (c != ' ' && c != '\t' && c != '\n' && c != kApostrophe && !joins) {
        add(Kind::kMark, ".");
      }
    }
    last = c;
  }
  for (size_t i = 0; i < tokens_.size(); ++i) tokens_[i].hash = hash_of((*this)[i]);
}

void Words::add(Kind kind, std::string_view text) {
  tokens_.push_back(
      {static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(text.size()), 0, kind});
  text_ += text;
}

int64_t Words::count() const {
  int64_t half_words = 0;
  for (size_t i = 0; i < size(); ++i) half_words += weight(i);
  return (half_words + 1) / 2;
}

Phrases::Phrases(std::initializer_list<std::string_view> phrases) {
  for (const std::string_view text : phrases) phrases_.push_back(parse(text));
  for (size_t i = 0; i < phrases_.size(); ++i) {
    const Slot& first = phrases_[i].at(0);
    LMC_CHECK(first.kind == Slot::Kind::kWords, "a phrase begins with a word");
    for (const std::string& word : first.words) {
      const uint64_t hash = hash_of(word);
      by_first_word_[hash].push_back(i);
      first_words_.set(hash % first_words_.size());
    }
  }
}

Phrases::Phrase Phrases::parse(std::string_view text) {
  Phrase phrase;
  while (!text.empty()) {
    std::string_view slot_text = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), slot_text.size() + 1));
    Slot slot;
    if (slot_text == "#" || slot_text == ".") {
      slot.kind = slot_text == "#" ? Slot::Kind::kLabel : Slot::Kind::kMark;
      phrase.push_back(slot);
      continue;
    }
    if (slot_text[0] == '?') slot.kind = Slot::Kind::kOptional;
    if (slot_text[0] == '!') slot.kind = Slot::Kind::kNot;
    if (slot.kind != Slot::Kind::kWords) slot_text.remove_prefix(1);
    if (slot.kind == Slot::Kind::kWords && slot_text.find('|') == slot_text.npos) {
      const Words words(slot_text);  // one, or several ideographs
      for (size_t i = 0; i < words.size(); ++i) {
        phrase.push_back({Slot::Kind::kWords, {std::string(words[i])}});
      }
      continue;
    }
    while (!slot_text.empty()) {
      const std::string_view word = slot_text.substr(0, slot_text.find('|'));
      slot.words.emplace_back(word);
      slot_text.remove_prefix(std::min(slot_text.size(), word.size() + 1));
    }
    phrase.push_back(slot);
  }
  return phrase;
}

// Goes two ways only at an optional slot, and a phrase has few of these.
bool Phrases::matches(const Phrase& phrase, size_t slot, const Words& words, size_t i) {
  for (; slot < phrase.size(); ++slot) {
    const Slot& wanted = phrase[slot];
    const bool listed =
        i < words.size() && words.is_word(i) &&
        std::find(wanted.words.begin(), wanted.words.end(), words[i]) != wanted.words.end();
    switch (wanted.kind) {
      case Slot::Kind::kWords:
        if (!listed) return false;
        ++i;
        break;
      case Slot::Kind::kOptional:
        if (listed && matches(phrase, slot + 1, words, i + 1)) return true;
        break;
      case Slot::Kind::kLabel:
        if (i >= words.size() || !is_label(words[i])) return false;
        ++i;
        break;
      case Slot::Kind::kMark:
        if (i < words.size() && !words.is_word(i)) ++i;
        break;
      case Slot::Kind::kNot:
        if (listed) return false;
        break;
    }
  }
  return true;
}

bool Phrases::at(const Words& words, size_t i) const {
  const uint64_t hash = words.hash(i);
  if (!words.is_word(i) || !first_words_.test(hash % first_words_.size())) return false;
  const auto found = by_first_word_.find(hash);
  return found != by_first_word_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](size_t phrase) { return matches(phrases_[phrase], 0, words, i); });
}

bool Phrases::in(const Words& words) const {
  for (size_t i = 0; i < words.size(); ++i) {
    if (at(words, i)) return true;
  }
  return false;
}

}  // namespace lmc::reading
