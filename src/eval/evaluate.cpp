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
#include "eval/rescore.h"             // extractor_table
#include "eval/run_folder.h"          // begin_run_folder, append_missing
#include "eval/score.h"               // score

namespace lmc::eval {

namespace {

constexpr char kWhere[] = "litemedcot evaluate";

void check_options(EvaluateOptions options) {
  check_fields(options.fields(), kWhere);
  infer::check_sampling(options.sampling);
  if (options.samples > 1 && options.mode != "generate")
    throw InputError("--samples", cat("vote by their replies; --mode is ", options.mode));
  if (options.mode == "reasoned-likelihood" && options.reply != "reasoning")
    throw InputError("--reply", "must be reasoning for --mode reasoned-likelihood");
  if (options.samples > 1 && options.sampling.temperature == 0)
    throw InputError("--samples", "are all the same without a temperature", "--temperature 0.7");
}

// What decides the lines of this folder: a shard's are its own.
Json work_of(const Json& manifest) {
  Json work = run_identity(manifest);
  work["shard"] = manifest.value("options", Json::object()).value("shard", "");
  return work;
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

Json manifest_of(const EvaluateOptions& options, record::Manifest manifest) {
  EvaluateOptions copy = options;
  manifest.options.update(fields_to_json(copy.fields()));
  manifest.command = "evaluate";
  manifest.inputs.push_back(options.questions);
  return record::to_json(manifest);
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

std::vector<Field> EvaluateOptions::fields() {
  std::vector<Field> all = grouped({
      under("Questions and run"),
      {"questions", "questions.jsonl", as_file(&questions), true},
      {"out", "folder of the run", as_folder(&out), true},
      {"name", "how reports call the run; default: the folder's name", &name},
      under("How it is asked"),
      {"mode",
       "generate: read the reply; likelihood: compare the letters, without a reply; "
       "reasoned-likelihood: compare the letters after the reasoning of the reply",
       &mode,
       false,
       {"generate", "likelihood", "reasoned-likelihood"}},
      {"reply",
       "what the prompt asks for",
       &reply,
       false,
       {"reasoning", "answer", "answer-reasoning"}},
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
      {"max-image-area", "picture budget in pixels; 0: the model's own", &max_image_area,
       at_least(0)},
  });
  append_fields(all, "Sampling of replies", sampling.fields());
  return all;
}

PredictionOptions EvaluateOptions::prediction() const {
  PredictionOptions options;
  options.style = reply == "answer"             ? prompt::ReplyStyle::kAnswerOnly
                  : reply == "answer-reasoning" ? prompt::ReplyStyle::kAnswerThenReasoning
                                                : prompt::ReplyStyle::kReasoningThenAnswer;
  options.by_likelihood = mode == "likelihood";
  options.weighs_letters = mode == "reasoned-likelihood";
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
  const std::string path = options.out + "/answers.jsonl";
  begin_run_folder(options.out, path, manifest_of(options, std::move(manifest)), work_of);

  AppendLog log(path);
  std::vector<record::Answer> answers = record::read_answers(path);
  check_same_questions(answers, questions, path);
  Lines lines{"evaluate", "questions", kOnInterrupt, questions.size(), predictor.block()};
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
  append_missing(log, answers.size(), lines, progress_out);

  record::Result result = score(answers, questions);
  result.name = run_name(options.name, options.out);
  result.mode = options.mode;
  write_file(options.out + "/result.json", to_pretty_text(record::to_json(result)));
  return result;
}

record::Result evaluate(infer::Engine& engine, prompt::Processor& processor,
                        const EvaluateOptions& options, record::Manifest manifest,
                        std::ostream& progress_out) {
  if (options.max_image_area > 0) processor.set_max_area_px(options.max_image_area);
  EnginePredictor predictor(engine, processor, options.prediction(), options.batch,
                            "--mode likelihood");
  return evaluate(predictor, options, std::move(manifest), progress_out);
}

record::Result evaluate(const EndpointModel& model, const EvaluateOptions& options,
                        std::ostream& progress_out) {
  if (options.mode != "generate") {
    throw InputError("--mode",
                     cat("an endpoint replies; it does not tell what ", options.mode, " needs"),
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
  return text.str();
}

}  // namespace lmc::eval
