#include "teacher/teach_options.h"

#include <utility>

#include "base/check.h"  // InputError, cat
#include "base/files.h"  // read_file

namespace lmc::teacher {

namespace {

void check_numbers(const TeachOptions& options) {
  if (options.samples > 1 && options.temperature == 0) {
    throw InputError("--samples", "at temperature 0 every sample is the same",
                     "for example --temperature 0.7");
  }
  if (options.max_cost > 0 && !prices(options).known()) {
    throw InputError("--max-cost", "what a token costs is not known",
                     "give --price-prompt and --price-reply, per million tokens");
  }
}

PromptOptions prompt_form(const TeachOptions& options) {
  PromptOptions form;
  form.with_caption = options.with_caption;
  form.structured = options.structured;
  if (!options.prompts.empty()) form.texts = read_prompt_texts(options.prompts);
  if (!options.system_prompt_file.empty())
    form.texts.system = read_file(options.system_prompt_file);
  if (!options.system_prompt) form.texts.system.clear();
  return form;
}

}  // namespace

TeachOptions::TeachOptions() { endpoint = {"http://127.0.0.1:8080/v1"}; }

std::vector<Field> TeachOptions::fields() {
  std::vector<Field> all = grouped({
      under("Questions and ledger"),
      {"questions", "questions.jsonl of `prepare`", as_file(&questions)},
      {"out", "the ledger; an existing one is continued", as_file(&out)},
      {"split", "ask only questions of this split", &split},
      {"shard", "ask only part 2 of 8, for example: 2/8; join the ledgers with --merge", &shard},
      {"limit", "ask at most so many questions; 0: all", &limit, at_least(0)},
      {"retry-rejected", "ask again what the ledger has as rejected", &retry_rejected},
      {"dry-run", "print the plan (tokens, cost, hours, what leaves this machine) and stop",
       &dry_run},
  });
  append_fields(all, "Endpoint", {{"model", "the teacher's name at that server", &model}});
  append_fields(all, "Endpoint", endpoint_fields());
  append_fields(
      all, "What is asked",
      {
          {"mode",
           "rationalise: the gold answer is given; reject: it is withheld and checked; two-stage: "
           "withheld first, given where no sample reached it",
           &mode},
          {"with-caption", "show the teacher the figure's caption", &with_caption},
          {"prompts", "folder with prompt texts of your own (see --write-prompts)",
           as_folder(&prompts)},
          {"system-prompt", "send a system message; off: the question alone, as a student sees it",
           &system_prompt},
          {"system-prompt-file", "a system message of your own", as_file(&system_prompt_file)},
          {"structured", "ask for a JSON object by response_format, where the server has it",
           &structured},
          {"max-image-area", "larger images are made smaller; pixels, 0: never", &max_image_area,
           at_least(0)},
          {"picture-cache", "folder for images made smaller; default: <out>.pictures",
           as_folder(&image_cache)},
          {"samples", "replies to draw for a question", &samples, at_least(1)},
          {"until-first", "in mode reject: draw no more once one is accepted (no pass rate)",
           &until_first},
          {"temperature", "temperature of the teacher's sampling", &temperature, at_least(0)},
          {"max-tokens", "longest reply", &max_tokens, at_least(1)},
          {"top-log-probs", "log-probabilities of so many likeliest tokens at each place; 0: none",
           &top_log_probs, at_least(0)},
          {"seed", "decides the seeds sent along when sampling", &seed},
      });
  append_fields(all, "What is accepted", rules.fields());
  append_fields(
      all, "What is accepted",
      {{"judge-model", "model at the same endpoints that looks at every accepted explanation again",
        &judge_model}});
  append_fields(
      all, "Cost",
      {
          {"price-prompt", "price of a million prompt tokens", &price_prompt, at_least(0)},
          {"price-reply", "price of a million reply tokens", &price_reply, at_least(0)},
          {"max-cost", "stop before the ledger has cost more; 0: no limit", &max_cost, at_least(0)},
          {"max-requests", "stop after so many requests of this run; 0: no limit", &max_requests,
           at_least(0)},
      });
  return all;
}

void check(const TeachOptions& options) {
  constexpr char kWhere[] = "litemedcot teach";
  TeachOptions copy = options;
  check_fields(copy.fields(), kWhere);
  for (const auto& [name, value] :
       {std::pair{"--questions", options.questions}, std::pair{"--out", options.out},
        std::pair{"--model", options.model}}) {
    if (value.empty()) throw InputError(kWhere, cat(name, " is missing"));
  }
  check_numbers(options);
  options.rules.check();
  client::check_endpoints(options);
  shard_from_word(options.shard);
}

SamplingTaskOptions sampling_task_options(const TeachOptions& options) {
  SamplingTaskOptions form;
  form.prompt = prompt_form(options);
  form.rules = options.rules;
  form.rules.caption_was_shown = options.with_caption;
  form.sampling_params.model = options.model;
  form.sampling_params.max_tokens = options.max_tokens;
  form.sampling_params.temperature = options.temperature;
  form.sampling_params.top_log_probs = options.top_log_probs;
  form.sampling_params.stream = options.stream;
  form.sampling_params.extra = client::extra_members(options);
  form.seed = static_cast<uint64_t>(options.seed);
  form.rejects = options.mode != TeachMode::kRationalise;
  form.rationalises = options.mode != TeachMode::kReject;
  form.samples = options.samples;
  form.until_first = options.until_first;
  form.judge_model = options.judge_model;
  return form;
}

Selection selection(const TeachOptions& options) {
  return {options.split, shard_from_word(options.shard), options.limit, options.retry_rejected};
}

client::Prices prices(const TeachOptions& options) {
  return {options.price_prompt, options.price_reply};
}

std::string image_folder(const TeachOptions& options) {
  return options.image_cache.empty() ? options.out + ".pictures" : options.image_cache;
}

}  // namespace lmc::teacher
