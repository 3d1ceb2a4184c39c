// Rows of LLaVA-CoT-100k: conversations whose replies stand in four tags.
// Mirrors: PKU-YuanGroup/LLaVA-CoT dataset_generation/generate.py, train/datasets/cot_dataset.py.
#include <algorithm>

#include "base/check.h"  // cat
#include "teacher/foreign_answer.h"

namespace lmc::teacher {

std::vector<ForeignAnswer> read_llava_cot(const Json& row, std::string_view where) {
  std::vector<ForeignAnswer> answers = read_sharegpt(row, where);
  for (ForeignAnswer& answer : answers) {
    const std::string seen = without_blanks_around(between_tags(answer.reply, "CAPTION"));
    const std::string reasoned = without_blanks_around(between_tags(answer.reply, "REASONING"));
    std::string concluded = without_blanks_around(between_tags(answer.reply, "CONCLUSION"));
    std::replace(concluded.begin(), concluded.end(), '\n', ' ');
    if (reasoned.empty()) {
      answer.reply.clear();
      continue;
    }
    answer.reply = cat(seen, seen.empty() ? "" : "\n\n", reasoned);
    if (!concluded.empty()) answer.reply += cat("\n\nAnswer: ", concluded);
  }
  return answers;
}

}  // namespace lmc::teacher
