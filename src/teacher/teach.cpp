#include "teacher/teach.h"

#include <cstdlib>
#include <set>
#include <utility>

#include "base/check.h"       // InputError, cat
#include "base/files.h"       // read_file, write_file
#include "base/progress.h"    // Progress, format_duration
#include "net/address.h"      // parse_address
#include "record/manifest.h"  // Manifest
#include "teacher/ledger.h"
#include "teacher/teach_run.h"
#include "teacher/teacher_prompt.h"

namespace lmc::teacher {

namespace {

std::string key_from_environment(const std::string& variable) {
  if (variable.empty()) return {};
  const char* key = std::getenv(variable.c_str());
  if (key == nullptr || *key == '\0') {
    throw InputError("--api-key-env", cat("the environment has no variable ", variable));
  }
  std::string text = key;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

void check_numbers(const TeachOptions& options) {
  const auto at_least = [](const char* name, double value, double low) {
    if (!(value >= low)) throw InputError(name, cat("expected at least ", low, ", found ", value));
  };
  at_least("--max-image-area", static_cast<double>(options.max_image_area), 0);
  at_least("--samples", static_cast<double>(options.samples), 1);
  at_least("--temperature", options.temperature, 0);
  at_least("--max-tokens", static_cast<double>(options.max_tokens), 1);
  at_least("--limit", static_cast<double>(options.limit), 0);
  at_least("--concurrency", static_cast<double>(options.concurrency), 1);
  at_least("--retries", static_cast<double>(options.retries), 0);
  at_least("--retry-wait", options.retry_wait, 0);
  at_least("--timeout", options.timeout, 0.001);
  if (options.samples > 1 && options.temperature == 0) {
    throw InputError("--samples", "at temperature 0 every sample is the same",
                     "for example --temperature 0.7");
  }
}

// The options with the endpoint in its plain form.
TeachOptions checked(const TeachOptions& options) {
  check_numbers(options);
  if (options.model.empty()) throw InputError("--model", "the name of the teacher is missing");
  const net::Address address = net::parse_address(options.endpoint, "--endpoint");
  if (!address.is_loopback && !options.allow_upload) {
    throw InputError("--endpoint",
                     cat("pictures and questions would leave this machine for ", address.host),
                     "add --allow-upload if they may");
  }
  TeachOptions plain = options;
  plain.endpoint = address.url;
  return plain;
}

PromptForm form_of(const TeachOptions& options) {
  PromptForm form{mode_from_word(options.mode), options.with_caption, std::string(kSystemPrompt)};
  if (!options.system_prompt_file.empty()) form.system = read_file(options.system_prompt_file);
  if (!options.system_prompt) form.system.clear();
  return form;
}

std::vector<const record::Question*> chosen(const TeachOptions& options,
                                            const std::vector<record::Question>& questions) {
  std::vector<const record::Question*> kept;
  std::set<std::string> ids;
  for (const record::Question& question : questions) {
    if (!ids.insert(question.id).second) {
      throw InputError(options.questions, cat("two questions have the id ", question.id));
    }
    if (!options.split.empty() && question.split != options.split) continue;
    if (options.limit > 0 && static_cast<int64_t>(kept.size()) >= options.limit) continue;
    kept.push_back(&question);
  }
  if (kept.empty()) {
    throw InputError(options.questions, cat("no question of split \"", options.split, "\""));
  }
  return kept;
}

// What is still to be asked. A ledger of another prompt is refused: its lines would mix.
std::vector<TeachTask> tasks_left(const TeachOptions& options, const PromptForm& form,
                                  const std::vector<const record::Question*>& questions,
                                  const Ledger& ledger) {
  std::vector<TeachTask> tasks;
  for (const record::Question* question : questions) {
    const Finished* line = ledger.find(question->id);
    if (line == nullptr) {
      tasks.push_back({question, question->id});
      continue;
    }
    if (line->prompt_sha256 !=
        prompt_sha256(teacher_prompt(*question, form), question->image_sha256)) {
      throw InputError(options.out,
                       cat("question ", question->id, " was asked with another prompt or mode"),
                       "give the options of the first run, or another --out");
    }
    if (!line->accepted && options.retry_rejected) {
      // Other seeds than before, else the same replies would come again.
      tasks.push_back({question, cat(question->id, " after ", line->reply_sha256)});
    }
  }
  return tasks;
}

void write_manifest(const TeachOptions& options) {
  TeachOptions copy = options;
  record::Manifest manifest;
  manifest.command = "teach";
  manifest.options = fields_to_json(copy.fields());
  for (const std::string& path : {options.questions, options.system_prompt_file}) {
    if (!path.empty()) manifest.inputs.push_back(path);
  }
  write_file(options.out + ".manifest.json", to_pretty_text(record::to_json(manifest)));
}

}  // namespace

std::vector<Field> TeachOptions::fields() {
  return {
      {"questions", "questions.jsonl of `prepare`", &questions, true},
      {"out", "the ledger; an existing one is continued", &out, true},
      {"endpoint", "base URL of an OpenAI-compatible server", &endpoint},
      {"model", "the teacher's name at that server", &model, true},
      {"api-key-env", "environment variable with the key", &api_key_env},
      {"allow-upload", "pictures and questions may leave this machine", &allow_upload},
      {"mode",
       "rationalise: the gold answer is given; reject: it is withheld and checked",
       &mode,
       false,
       {"rationalise", "reject"}},
      {"with-caption", "show the teacher the figure's caption", &with_caption},
      {"system-prompt", "send a system message; off: the question alone, as a student sees it",
       &system_prompt},
      {"system-prompt-file", "a system message of your own", &system_prompt_file},
      {"max-image-area", "larger pictures are made smaller; pixels, 0: never", &max_image_area},
      {"samples", "replies to draw for a question until one is accepted", &samples},
      {"temperature", "of the teacher's sampling", &temperature},
      {"max-tokens", "longest reply", &max_tokens},
      {"seed", "of the seeds sent along when sampling", &seed},
      {"extra", "JSON object added to every request, such as {\"top_p\": 0.9}", &extra},
      {"split", "ask only questions of this split", &split},
      {"limit", "ask at most so many questions; 0: all", &limit},
      {"retry-rejected", "ask again what the ledger has as rejected", &retry_rejected},
      {"concurrency", "requests in flight at once", &concurrency},
      {"retries", "tries after a failed one", &retries},
      {"retry-wait", "seconds before the first retry; doubles each time", &retry_wait},
      {"timeout", "seconds a request may take", &timeout},
  };
}

int64_t TeachResult::num_rejected() const {
  int64_t sum = 0;
  for (const auto& [reason, count] : rejected) sum += count;
  return sum;
}

std::string summary(const TeachResult& result) {
  std::string text = cat("accepted ", result.accepted, ", rejected ", result.num_rejected());
  const char* separator = " (";
  for (const auto& [reason, count] : result.rejected) {
    text += cat(separator, reason, " ", count);
    separator = ", ";
  }
  if (!result.rejected.empty()) text += ")";
  if (result.already_done > 0) text += cat(", done before ", result.already_done);
  text += cat("; ", result.requests, " requests, ", result.prompt_tokens, " + ",
              result.reply_tokens, " tokens\n");
  if (result.failed > 0) {
    text += cat("failed ", result.failed,
                ", to be tried again by the same command; the last: ", result.last_failure, "\n");
  }
  return text;
}

TeachResult teach(const TeachOptions& given, const std::vector<record::Question>& questions,
                  std::ostream& out) {
  const TeachOptions options = checked(given);
  const std::string api_key = key_from_environment(options.api_key_env);
  const PromptForm form = form_of(options);
  const std::vector<const record::Question*> asked = chosen(options, questions);
  Ledger ledger(options.out);
  std::vector<TeachTask> tasks = tasks_left(options, form, asked, ledger);

  TeachResult result;
  result.already_done = static_cast<int64_t>(asked.size() - tasks.size());
  if (tasks.empty()) return result;
  write_manifest(options);
  Progress progress(out, "teach", static_cast<int64_t>(asked.size()), "questions",
                    result.already_done);
  TeachRun(options, form, api_key, ledger, progress).run(std::move(tasks), result);
  return result;
}

TeachResult teach(const TeachOptions& options, std::ostream& out) {
  return teach(options, record::read_questions(options.questions), out);
}

}  // namespace lmc::teacher
