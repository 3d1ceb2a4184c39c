#include "eval/evaluate.h"

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <sstream>

#include "base/check.h"         // InputError, Interrupted
#include "base/files.h"         // AppendLog, make_folder
#include "base/interrupt.h"     // interrupt_requested
#include "base/json.h"          // read_json
#include "base/progress.h"      // Progress
#include "eval/answer_block.h"  // answer_block
#include "eval/score.h"         // score

namespace lmc::eval {

namespace {

constexpr char kWhere[] = "litemedcot evaluate";

void check_options(EvaluateOptions options) {
  check_fields(options.fields(), kWhere);
  infer::check_sampling(options.sampling);
  if (options.batch < 1)
    throw InputError("--batch", cat("expected 1 or more, found ", options.batch));
  if (options.limit < 0)
    throw InputError("--limit", cat("expected 0 or more, found ", options.limit));
}

std::vector<record::Question> read_wanted(const EvaluateOptions& options) {
  std::vector<record::Question> questions = record::read_questions(options.questions);
  if (!options.split.empty()) {
    std::erase_if(questions,
                  [&](const record::Question& one) { return one.split != options.split; });
  }
  const auto limit = static_cast<size_t>(options.limit);
  if (limit > 0 && limit < questions.size()) questions.resize(limit);
  if (questions.empty()) throw InputError(options.questions, "no question to evaluate on");
  return questions;
}

// What decides the answers: all options but the names of things, and the hashes of the inputs.
Json identity(const Json& manifest) {
  Json options = manifest.value("options", Json::object());
  for (const char* name : {"out", "name", "questions"}) options.erase(name);
  Json hashes = Json::array();
  for (const Json& input : manifest.value("inputs", Json::array())) {
    hashes.push_back(input.value("sha256", ""));
  }
  return {{"options", options}, {"inputs", hashes}};
}

// Writes manifest.json, and refuses a folder whose answers were made otherwise.
void begin_folder(const EvaluateOptions& options, record::Manifest manifest) {
  EvaluateOptions copy = options;
  const Json fields = fields_to_json(copy.fields());
  if (manifest.options.is_null()) manifest.options = Json::object();
  for (const auto& [key, value] : fields.items()) manifest.options[key] = value;
  manifest.command = "evaluate";
  manifest.inputs.push_back(options.questions);
  const Json json = record::to_json(manifest);
  const std::string path = options.out + "/manifest.json";
  const bool has_answers = file_exists(options.out + "/answers.jsonl");
  if (has_answers && (!file_exists(path) || identity(read_json(path)) != identity(json))) {
    throw InputError(options.out, "its answers were made with other options or inputs",
                     "name another folder with --out");
  }
  make_folder(options.out);
  write_file(path, to_pretty_text(json));
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

std::vector<Field> EvaluateOptions::fields() {
  std::vector<Field> all = {
      {"questions", "questions.jsonl", &questions, true},
      {"out", "folder of the run", &out, true},
      {"name", "how reports call the run; default: the folder's name", &name},
      {"mode",
       "generate: read the reply; likelihood: compare the letters, without a reply",
       &mode,
       false,
       {"generate", "likelihood"}},
      {"reply",
       "what the prompt asks for",
       &reply,
       false,
       {"reasoning", "answer", "answer-reasoning"}},
      {"split", "only the questions of this split", &split},
      {"limit", "only the first so many; 0: all", &limit},
      {"batch", "questions decoded together", &batch},
      {"max-image-area", "picture budget in pixels; 0: the model's own", &max_image_area},
  };
  for (Field& field : sampling.fields()) all.push_back(field);
  return all;
}

record::Result evaluate(infer::Engine& engine, prompt::Processor& processor,
                        const EvaluateOptions& options, record::Manifest manifest,
                        std::ostream& progress_out) {
  check_options(options);
  const std::vector<record::Question> questions = read_wanted(options);
  if (options.max_image_area > 0) processor.set_max_area_px(options.max_image_area);
  begin_folder(options, std::move(manifest));

  AskOptions ask;
  ask.style = options.reply == "answer"             ? prompt::ReplyStyle::kAnswerOnly
              : options.reply == "answer-reasoning" ? prompt::ReplyStyle::kAnswerThenReasoning
                                                    : prompt::ReplyStyle::kReasoningThenAnswer;
  ask.by_likelihood = options.mode == "likelihood";
  ask.sampling = options.sampling;

  const std::string path = options.out + "/answers.jsonl";
  AppendLog log(path);
  std::vector<record::Answer> answers = record::read_answers(path);
  check_same_questions(answers, questions, path);
  Progress progress(progress_out, "evaluate", static_cast<int64_t>(questions.size()), "questions",
                    static_cast<int64_t>(answers.size()));
  while (answers.size() < questions.size()) {
    if (interrupt_requested()) throw Interrupted("the same command answers the rest");
    // A block that a kill cut is asked for again as a whole, so that its batch is the same one.
    const auto batch = static_cast<size_t>(options.batch);
    const size_t begin = answers.size() / batch * batch;
    const size_t size = std::min(batch, questions.size() - begin);
    const std::vector<record::Answer> block =
        answer_block(engine, processor, std::span(questions).subspan(begin, size), begin, ask);
    const size_t known = answers.size() - begin;
    for (size_t i = known; i < size; ++i) {
      log.append(to_text(record::to_json(block[i])), i + 1 == size);
      answers.push_back(block[i]);
    }
    progress.add(static_cast<int64_t>(size - known));
  }

  record::Result result = score(answers, questions);
  result.name = options.name.empty() ? std::filesystem::path(options.out + "/.")
                                           .lexically_normal()
                                           .parent_path()
                                           .filename()
                                           .string()
                                     : options.name;
  result.mode = options.mode;
  write_file(options.out + "/result.json", to_pretty_text(record::to_json(result)));
  return result;
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
       << result.truncated << ", not put " << result.errors << "\n";
  return text.str();
}

}  // namespace lmc::eval
