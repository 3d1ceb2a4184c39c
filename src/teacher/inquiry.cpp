#include "teacher/inquiry.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/random.h"  // Random

namespace lmc::teacher {

namespace {

int64_t seconds_since_1970() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Inquiry::Inquiry(record::Question question, std::string stream, const InquiryForm& form)
    : question_(std::move(question)),
      stream_(std::move(stream)),
      form_(form),
      mode_(form.rejects ? Mode::kReject : Mode::kRationalise) {
  line_.question_id = question_.id;
  line_.teacher = form.drawing.model;
  line_.samples = 0;
  if (form.rejects) line_.reached_gold = 0;
}

TeacherPrompt Inquiry::prompt() const { return teacher_prompt(question_, form_.prompt, mode_); }

std::string Inquiry::next_request(std::string_view picture_url) const {
  return request(picture_url, line_.samples + drawn_after_);
}

std::string Inquiry::request(std::string_view picture_url, int64_t sample) const {
  Drawing drawing = form_.drawing;
  // Every question and sample draws from a stream of its own, in any order and after any restart.
  Random random = Random::named(form_.seed, stream_, static_cast<uint64_t>(sample));
  drawing.seed = random.integer(0, 2'147'483'647);
  return request_text(prompt(), picture_url, drawing);
}

bool Inquiry::take(const TeacherReply& reply) {
  line_.prompt_tokens += reply.prompt_tokens;
  line_.reply_tokens += reply.reply_tokens;
  const Verdict verdict = judge(reply, question_);
  ++(is_second_stage_ ? drawn_after_ : line_.samples);
  if (mode_ == Mode::kReject && verdict.letter == std::string(1, question_.answer)) {
    ++line_.reached_gold;
  }
  return settle(reply, verdict);
}

bool Inquiry::settle(const TeacherReply& reply, const Verdict& verdict) {
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
    line_.prompt_sha256 = prompt_sha256(prompt(), question_.image_sha256);
  }
  const bool stops_at_first = mode_ == Mode::kRationalise || form_.until_first;
  const int64_t drawn = is_second_stage_ ? drawn_after_ : line_.samples;
  if (drawn < form_.samples && !(line_.accepted && stops_at_first)) return false;
  if (line_.accepted || mode_ == Mode::kRationalise || !form_.rationalises) return true;
  mode_ = Mode::kRationalise;
  is_second_stage_ = true;
  return false;
}

void Inquiry::reject(const std::string& reason, const std::string& words) {
  line_.accepted = false;
  line_.reason = reason;
  line_.reply = words;
  line_.mode = mode_word(mode_);
  line_.prompt_sha256 = prompt_sha256(prompt(), question_.image_sha256);
}

record::Explanation Inquiry::line() const {
  record::Explanation line = line_;
  line.finished_at = seconds_since_1970();
  return line;
}

}  // namespace lmc::teacher
