#include "reading/option_order.h"

#include <algorithm>
#include <numeric>

#include "base/ascii_case.h"  // lower_case
#include "reading/letter_mentions.h"

namespace lmc::reading {

namespace {

bool speaks_of_those_above(const std::string& option) {
  const std::string lower = lower_case(option);
  for (const char* words : {"of the above", "of these", "of the options", "of the other"}) {
    if (lower.find(words) != lower.npos) return true;
  }
  return false;
}

}  // namespace

std::string movable_letters(const prompt::QuestionText& text) {
  if (!letter_mentions(text.question, text.options).places.empty()) return {};
  std::string movable;
  for (const auto& [letter, option] : text.options) {
    const LetterMentions mentions = letter_mentions(option, text.options);
    if (mentions.unclear || !mentions.places.empty()) return {};
    if (!speaks_of_those_above(option)) {
      movable += letter;
    } else if (letter != text.options.rbegin()->first) {
      return {};
    }
  }
  return movable.size() < 2 ? std::string() : movable;
}

std::map<char, char> draw_letters(const prompt::QuestionText& text, const std::string& movable,
                                  char gold, char new_gold, Random& random) {
  std::map<char, char> renamed;
  for (const auto& [letter, option] : text.options) renamed[letter] = letter;
  std::vector<char> places;
  for (const char letter : movable) {
    if (letter != new_gold) places.push_back(letter);
  }
  random.shuffle(places);
  size_t next = 0;
  for (const char letter : movable) {
    renamed[letter] = letter == gold ? new_gold : places.at(next++);
  }
  return renamed;
}

std::vector<char> balanced_letters(const std::vector<std::string>& allowed, uint64_t seed,
                                   int64_t epoch) {
  Random random = Random::named(seed, "gold letters", static_cast<uint64_t>(epoch));
  std::vector<size_t> order(allowed.size());
  std::iota(order.begin(), order.end(), size_t{0});
  random.shuffle(order);
  // Those with the least choice first: the others then make up for them.
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return allowed[a].size() < allowed[b].size(); });
  std::map<char, int64_t> counts;
  std::vector<char> letters(allowed.size());
  for (const size_t question : order) {
    std::vector<char> rarest;
    for (const char letter : allowed[question]) {
      if (!rarest.empty() && counts[letter] > counts[rarest[0]]) continue;
      if (!rarest.empty() && counts[letter] < counts[rarest[0]]) rarest.clear();
      rarest.push_back(letter);
    }
    letters[question] = random.pick(rarest);
    ++counts[letters[question]];
  }
  return letters;
}

}  // namespace lmc::reading
