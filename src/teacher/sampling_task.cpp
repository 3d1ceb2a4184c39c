#include "teacher/sampling_task.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"                // seconds_since_1970
#include "teacher/judge_prompt.h"      // judge_prompt, reason_of_judge
#include "teacher/structured_reply.h"  // read_structured_reply, response_format_json

namespace lmc::teacher {

SamplingTask::SamplingTask(record::Question question, std::string stream,
                           const SamplingTaskOptions& form)
    : question_(std::move(question)),
      stream_(std::move(stream)),
      form_(form),
      mode_(form.rejects ? Mode::kReject : Mode::kRationalise) {
  line_.question_id = question_.id;
  line_.teacher = form.sampling_params.model;
  line_.samples = 0;
  if (form.rejects) line_.reached_gold = 0;
}

client::ChatPrompt SamplingTask::prompt() const {
  return teacher_prompt(question_, form_.prompt, mode_);
}

std::string SamplingTask::letters() const {
  std::string letters;
  for (const auto& [letter, text] : question_.options) letters += letter;
  return letters;
}

std::string SamplingTask::judge_request(std::string_view image_url) const {
  client::SamplingParams sampling_params;
  sampling_params.model = form_.judge_model;
  sampling_params.max_tokens = form_.sampling_params.max_tokens;
  sampling_params.stream = form_.sampling_params.stream;
  sampling_params.extra = form_.sampling_params.extra;  // it is asked at the same endpoints
  return client::request_text(
      judge_prompt(question_, before_judge_->second.reasoning, form_.prompt), image_url,
      sampling_params);
}

std::string SamplingTask::next_request(std::string_view image_url, bool with_format) const {
  if (before_judge_) return judge_request(image_url);
  return request(image_url, line_.samples + drawn_after_, with_format);
}

std::string SamplingTask::request(std::string_view image_url, int64_t sample,
                                  bool with_format) const {
  client::SamplingParams sampling_params = form_.sampling_params;
  sampling_params.seed = client::request_seed(form_.seed, stream_, static_cast<uint64_t>(sample));
  if (form_.prompt.structured && with_format) {
    sampling_params.response_format = response_format_json(letters());
  }
  return client::request_text(prompt(), image_url, sampling_params);
}

// A reply that was to be an object and is none is judged as it stands: many are good all the same.
Verdict SamplingTask::judged(const client::Completion& reply) const {
  if (form_.prompt.structured) {
    if (const auto structured = read_structured_reply(reply.text, letters())) {
      client::Completion plain = reply;
      plain.text = plain_reply(*structured);
      return judge(plain, question_, form_.rules);
    }
  }
  return judge(reply, question_, form_.rules);
}

bool SamplingTask::take(const client::Completion& reply) {
  line_.prompt_tokens += reply.prompt_tokens;
  line_.reply_tokens += reply.reply_tokens;
  if (before_judge_) return take_verdict(reply);
  const Verdict verdict = judged(reply);
  ++(is_second_stage_ ? drawn_after_ : line_.samples);
  if (mode_ == Mode::kReject && verdict.letter == std::string(1, question_.answer)) {
    ++line_.reached_gold;
  }
  if (verdict.accepted && !form_.judge_model.empty()) {
    before_judge_ = {reply, verdict};
    return false;
  }
  return settle(reply, verdict);
}

bool SamplingTask::take_verdict(const client::Completion& reply) {
  auto [judged_reply, verdict] = *std::exchange(before_judge_, std::nullopt);
  verdict.reason = reason_of_judge(reply.text);
  verdict.accepted = verdict.reason.empty();
  if (!line_.accepted) line_.judge = reply.text;
  return settle(judged_reply, verdict);
}

bool SamplingTask::settle(const client::Completion& reply, const Verdict& verdict) {
  if (line_.accepted) {
    std::vector<std::string>& further = line_.further_reasonings;
    const bool is_new =
        verdict.reasoning != line_.reasoning &&
        std::find(further.begin(), further.end(), verdict.reasoning) == further.end();
    if (verdict.accepted && is_new) further.push_back(verdict.reasoning);
  } else {
    line_.accepted = verdict.accepted;
    line_.reason = verdict.reason;
    line_.reasoning = verdict.reasoning;
    line_.answer = verdict.letter;
    line_.reply = reply.text;
    line_.log_probs = reply.log_probs;
    if (!reply.model.empty()) line_.teacher = reply.model;
    line_.mode = mode_word(mode_);
    line_.prompt_sha256 = client::prompt_sha256(prompt(), question_.image_sha256);
  }
  const bool stops_at_first = mode_ == Mode::kRationalise || form_.until_first;
  const int64_t drawn = is_second_stage_ ? drawn_after_ : line_.samples;
  if (drawn < form_.samples && !(line_.accepted && stops_at_first)) return false;
  if (line_.accepted || mode_ == Mode::kRationalise || !form_.rationalises) return true;
  mode_ = Mode::kRationalise;
  is_second_stage_ = true;
  return false;
}

void SamplingTask::reject(const std::string& reason, const std::string& words) {
  line_.accepted = false;
  line_.reason = reason;
  line_.reply = words;
  line_.mode = mode_word(mode_);
  line_.prompt_sha256 = client::prompt_sha256(prompt(), question_.image_sha256);
}

record::Explanation SamplingTask::line() const {
  record::Explanation line = line_;
  line.finished_at = seconds_since_1970();
  return line;
}

}  // namespace lmc::teacher
