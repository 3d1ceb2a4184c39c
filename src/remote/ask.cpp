#include "remote/ask.h"

#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "base/check.h"            // InputError, cat
#include "base/files.h"            // write_file
#include "record/question_line.h"  // append_line
#include "teacher/teach.h"         // teach

namespace lmc::remote {

namespace {

// The rules of `teach` that say what a reply is; the others are about what a student may learn.
// "Accepted" is then: complete, and right.
const std::set<std::string_view> kRules = {"truncated", "empty", "no-answer", "wrong-answer"};

// The endpoint's own form of the sampling options, where they are not its defaults.
std::string extra_with_sampling(const RemoteOptions& options,
                                const infer::SamplingOptions& sampling) {
  Json all = teacher::extra_members(options);
  const auto add = [&](const char* key, const Json& value) {
    if (!all.contains(key)) all[key] = value;
  };
  if (sampling.top_p != 1) add("top_p", sampling.top_p);
  if (sampling.top_k != 0) add("top_k", sampling.top_k);
  if (sampling.min_p != 0) add("min_p", sampling.min_p);
  if (sampling.repetition_penalty != 1) add("repetition_penalty", sampling.repetition_penalty);
  if (sampling.presence_penalty != 0) add("presence_penalty", sampling.presence_penalty);
  if (!sampling.stop.empty()) add("stop", sampling.stop);
  return all.empty() ? "" : to_text(all);
}

teacher::TeachOptions teach_options(const RemoteOptions& options, const AskForm& form) {
  teacher::TeachOptions teach;
  static_cast<teacher::EndpointOptions&>(teach) = options;
  teach.stage = form.stage;
  teach.model = options.model;
  teach.questions = form.folder + "/asks.jsonl";
  teach.out = form.folder + "/replies.jsonl";
  teach.picture_cache = form.folder + "/pictures";
  teach.mode = teacher::TeachMode::kReject;
  teach.system_prompt = false;
  teach.with_caption = true;
  teach.reply_style = form.style;
  teach.max_image_area = form.max_image_area;
  teach.temperature = form.sampling.temperature;
  teach.max_tokens = form.sampling.max_new_tokens;
  teach.seed = form.sampling.seed;
  teach.top_log_probs = options.top_log_probs;
  teach.extra = extra_with_sampling(options, form.sampling);
  for (const teacher::Rule& rule : teacher::acceptance_rules()) {
    if (!kRules.contains(rule.name)) teach.rules.off.emplace_back(rule.name);
  }
  return teach;
}

void write_asks(const std::string& path, const std::vector<record::Question>& asks) {
  std::string lines;
  for (record::Question ask : asks) {
    if (!ask.image.empty()) ask.image = std::filesystem::absolute(ask.image).string();
    record::append_line(lines, ask);
  }
  write_file(path, lines);
}

std::string without_blanks(const std::string& text) {
  const size_t first = text.find_first_not_of(" \n");
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \n") + 1 - first);
}

record::Answer answer_of(const record::Explanation& line, const record::Question& question) {
  record::Answer answer;
  for (const char* reason : {"unreadable-picture", "bad-request", "too-large"}) {
    if (line.reason == reason) answer.error = cat(reason, ": ", line.reply);
  }
  if (!answer.error.empty()) return answer;
  answer.letter = line.answer;
  answer.reply = line.reply;
  answer.finish = line.reason == "truncated" ? "length" : "end";
  answer.reply_tokens = line.reply_tokens;
  answer.letter_log_probability = letter_log_probability(line, question);
  return answer;
}

}  // namespace

std::vector<Field> RemoteOptions::fields() {
  std::vector<Field> all;
  append_fields(all, "A model behind an endpoint, instead of a checkpoint", endpoint_fields());
  append_fields(all, "A model behind an endpoint, instead of a checkpoint",
                {{"top-log-probs",
                  "ask for so many likeliest tokens at each place: the letters among them are a "
                  "confidence; 0: none",
                  &top_log_probs, at_least(0)}});
  return all;
}

std::map<char, double> letter_log_probability(const record::Explanation& line,
                                              const record::Question& question) {
  if (line.answer.empty()) return {};
  // The last place where the letter was written on its own.
  for (auto token = line.log_probs.rbegin(); token != line.log_probs.rend(); ++token) {
    if (without_blanks(token->written.bytes) != line.answer) continue;
    std::map<char, double> probability;  // " B" and "B" are the same answer
    for (const record::TokenLogProb::Choice& choice : token->top) {
      const std::string letter = without_blanks(choice.bytes);
      if (letter.size() == 1 && question.options.contains(letter[0])) {
        probability[letter[0]] += std::exp(choice.log_prob);
      }
    }
    if (probability.size() != question.options.size()) return {};
    for (auto& [letter, value] : probability) value = std::log(value);
    return probability;
  }
  return {};
}

std::vector<record::Answer> ask(const std::vector<record::Question>& asks,
                                const RemoteOptions& options, const AskForm& form,
                                std::ostream& progress_out) {
  const teacher::TeachOptions teach = teach_options(options, form);
  make_folder(form.folder);
  write_asks(teach.questions, asks);
  const teacher::TeachResult result = teacher::teach(teach, progress_out, form.pictures);
  for (const std::string& note : result.notes) progress_out << "note: " << note << "\n";
  if (result.failed > 0) {
    throw InputError(teacher::without_secrets(options).endpoint.front(),
                     cat(result.failed, " of ", asks.size(),
                         " prompts have no reply; the last: ", result.last_failure),
                     "the same command asks for them again");
  }
  std::map<std::string, record::Explanation> lines;
  record::for_each_explanation(teach.out, [&](record::Explanation line) {
    std::string id = line.question_id;
    lines[std::move(id)] = std::move(line);
  });
  std::vector<record::Answer> answers;
  for (const record::Question& one : asks) answers.push_back(answer_of(lines.at(one.id), one));
  return answers;
}

record::Manifest manifest(const RemoteOptions& options) {
  RemoteOptions copy = options;
  static_cast<teacher::EndpointOptions&>(copy) = teacher::without_secrets(options);
  record::Manifest manifest;
  // Where it is says whose replies these are; how it is reached, by which key, is not written down.
  std::vector<Field> told = copy.fields();
  std::erase_if(told, [](const Field& one) { return !one.decides && one.name != "endpoint"; });
  manifest.add_options(told);
  manifest.options["model"] = options.model;
  manifest.device = "endpoint";
  return manifest;
}

}  // namespace lmc::remote
