#include "teacher/reply_rules.h"

#include <algorithm>
#include <cctype>

#include "teacher/candidate.h"  // Candidate

namespace lmc::teacher {

namespace {

// A bare "The answer is B." has fewer; one short sentence of reasoning has more.
constexpr size_t kMinReasoningLetters = 24;

const reading::Phrases& refusals() {
  static const reading::Phrases phrases{
      "i'm sorry",
      "i am sorry",
      "i apologize|apologise",
      "i can't|cannot assist|help|provide !but",
      "i'm unable to",
      "i'm not able to",
      "i am unable to",
      "i am not able to",
      "as an ai",
      "as a ?large language model",
      "i'm an ai",
      "i am an ai",
      "not a substitute for professional",
      "抱歉 我 无法",
      "抱歉 我 不能",
      "我 无法 提供",
      "我 不能 提供",
  };
  return phrases;
}

}  // namespace

bool is_truncated(const Candidate& candidate) { return candidate.finish == "length"; }

bool is_refused(const Candidate& candidate) {
  return candidate.declined || candidate.finish == "content_filter" ||
         (candidate.whole == candidate.reasoning ? refusals().in(candidate.words)
                                                 : refusals().in(reading::Words(candidate.whole)));
}

bool is_empty(const Candidate& candidate) {
  return std::all_of(candidate.whole.begin(), candidate.whole.end(),
                     [](unsigned char c) { return std::isspace(c) != 0; });
}

bool has_no_answer(const Candidate& candidate) { return candidate.letter.empty(); }

bool has_wrong_answer(const Candidate& candidate) {
  return candidate.letter != std::string_view(&candidate.question.answer, 1);
}

bool has_no_reasoning(const Candidate& candidate) {
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0 || c >= 0x80; };
  return static_cast<size_t>(std::count_if(candidate.reasoning.begin(), candidate.reasoning.end(),
                                           is_letter)) < kMinReasoningLetters;
}

}  // namespace lmc::teacher
