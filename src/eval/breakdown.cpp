#include "eval/breakdown.h"

#include <cmath>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // cat
#include "record/answer.h"    // is_right

namespace lmc::eval {

namespace {

// The group of `value` between ascending limits: "below 256", "256 to 511", "512 and more".
std::string range_of(int64_t value, const std::vector<int64_t>& limits) {
  for (size_t i = 0; i < limits.size(); ++i) {
    if (value >= limits[i]) continue;
    if (i == 0) return cat("below ", limits[0]);
    return cat(limits[i - 1], " to ", limits[i] - 1);
  }
  return cat(limits.back(), " and more");
}

}  // namespace

std::string question_type(const std::string& question) {
  const std::string start = lower_case(question.substr(0, 40));
  const auto begins = [&](std::initializer_list<const char*> words) {
    for (const char* word : words) {
      if (start.starts_with(word)) return true;
    }
    return false;
  };
  if (begins({"how many", "count", "what is the number", "what number"})) return "how many";
  if (begins({"where", "in which", "on which", "at which", "what is the location"})) return "where";
  if (begins({"which"})) return "which";
  if (begins({"what", "name "})) return "what";
  if (begins({"is ", "are ", "does ", "do ", "did ", "was ", "were ", "has ", "have ", "can "})) {
    return "yes or no";
  }
  return "other";
}

std::map<std::string, std::map<std::string, record::Proportion>> breakdowns(
    std::span<const record::Answer> answers, std::span<const record::Question> questions) {
  std::map<std::string, std::map<std::string, record::Proportion>> kinds;
  const auto count = [&](const char* kind, const std::string& group, bool right) {
    if (group.empty()) return;
    record::Proportion& share = kinds[kind][group];
    ++share.total;
    share.correct += right ? 1 : 0;
  };
  for (size_t i = 0; i < answers.size(); ++i) {
    const record::Answer& answer = answers[i];
    const record::Question& question = questions[i];
    const bool right = record::is_right(answer);
    count("modality", question.modality, right);
    count("question type", question_type(question.question), right);
    count("gold letter", std::string(1, question.answer), right);
    const int64_t area = answer.image_hw_px[0] * answer.image_hw_px[1];
    if (area > 0) {
      const auto side = std::llround(std::sqrt(static_cast<double>(area)));
      count("picture size", range_of(side, {128, 256, 512, 1024}), right);
    }
    if (answer.reply_tokens > 0) {
      count("reply length", range_of(answer.reply_tokens, {25, 50, 100, 200, 400}), right);
    }
  }
  for (auto& [kind, groups] : kinds) {
    for (auto& [group, share] : groups) share = record::proportion_of(share.correct, share.total);
  }
  return kinds;
}

}  // namespace lmc::eval
