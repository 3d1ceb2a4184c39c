#include "eval/evaluate.h"

#include <algorithm>
#include <functional>
#include <iomanip>
#include <sstream>
#include <utility>

#include "base/check.h"               // InputError
#include "base/files.h"               // AppendLog, write_file
#include "base/shard.h"               // Shard
#include "eval/endpoint_predictor.h"  // EndpointPredictor
#include "eval/engine_predictor.h"    // EnginePredictor
#include "eval/evaluation_prompts.h"  // EvaluationPrompts
#include "eval/prediction_set.h"      // coverage_of_rules
#include "eval/rescore.h"             // extractor_table
#include "eval/score.h"               // score
#include "record/run_folder.h"        // RunFolder, run_name
#include "record/run_lines.h"         // append_missing

namespace lmc::eval {

namespace {

constexpr char kWhere[] = "litemedcot evaluate";

void check_options(EvaluateOptions options) {
  check_fields(options.fields(), kWhere);
  infer::check_sampling(options.sampling);
  if (options.samples > 1 && options.mode != AnswerMode::kGenerate)
    throw InputError("--samples", cat("vote by their replies; --mode is ", name_of(options.mode)));
  if (options.mode == AnswerMode::kReasonedLikelihood &&
      options.reply != prompt::ReplyStyle::kReasoningThenAnswer)
    throw InputError("--reply", "must be reasoning for --mode reasoned-likelihood");
  if (options.samples > 1 && options.sampling.temperature == 0)
    throw InputError("--samples", "are all the same without a temperature", "--temperature 0.7");
}

// The questions of a shard: whole blocks of `batch`, dealt out in turn.
struct Part {
  std::vector<record::Question> questions;
  std::vector<uint64_t> indices;  // of each among all questions
};

Part part_of(const std::vector<record::Question>& questions, const Shard& shard, size_t batch) {
  Part part;
  for (size_t i = 0; i < questions.size(); ++i) {
    if (static_cast<int64_t>(i / batch) % shard.count != shard.index - 1) continue;
    part.questions.push_back(questions[i]);
    part.indices.push_back(i);
  }
  return part;
}

record::FolderOutput output_of(const EvaluateOptions& options, const record::Manifest& made_with) {
  std::vector<std::string> inputs = {options.questions};
  for (const record::ManifestInput& input : made_with.inputs) inputs.push_back(input.path);
  return run_output(options.out, inputs);
}

void check_same_questions(const std::vector<record::Answer>& answers,
                          const std::vector<record::Question>& questions, const std::string& path) {
  for (size_t i = 0; i < answers.size(); ++i) {
    if (i < questions.size() && answers[i].question_id == questions[i].id) continue;
    throw InputError(
        cat(path, ":", i + 1),
        cat("expected the answer to \"", i < questions.size() ? questions[i].id : "nothing more",
            "\", found \"", answers[i].question_id, "\""));
  }
}

}  // namespace

std::vector<record::Question> chosen_questions(const std::string& path, const std::string& split,
                                               int64_t limit) {
  std::vector<record::Question> questions = record::read_questions(path);
  if (!split.empty()) {
    std::erase_if(questions, [&](const record::Question& one) { return one.split != split; });
  }
  const auto most = static_cast<size_t>(limit);
  if (most > 0 && most < questions.size()) questions.resize(most);
  if (questions.empty()) throw InputError(path, "no question to evaluate on");
  return questions;
}

record::FolderOutput run_output(const std::string& folder, const std::vector<std::string>& inputs) {
  // The last two are those of a model behind an endpoint.
  const std::vector<std::string> files = {record::kManifestFile, record::kAnswersFile,
                                          record::kResultFile, record::kAsksFile,
                                          record::kRepliesFile};
  return {folder, "evaluate", inputs, files};
}

record::Manifest evaluation_manifest(const std::string& folder) {
  const std::string path = record::manifest_path(folder);
  record::Manifest manifest = record::read_manifest(path);
  if (manifest.command != "evaluate") {
    throw InputError(path, cat("expected the manifest of an evaluation, found the command \"",
                               manifest.command, "\""));
  }
  if (record::text_option(manifest, "questions").empty()) {
    throw InputError(path, "key \"options\": expected \"questions\", the file that was asked");
  }
  return manifest;
}

std::vector<Field> EvaluateOptions::fields() {
  std::vector<Field> all = grouped({
      under("Questions and run"),
      {"questions", "questions.jsonl", free_to_change(as_file(&questions)), true},
      {"out", "folder of the run", free_to_change(as_folder(&out)), true},
      {"name", "how reports call the run; default: the folder's name", free_to_change(&name)},
      under("How it is asked"),
      {"mode",
       "generate: read the reply; likelihood: compare the letters, without a reply; "
       "reasoned-likelihood: compare the letters after the reasoning of the reply",
       &mode},
      {"reply", "what the prompt asks for", &reply},
      under("Questions and run"),
      {"split", "only the questions of this split", &split},
      {"limit", "only the first so many; 0: all", &limit, at_least(0)},
      under("How it is asked"),
      {"batch", "questions decoded together", &batch, at_least(1)},
      {"samples", "replies to each question at a temperature, of which the commonest letter counts",
       &samples, at_least(1)},
      under("Questions and run"),
      {"shard", "answer one part of the questions, as 2/8; evaluate --merge joins the parts",
       &shard},
      under("How it is asked"),
      {"max-image-area", "image budget in pixels; 0: the model's own", &max_image_area,
       at_least(0)},
  });
  append_fields(all, "Sampling of replies", sampling.fields());
  return all;
}

PredictionOptions EvaluateOptions::prediction() const {
  PredictionOptions options;
  options.style = reply;
  options.by_likelihood = mode == AnswerMode::kLikelihood;
  options.weighs_letters = mode == AnswerMode::kReasonedLikelihood;
  options.samples = samples;
  options.sampling = sampling;
  return options;
}

record::Result evaluate(Predictor& predictor, const EvaluateOptions& options,
                        record::Manifest manifest, std::ostream& progress_out) {
  check_options(options);
  const auto batch = static_cast<size_t>(options.batch);
  const Part part = part_of(chosen_questions(options.questions, options.split, options.limit),
                            shard_from_word(options.shard), batch);
  const std::vector<record::Question>& questions = part.questions;
  if (questions.empty()) throw InputError("--shard", cat(options.shard, " holds no question"));
  const std::string path = record::answers_path(options.out);
  const record::RunFolder folder(output_of(options, manifest));
  folder.begin(record::stage_manifest(std::move(manifest), "evaluate",
                                      EvaluateOptions(options).fields(), {options.questions}),
               path);

  AppendLog log(path, "question_id");
  std::vector<record::Answer> answers = record::read_answers(path);
  check_same_questions(answers, questions, path);
  record::RunLines lines{"evaluate", "questions", kOnInterrupt, questions.size(),
                         predictor.block()};
  lines.make = [&](size_t begin, const auto& hand_on) {
    size_t next = begin;
    const std::function<void(record::Answer)> on_answer = [&](record::Answer answer) {
      const Json line = record::to_json(answer);
      if (next++ >= answers.size()) answers.push_back(std::move(answer));
      hand_on(line);
    };
    EvaluationPrompts prompts(questions, part.indices, on_answer);
    predictor.answer(prompts, begin);
  };
  record::append_missing(log, answers.size(), lines, progress_out);

  record::Result result = score(answers, questions);
  result.name = record::run_name(options.name, options.out);
  result.mode = name_of(options.mode);
  write_file(record::result_path(options.out), to_pretty_text(record::to_json(result)));
  return result;
}

record::Result evaluate(infer::Engine& engine, const prompt::Processor& given,
                        const EvaluateOptions& options, record::Manifest manifest,
                        std::ostream& progress_out) {
  const prompt::Processor processor = given.with_max_area_px(options.max_image_area);
  EnginePredictor predictor(engine, processor, options.prediction(), options.batch,
                            "--mode likelihood");
  return evaluate(predictor, options, std::move(manifest), progress_out);
}

record::Result evaluate(const EndpointModel& model, const EvaluateOptions& options,
                        std::ostream& progress_out) {
  if (options.mode != AnswerMode::kGenerate) {
    throw InputError(
        "--mode",
        cat("an endpoint replies; it does not tell what ", name_of(options.mode), " needs"),
        "--reply answer --top-log-probs 20");
  }
  EndpointPredictor predictor(model, options.prediction(),
                              {"evaluate", options.out, options.max_image_area}, progress_out);
  return evaluate(predictor, options, manifest(model), progress_out);
}

std::string summary(const record::Result& result) {
  std::ostringstream text;
  const auto percent = [](double share) { return 100 * share; };
  text << std::fixed << std::setprecision(1) << result.name << ": " << result.overall.correct
       << " of " << result.overall.total << " right, " << percent(result.overall.accuracy)
       << " % (95 % interval " << percent(result.overall.interval_95[0]) << " to "
       << percent(result.overall.interval_95[1])
       << ")\n  always giving the commonest letter: " << percent(result.best_letter_accuracy)
       << " %\n  without an answer " << result.no_answer << ", cut at the longest length "
       << result.truncated << ", not put " << result.errors << "\n"
       << extractor_table(result.extractors);
  if (result.confidence) {
    for (const record::PredictionSetRow& row : result.confidence->prediction_sets) {
      const auto [least, most] = coverage_of_rules(row.rule);
      text << "  sets of " << percent(row.rule.coverage) << " % coverage: hold the right option in "
           << percent(row.covered.accuracy) << " % (" << percent(row.covered.interval_95[0])
           << " to " << percent(row.covered.interval_95[1]) << "), " << std::setprecision(2)
           << row.mean_size << std::setprecision(1) << " options each; 95 of 100 rules from "
           << row.rule.num_items << " answers hold " << percent(least) << " to " << percent(most)
           << " %\n";
    }
  }
  return text.str();
}

}  // namespace lmc::eval
