#include "eval/graders/extractor.h"

#include <vector>

#include "base/check.h"                         // InputError
#include "base/fields.h"                        // nearest_word
#include "eval/graders/published_extractors.h"  // medvint, ...
#include "reading/answer_letter.h"              // answer_letter

namespace lmc::eval {

namespace {

Verdict ours(const ReplyToGrade& one) {
  const std::optional<char> letter = reading::answer_letter(one.reply, one.options);
  if (!letter) return {};
  return {letter, std::string_view(&*letter, 1) == one.gold, Basis::kRead};
}

constexpr Extractor kExtractors[] = {
    {"ours", "what the reply states, else no answer", ours},
    {"medvint", "the most similar option", medvint},
    {"medvint-td", "the option most similar to the reply's last character", medvint_td},
    {"medvint-te", "the letter most similar to the reply", medvint_te},
    {"medvlthinker", "the tagged answer, equal to letter or text", medvlthinker},
    {"medvlthinker-regrade", "what follows \"answer is\" and the like, equal to letter or text",
     medvlthinker_regrade},
    {"medevalkit", "a letter, else the most similar option, else the first", medevalkit},
    {"likelihood", "the likeliest letter; the reply is not read", likelihood},
};

}  // namespace

std::string_view basis_name(Basis basis) {
  switch (basis) {
    case Basis::kNothing:
      return "nothing";
    case Basis::kRead:
      return "read";
    case Basis::kFuzzy:
      return "fuzzy";
    case Basis::kDefault:
      return "default";
    case Basis::kLikelihood:
      return "likelihood";
  }
  return "";
}

std::span<const Extractor> extractors() { return kExtractors; }

const Extractor& find_extractor(std::string_view name) {
  std::vector<std::string> known;
  std::string list;
  for (const Extractor& one : kExtractors) {
    if (one.name == name) return one;
    known.emplace_back(one.name);
    list += (list.empty() ? "" : ", ") + known.back();
  }
  const std::string near = nearest_word(name, known);
  throw InputError("extractor", cat("there is no \"", name, "\""),
                   near.empty() ? cat("one of ", list) : cat("did you mean ", near, "?"));
}

}  // namespace lmc::eval
