#include "eval/rescore.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <unordered_map>

#include "base/check.h"  // InputError, LMC_CHECK
#include "eval/calibration.h"
#include "eval/confidence.h"
#include "eval/evaluate.h"  // evaluation_manifest, run_output
#include "eval/graders/extractor.h"
#include "eval/prediction_set.h"  // fit_prediction_sets
#include "eval/score.h"
#include "record/run_folder.h"  // write_run_folder

namespace lmc::eval {

namespace {

constexpr char kByLetters[] = "likelihood";

Verdict grade(const Extractor& extractor, const std::string& reply, const record::Answer& answer,
              const record::Question& question) {
  return extractor.grade({reply, question.options, answer.gold, answer.letter_log_probability});
}

std::string letter_of(const Verdict& verdict, const std::string& gold) {
  if (verdict.correct) return gold;
  const std::string letter = verdict.letter ? std::string(1, *verdict.letter) : "";
  return letter == gold ? "" : letter;
}

bool has_replies(std::span<const record::Answer> answers) {
  return std::any_of(answers.begin(), answers.end(),
                     [](const record::Answer& answer) { return !answer.finish.empty(); });
}

bool has_log_probabilities(std::span<const record::Answer> answers) {
  return std::any_of(answers.begin(), answers.end(), [](const record::Answer& answer) {
    return !answer.letter_log_probability.empty();
  });
}

// The questions of the answers, in their order.
std::vector<record::Question> questions_of(std::span<const record::Answer> answers,
                                           const std::string& path) {
  std::unordered_map<std::string, record::Question> by_id;
  record::for_each_question(path, [&](record::Question question, const std::string&) {
    by_id[question.id] = std::move(question);
  });
  std::vector<record::Question> found;
  for (const record::Answer& answer : answers) {
    const auto place = by_id.find(answer.question_id);
    if (place == by_id.end()) {
      throw InputError(path, cat("has no question \"", answer.question_id, "\""),
                       "name the run's questions with --questions");
    }
    if (std::string(1, place->second.answer) != answer.gold) {
      throw InputError(path,
                       cat("the gold letter of \"", answer.question_id, "\" is ",
                           std::string(1, place->second.answer), ", the run's is ", answer.gold));
    }
    found.push_back(place->second);
  }
  return found;
}

}  // namespace

std::vector<record::Answer> read_again(std::span<const record::Answer> answers,
                                       std::span<const record::Question> questions,
                                       const std::string& extractor) {
  LMC_CHECK(answers.size() == questions.size(), "answers to other questions");
  const Extractor& by = find_extractor(extractor);
  std::vector<record::Answer> read(answers.begin(), answers.end());
  for (size_t i = 0; i < read.size(); ++i) {
    record::Answer& answer = read[i];
    if (!answer.error.empty()) continue;
    for (record::AnswerSample& sample : answer.samples) {
      sample.letter = letter_of(grade(by, sample.reply, answer, questions[i]), answer.gold);
    }
    if (answer.samples.empty()) {
      answer.letter = letter_of(grade(by, answer.reply, answer, questions[i]), answer.gold);
    } else {
      record::take_vote(answer);
    }
  }
  return read;
}

std::vector<record::ExtractorRow> compare_extractors(std::span<const record::Answer> answers,
                                                     std::span<const record::Question> questions) {
  const bool replies = has_replies(answers), letters = has_log_probabilities(answers);
  std::vector<record::ExtractorRow> rows;
  for (const Extractor& extractor : extractors()) {
    if (extractor.name == kByLetters ? !letters : !replies) continue;
    record::ExtractorRow row{std::string(extractor.name), 0, 0, {}};
    for (size_t i = 0; i < answers.size(); ++i) {
      ++row.graded_right.total;
      if (!answers[i].error.empty()) continue;
      const Verdict verdict = grade(extractor, answers[i].reply, answers[i], questions[i]);
      row.graded_right.correct += verdict.correct ? 1 : 0;
      row.no_answer += verdict.basis == Basis::kNothing ? 1 : 0;
      row.by_default += verdict.basis == Basis::kDefault || verdict.basis == Basis::kFuzzy ? 1 : 0;
    }
    row.graded_right = record::proportion_of(row.graded_right.correct, row.graded_right.total);
    rows.push_back(std::move(row));
  }
  return rows;
}

record::Result rescore(const RescoreOptions& options) {
  if (!options.out.empty()) record::check_folder_output(run_output(options.out, {options.run}));
  record::Manifest manifest = evaluation_manifest(options.run);
  const std::vector<record::Answer> stored =
      record::read_answers(record::answers_path(options.run));
  const std::vector<record::Question> questions =
      questions_of(stored, options.questions.empty() ? record::text_option(manifest, "questions")
                                                     : options.questions);
  const std::string mode = record::text_option(manifest, "mode");
  std::string extractor = options.extractor;
  if (extractor.empty()) {
    // As the run itself did.
    extractor = mode.empty() || mode == "generate" ? "ours" : kByLetters;
  }
  const std::vector<record::Answer> answers = read_again(stored, questions, extractor);
  record::Result result = score(answers, questions, options.calibration);
  result.extractor = extractor;
  result.mode = mode;
  const std::string given = record::text_option(manifest, "name");
  result.name = record::run_name(options.out.empty() ? given : "",
                                 options.out.empty() ? options.run : options.out);
  if (options.out.empty()) return result;
  manifest.further["rescored_from"] = options.run;
  manifest.further["extractor"] = extractor;
  if (options.calibration) {
    manifest.further["calibration"] = record::to_json(*options.calibration);
  }
  record::write_run_folder(run_output(options.out, {options.run}), manifest,
                           record::answers_path(options.out), record::lines_of(answers),
                           record::to_json(result));
  return result;
}

record::Calibration calibrate_on(const std::string& run, record::CalibrationMethod method) {
  const std::string path = record::answers_path(run);
  const std::vector<record::Answer> answers = record::read_answers(path);
  const std::vector<OptionScores> scores = all_option_scores(answers);
  std::optional<record::Calibration> fitted;
  if (method == record::CalibrationMethod::kTemperature) {
    fitted = fit_temperature(scores);
    // What has no scores is left out before the fit sees it.
    if (fitted) fitted->num_left_out += static_cast<int64_t>(answers.size() - scores.size());
  } else {
    std::vector<GradedAnswer> graded_answers;
    for (const record::Answer& answer : answers) graded_answers.push_back(graded(answer));
    fitted = fit_platt(graded_answers);
  }
  if (!fitted) {
    throw InputError(path, "nothing to fit a confidence to",
                     "evaluate with --mode likelihood or reasoned-likelihood");
  }
  fitted->fitted_on = path;
  for (const double coverage : kSetCoverages) {
    fitted->prediction_sets.push_back(fit_prediction_sets(scores, coverage));
  }
  return *fitted;
}

std::string extractor_table(std::span<const record::ExtractorRow> rows) {
  std::ostringstream text;
  text << "  extractor              right   no answer   by default or likeness\n" << std::fixed;
  for (const record::ExtractorRow& row : rows) {
    text << "  " << std::left << std::setw(21) << row.name << std::right << std::setw(6)
         << std::setprecision(1) << 100 * row.graded_right.accuracy << " %" << std::setw(11)
         << row.no_answer << std::setw(13) << row.by_default << "\n";
  }
  return text.str();
}

}  // namespace lmc::eval
