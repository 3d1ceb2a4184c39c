#include "eval/score.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"         // InputError, LMC_CHECK
#include "base/json.h"          // read_json
#include "base/wilson.h"        // wilson_interval_95
#include "eval/letter_skill.h"  // letter_skill
#include "eval/mcnemar.h"       // mcnemar_exact

namespace lmc::eval {

namespace {

bool is_right(const record::Answer& answer) {
  return !answer.letter.empty() && answer.letter == answer.gold;
}

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

void add(record::Share& share, bool right) {
  ++share.total;
  if (right) ++share.correct;
}

void finish(record::Share& share) {
  share.accuracy = ratio(share.correct, share.total);
  share.interval_95 = wilson_interval_95(share.correct, share.total);
}

}  // namespace

record::Result score(std::span<const record::Answer> answers,
                     std::span<const record::Question> questions) {
  LMC_CHECK(answers.size() == questions.size(), answers.size(), " answers to ", questions.size(),
            " questions");
  record::Result result;
  std::map<char, record::Share> by_gold;
  int64_t tokens = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    const record::Answer& answer = answers[i];
    LMC_CHECK(answer.question_id == questions[i].id, answer.question_id, " and ", questions[i].id);
    const bool right = is_right(answer);
    add(result.overall, right);
    add(result.by_split[questions[i].split], right);
    add(result.by_source[questions[i].source], right);
    add(by_gold[questions[i].answer], right);
    ++result.gold_letters[questions[i].answer];
    if (!answer.error.empty()) {
      ++result.errors;
    } else if (answer.letter.empty()) {
      ++result.no_answer;
    } else {
      ++result.predicted_letters[answer.letter[0]];
    }
    if (answer.finish == "length") ++result.truncated;
    tokens += answer.reply_tokens;
  }
  finish(result.overall);
  for (auto& [name, share] : result.by_split) finish(share);
  for (auto& [name, share] : result.by_source) finish(share);
  const LetterSkill letters = letter_skill(by_gold);
  result.letter_balanced_accuracy = letters.balanced_accuracy;
  result.best_letter_accuracy = letters.prior;
  result.mean_reply_tokens = ratio(tokens, result.overall.total);
  return result;
}

record::PairComparison compare(std::span<const record::Answer> first,
                               std::span<const record::Answer> second) {
  std::unordered_map<std::string, const record::Answer*> by_id;
  for (const record::Answer& answer : first) by_id[answer.question_id] = &answer;
  record::PairComparison pair;
  for (const record::Answer& answer : second) {
    const auto found = by_id.find(answer.question_id);
    if (found == by_id.end()) continue;
    if (found->second->gold != answer.gold) {
      throw InputError(answer.question_id,
                       cat("its gold letter is ", found->second->gold, " in one run and ",
                           answer.gold, " in the other"),
                       "the runs answer different questions of the same id");
    }
    const bool first_right = is_right(*found->second);
    const bool second_right = is_right(answer);
    if (first_right && second_right) {
      ++pair.both_right;
    } else if (first_right) {
      ++pair.only_first_right;
    } else if (second_right) {
      ++pair.only_second_right;
    } else {
      ++pair.both_wrong;
    }
  }
  pair.p_value = mcnemar_exact(pair.only_first_right, pair.only_second_right);
  return pair;
}

namespace {

// Runs of the same name are told apart by their folders.
void make_names_distinct(std::vector<record::Result>& runs,
                         const std::vector<std::string>& folders) {
  std::map<std::string, int> uses;
  for (const record::Result& run : runs) ++uses[run.name];
  for (size_t i = 0; i < runs.size(); ++i) {
    if (uses[runs[i].name] > 1) runs[i].name = folders[i];
  }
}

}  // namespace

record::Comparison compare_runs(const std::vector<std::string>& folders) {
  record::Comparison comparison;
  std::vector<std::vector<record::Answer>> answers;
  for (const std::string& folder : folders) {
    const std::string path = folder + "/result.json";
    comparison.runs.push_back(record::result_from_json(read_json(path), path));
    answers.push_back(record::read_answers(folder + "/answers.jsonl"));
  }
  make_names_distinct(comparison.runs, folders);
  for (size_t i = 0; i < folders.size(); ++i) {
    for (size_t j = i + 1; j < folders.size(); ++j) {
      record::PairComparison pair = compare(answers[i], answers[j]);
      if (pair.total() == 0) continue;
      pair.first = comparison.runs[i].name;
      pair.second = comparison.runs[j].name;
      comparison.pairs.push_back(std::move(pair));
    }
  }
  return comparison;
}

}  // namespace lmc::eval
