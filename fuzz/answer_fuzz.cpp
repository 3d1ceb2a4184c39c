// Any bytes as options and a reply: the letter is an option's, an answer line at the end decides,
// and how lines end does not matter.
//
// An input is up to eight lines, the options' texts, then a blank line and the reply. Without a
// blank line all of it is the reply to the options below.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "prompt/answer_letter.h"  // answer_letter, reasoning_of
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

void check(std::string_view reply, const Options& options) {
  const std::optional<char> letter = prompt::answer_letter(reply, options);
  FUZZ_REQUIRE(!letter || options.contains(*letter));

  std::string with_returns;
  for (const char c : reply) with_returns += c == '\n' ? "\r\n" : std::string(1, c);
  FUZZ_REQUIRE(prompt::answer_letter(with_returns, options) == letter);

  const bool thinks_on = reply.find("<think>") != reply.npos;
  for (const auto& [last, text] : options) {
    const std::string answered =
        std::string(reply) + (thinks_on ? "\n</think>" : "") + "\n\nAnswer: " + last;
    FUZZ_REQUIRE(prompt::answer_letter(answered, options) == last);
  }

  const std::string reasoning = prompt::reasoning_of(reply);
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
