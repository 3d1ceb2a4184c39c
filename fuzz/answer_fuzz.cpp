// Any bytes as options and a reply: the letter is an option's, an answer line at the end decides,
// how lines end does not matter, an option's own text names it, and a text names the same option
// wherever it stands.
//
// An input is up to eight lines, the options' texts, then a blank line and the reply. Without a
// blank line all of it is the reply to the options below.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "reading/answer_letter.h"  // answer_letter, reasoning_of
#include "reading/option_texts.h"   // OptionTexts
#include "reading/reply_turns.h"    // turns_of
#include "reading/reply_words.h"    // reply_words
#include "require.h"

namespace lmc {
namespace {

using Options = std::map<char, std::string>;

Options options_of(std::string_view lines) {
  Options options;
  for (char letter = 'A'; letter <= 'H' && !lines.empty(); ++letter) {
    const size_t end = lines.find('\n');
    options[letter] = std::string(lines.substr(0, end));
    lines = end == lines.npos ? std::string_view() : lines.substr(end + 1);
  }
  return options;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

// "B", "(b)", "*B*": a letter and marks; or what looks like a letter.
bool is_one_letter_reply(std::string_view text) {
  const auto words = reading::reply_words(text);
  return words.size() == 1 && words[0].text.size() == 1;
}

// Whether the reply is written exactly as an option.
bool is_an_option(std::string_view reply, const Options& options) {
  return std::any_of(options.begin(), options.end(),
                     [&](const auto& option) { return trimmed(option.second) == trimmed(reply); });
}

// The options with each text at the letter before its own.
Options turned(const Options& options) {
  Options result;
  for (auto here = options.begin(); here != options.end(); ++here) {
    const auto next = std::next(here) == options.end() ? options.begin() : std::next(here);
    result[here->first] = next->second;
  }
  return result;
}

// Whether no letter stands alone in the reply, nor what looks like one.
bool names_by_texts_only(std::string_view reply) {
  const auto words = reading::reply_words(reply);
  return std::none_of(words.begin(), words.end(), [](const reading::ReplyWord& word) {
    return word.kind == reading::ReplyWord::Kind::kWord && word.text.size() == 1 &&
           std::isalpha(static_cast<unsigned char>(word.text[0])) != 0;
  });
}

// No text of an option that stands once is read as another option, in any order of the options.
void check_texts(const Options& options) {
  const Options moved = turned(options);
  const reading::OptionTexts texts(options), moved_texts(moved);
  for (const auto& [letter, text] : options) {
    const auto same = [&, own = std::string_view(text)](const auto& other) {
      return trimmed(other.second) == trimmed(own);
    };
    const bool is_unique = std::count_if(options.begin(), options.end(), same) == 1;
    const auto named = texts.named_by(text);
    const auto moved_name = moved_texts.named_by(text);
    FUZZ_REQUIRE(named.has_value() == moved_name.has_value());
    if (named) FUZZ_REQUIRE(options.at(*named) == moved.at(*moved_name));
    if (trimmed(text).empty()) continue;
    if (is_unique) FUZZ_REQUIRE(named == letter);
    // As a reply it says the same, unless it is a letter, thinks, or is a conversation.
    const bool is_plain = text.find('<') == text.npos && text.find(':') == text.npos &&
                          text.find('[') == text.npos && text.find('?') == text.npos;
    if (is_unique && is_plain && !is_one_letter_reply(text)) {
      FUZZ_REQUIRE(reading::answer_letter(text, options) == letter);
    }
  }
}

void check(std::string_view reply, const Options& options) {
  const std::optional<char> letter = reading::answer_letter(reply, options);
  FUZZ_REQUIRE(!letter || options.contains(*letter));

  std::string with_returns;
  for (const char c : reply) with_returns += c == '\n' ? "\r\n" : std::string(1, c);
  FUZZ_REQUIRE(reading::answer_letter(with_returns, options) == letter);

  const bool thinks_on = reply.find("<think>") != reply.npos;
  for (const auto& [last, text] : options) {
    const std::string answered =
        std::string(reply) + (thinks_on ? "\n</think>" : "") + "\n\nAnswer: " + last;
    if (is_an_option(answered, options) || !reading::turns_of(answered).empty()) continue;
    FUZZ_REQUIRE(reading::answer_letter(answered, options) == last);
  }
  check_texts(options);
  if (names_by_texts_only(reply)) {
    const Options moved = turned(options);
    const auto other = reading::answer_letter(reply, moved);
    FUZZ_REQUIRE(letter.has_value() == other.has_value());
    if (letter) FUZZ_REQUIRE(options.at(*letter) == moved.at(*other));
  }

  const std::string reasoning = reading::reasoning_of(reply);
  FUZZ_REQUIRE(reasoning.size() <= reply.size());
  FUZZ_REQUIRE(reasoning.find("<think>") == reasoning.npos);
  FUZZ_REQUIRE(reasoning.find("</think>") == reasoning.npos);
  constexpr std::string_view kBlanks = " \t\r\n";
  FUZZ_REQUIRE(reasoning.empty() || (kBlanks.find(reasoning.front()) == kBlanks.npos &&
                                     kBlanks.find(reasoning.back()) == kBlanks.npos));
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const size_t blank = text.find("\n\n");
  if (blank == text.npos) {
    lmc::check(text,
               {{'A', "Pneumonia"}, {'B', "Pulmonary embolism"}, {'C', "A"}, {'D', "2.5 cm"}});
  } else {
    lmc::check(text.substr(blank + 2), lmc::options_of(text.substr(0, blank)));
  }
  return 0;
}
