#include "teacher/acceptance.h"

#include <algorithm>

#include "base/check.h"             // InputError, cat
#include "reading/answer_letter.h"  // answer_letter, reasoning_of
#include "teacher/candidate.h"      // Candidate
#include "teacher/form_rules.h"     // is_too_short, ...
#include "teacher/reply_rules.h"    // is_truncated, ...
#include "teacher/unseen_rules.h"   // leaks_gold, ...

namespace lmc::teacher {

namespace {

constexpr Rule kRules[] = {
    {"truncated", "ended by the token limit", is_truncated},
    {"refused", "the teacher, or a filter before it, declined; or speaks of being an AI",
     is_refused},
    {"empty", "no text", is_empty, false},
    {"no-answer", "no letter can be read", has_no_answer, false},
    {"wrong-answer", "the letter is not the gold one", has_wrong_answer},
    {"no-reasoning", "a bare letter", has_no_reasoning},
    {"gold-leak", "says that the answer was given", leaks_gold},
    {"cites-caption", "speaks of a caption that the student will not see", cites_caption},
    {"copies-caption", "repeats eight words of a caption that the teacher saw", copies_caption},
    {"other-panels", "speaks of panels, figures, tables or a text beside the image",
     speaks_of_other_panels},
    {"too-short", "fewer words than --min-words", is_too_short},
    {"too-long", "more words than --max-words", is_too_long},
    {"language", "not in the question's language", is_in_another_language},
    {"repetition", "says the same again and again", repeats_itself},
};

bool is_off(const AcceptanceOptions& options, std::string_view name) {
  return std::find(options.off.begin(), options.off.end(), name) != options.off.end();
}

std::string reason_to_reject(const Candidate& candidate) {
  for (const Rule& rule : kRules) {
    const bool asked = !rule.can_be_off || !is_off(candidate.options, rule.name);
    if (asked && rule.rejects(candidate)) return std::string(rule.name);
  }
  return {};
}

Verdict verdict_on(Candidate candidate) {
  Verdict verdict;
  verdict.reason = reason_to_reject(candidate);
  verdict.accepted = verdict.reason.empty();
  verdict.letter = std::move(candidate.letter);
  verdict.reasoning = std::move(candidate.reasoning);
  return verdict;
}

std::string names_of_rules(bool only_optional) {
  std::string names;
  for (const Rule& rule : kRules) {
    if (only_optional && !rule.can_be_off) continue;
    names += cat(names.empty() ? "" : ", ", rule.name);
  }
  return names;
}

}  // namespace

std::span<const Rule> acceptance_rules() { return kRules; }

std::vector<Field> AcceptanceOptions::fields() {
  return {
      {"rules-off", cat("acceptance rules not to ask: ", names_of_rules(true)), &off},
      {"min-words", "shortest explanation to accept", &min_words, at_least(0)},
      {"max-words", "longest explanation to accept", &max_words, at_least(1)},
  };
}

void AcceptanceOptions::check() const {
  AcceptanceOptions copy = *this;
  check_fields(copy.fields());
  std::vector<std::string> known;
  for (const Rule& rule : kRules) known.emplace_back(rule.name);
  for (const std::string& name : off) {
    const auto* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                    [&](const Rule& r) { return r.name == name; });
    if (rule == std::end(kRules)) {
      const std::string near = nearest_word(name, known);
      throw InputError("--rules-off", cat("no rule is named \"", name, "\""),
                       near.empty() ? cat("the rules are ", names_of_rules(true))
                                    : cat("did you mean \"", near, "\"?"));
    }
    if (!rule->can_be_off) {
      throw InputError("--rules-off", cat("the rule ", name, " stays on"),
                       "without text or answer there is nothing to learn");
    }
  }
  if (max_words < min_words) {
    throw InputError("--max-words", cat("expected at least ", min_words, ", found ", max_words));
  }
}

Verdict judge(const client::Completion& reply, const record::Question& question,
              const AcceptanceOptions& options) {
  const auto letter = reading::answer_letter(reply.text, question.options);
  std::string reasoning = reading::reasoning_of(reply.text);
  reading::Words words(reasoning);
  return verdict_on({question, options, reply.text, reply.finish, reply.declined,
                     letter ? std::string(1, *letter) : std::string(), std::move(reasoning),
                     std::move(words)});
}

Verdict judge_explanation(const std::string& reasoning, const std::string& letter,
                          const record::Question& question, const AcceptanceOptions& options) {
  return verdict_on(
      {question, options, reasoning, "", false, letter, reasoning, reading::Words(reasoning)});
}

}  // namespace lmc::teacher
