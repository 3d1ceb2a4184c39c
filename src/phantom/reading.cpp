#include "phantom/reading.h"

#include <string>
#include <vector>

#include "base/check.h"        // cat
#include "base/random.h"       // Random
#include "phantom/question.h"  // kNumOptions

namespace lmc::phantom {

namespace {

constexpr int kNumNamed = 10;

const std::vector<std::string> kWords = {
    "zero",    "one",   "two",     "three",  "four",     "left",     "right", "both",
    "neither", "equal", "none",    "same",   "opposite", "single",   "upper", "middle",
    "lower",   "clear", "opacity", "nodule", "nodules",  "effusion", "heart", "wide",
    "normal",  "lung",  "base",    "zone",   "side",     "count"};

}  // namespace

Json reading_conversation(int64_t index, int64_t seed) {
  Random random =
      Random::named(static_cast<uint64_t>(seed), "reading", static_cast<uint64_t>(index));
  std::vector<std::string> words = kWords;
  random.shuffle(words);
  words.resize(kNumOptions);
  std::string reply = "Options:";
  for (int i = 0; i < kNumNamed; ++i) {
    const auto option = static_cast<size_t>(random.integer(0, kNumOptions - 1));
    reply += cat(" ", words[option], " ", static_cast<char>('A' + option), ".");
  }
  std::string prompt;
  for (int i = 0; i < kNumOptions; ++i) {
    prompt += cat(static_cast<char>('A' + i), ". ", words[static_cast<size_t>(i)], "\n");
  }
  return {{"prompt", prompt + "\nName some of them, each with its letter."}, {"reply", reply}};
}

}  // namespace lmc::phantom
