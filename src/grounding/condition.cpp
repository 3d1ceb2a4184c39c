#include "grounding/condition.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"            // InputError, LMC_CHECK
#include "base/fields.h"           // nearest_word
#include "grounding/image_swap.h"  // swapped_images

namespace lmc::grounding {

namespace {

constexpr std::array<std::pair<Condition, std::string_view>, 14> kNames = {{
    {Condition::kReal, "real"},
    {Condition::kGrey, "grey"},
    {Condition::kBlack, "black"},
    {Condition::kWhite, "white"},
    {Condition::kNoise, "noise"},
    {Condition::kAbsent, "absent"},
    {Condition::kShuffled, "shuffled"},
    {Condition::kShuffledModality, "shuffled-modality"},
    {Condition::kPatchShuffled, "patch-shuffled"},
    {Condition::kLowPass, "low-pass"},
    {Condition::kHighPass, "high-pass"},
    {Condition::kRotation, "rotation"},
    {Condition::kOptionHidden, "option-hidden"},
    {Condition::kCaption, "caption"},
}};

constexpr std::string_view kNoneOfThese = "None of these";

// What a question must have under a condition; nullptr: nothing.
const char* needs(Condition condition) {
  if (condition == Condition::kCaption) return "caption";
  if (condition == Condition::kShuffledModality) return "modality";
  return nullptr;
}

bool has_what_it_takes(const record::Question& question, Condition condition) {
  if (condition == Condition::kCaption) return !question.caption.empty();
  if (condition == Condition::kShuffledModality) return !question.modality.empty();
  return true;
}

bool is_possible(Condition condition, const std::vector<record::Question>& questions) {
  return std::any_of(questions.begin(), questions.end(), [&](const record::Question& question) {
    return has_what_it_takes(question, condition);
  });
}

Condition condition_from_name(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [condition, word] : kNames) {
    if (word == name) return condition;
    known.emplace_back(word);
  }
  const std::string near = nearest_word(name, known);
  throw InputError("--conditions", cat("unknown condition \"", name, "\""),
                   near.empty() ? "see ground --help" : cat("did you mean ", near, "?"));
}

std::vector<char> letters_of(const record::Question& question) {
  std::vector<char> letters;
  for (const auto& [letter, text] : question.options) letters.push_back(letter);
  return letters;
}

size_t place_of(const std::vector<char>& letters, char letter) {
  const auto found = std::find(letters.begin(), letters.end(), letter);
  LMC_CHECK(found != letters.end(), "letter ", letter, " of ", letters.size(), " options");
  return static_cast<size_t>(found - letters.begin());
}

}  // namespace

std::string_view condition_name(Condition condition) {
  return kNames[static_cast<size_t>(condition)].second;
}

bool shows_a_file(Condition condition) {
  switch (condition) {
    case Condition::kGrey:
    case Condition::kBlack:
    case Condition::kWhite:
    case Condition::kNoise:
    case Condition::kAbsent:
      return false;
    default:
      return true;
  }
}

std::vector<Condition> conditions_from_names(const std::vector<std::string>& names,
                                             const std::vector<record::Question>& questions) {
  std::vector<Condition> wanted;
  for (const std::string& name : names) {
    wanted.push_back(condition_from_name(name));
    if (!is_possible(wanted.back(), questions)) {
      throw InputError("--conditions", cat(name, ": no question has a ", needs(wanted.back())));
    }
  }
  std::vector<Condition> chosen;
  for (const auto& [condition, word] : kNames) {
    const bool is_wanted = condition == Condition::kReal ||
                           std::find(wanted.begin(), wanted.end(), condition) != wanted.end() ||
                           (names.empty() && is_possible(condition, questions));
    if (is_wanted) chosen.push_back(condition);
  }
  return chosen;
}

std::vector<Ask> plan_asks(const std::vector<record::Question>& questions,
                           const std::vector<Condition>& conditions, int64_t shuffles,
                           uint64_t seed) {
  const auto swaps_under = [&](Condition condition) {
    std::vector<ImageSwap> swaps;
    const auto found = std::find(conditions.begin(), conditions.end(), condition);
    for (int64_t k = 0; found != conditions.end() && k < shuffles; ++k) {
      swaps.push_back(swapped_images(questions, condition == Condition::kShuffledModality,
                                     seed + static_cast<uint64_t>(k)));
    }
    return swaps;
  };
  const std::vector<ImageSwap> within_set = swaps_under(Condition::kShuffled);
  const std::vector<ImageSwap> within_modality = swaps_under(Condition::kShuffledModality);

  std::vector<Ask> asks;
  for (size_t i = 0; i < questions.size(); ++i) {
    for (const Condition condition : conditions) {
      if (!has_what_it_takes(questions[i], condition)) continue;
      if (condition == Condition::kShuffled || condition == Condition::kShuffledModality) {
        const auto& swaps = condition == Condition::kShuffled ? within_set : within_modality;
        for (size_t k = 0; k < swaps.size(); ++k) {
          if (!swaps[k][i]) continue;
          asks.push_back({i, condition, static_cast<int64_t>(k), *swaps[k][i]});
        }
      } else if (condition == Condition::kRotation) {
        const auto count = static_cast<int64_t>(questions[i].options.size());
        for (int64_t places = 1; places < count; ++places) {
          asks.push_back({i, condition, places, i});
        }
      } else {
        asks.push_back({i, condition, 0, i});
      }
    }
  }
  return asks;
}

record::Question rotated(const record::Question& question, int64_t places) {
  const std::vector<char> letters = letters_of(question);
  record::Question moved = question;
  for (size_t i = 0; i < letters.size(); ++i) {
    const size_t to = (i + static_cast<size_t>(places)) % letters.size();
    moved.options[letters[to]] = question.options.at(letters[i]);
    if (letters[i] == question.answer) moved.answer = letters[to];
  }
  return moved;
}

char letter_before_rotation(const record::Question& question, int64_t places, char shown) {
  const std::vector<char> letters = letters_of(question);
  const size_t count = letters.size();
  const size_t back = static_cast<size_t>(places) % count;
  return letters[(place_of(letters, shown) + count - back) % count];
}

record::Question with_option_hidden(const record::Question& question) {
  record::Question changed = question;
  changed.options[question.answer] = kNoneOfThese;
  return changed;
}

}  // namespace lmc::grounding
