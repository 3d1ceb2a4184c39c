#include "train/objective.h"

namespace lmc::train {

Objective::Objective(const TrainOptions& options, const text::Tokenizer& tokenizer)
    : reasoning_weight_(options.reasoning_weight),
      answer_weight_(options.answer_weight),
      tokenizer_(tokenizer) {
  if (options.distillation_weight == 0) return;
  for (int32_t id = 0; id < tokenizer.size(); ++id) {
    if (!tokenizer.is_special(id)) id_of_bytes_.emplace(tokenizer.token_bytes(id), id);
  }
}

TeacherChoices Objective::choices_of(const record::TokenLogProb& token, size_t place) const {
  TeacherChoices choices{static_cast<int64_t>(place), {}, {}};
  for (const auto& choice : token.top) {
    const auto found = id_of_bytes_.find(choice.bytes);
    // What the student has no token for is part of the tail.
    if (found == id_of_bytes_.end()) continue;
    choices.ids.push_back(found->second);
    choices.log_probs.push_back(static_cast<float>(choice.log_prob));
  }
  return choices;
}

void Objective::apply(const Sample& sample, TrainingInput& input) const {
  const auto& ids = input.input.ids;
  input.weights.assign(ids.size(), 0);
  // Where each of the teacher's tokens begins, in bytes of the student's reply.
  std::unordered_map<size_t, const record::TokenLogProb*> teacher;
  if (sample.teacher && !id_of_bytes_.empty()) {
    size_t at = 0;
    for (const record::TokenLogProb& token : *sample.teacher) {
      if (at >= sample.teacher_begin) teacher[at - sample.teacher_begin] = &token;
      at += token.written.bytes.size();
    }
  }
  // The tokenizer composes characters (NFC), which may make the text shorter than `reply`: an
  // answer line that ends it is found from its end, and the teacher's bytes no longer fit.
  size_t text_bytes = 0;
  for (size_t i = 0; i + 1 < ids.size(); ++i) {
    if (input.input.is_target[i] != 0) text_bytes += tokenizer_.token_bytes(ids[i]).size();
  }
  const size_t shorter = sample.reply.size() - text_bytes;
  const size_t moved = sample.answer_begin > 0 ? shorter : 0;
  const size_t answer_begin = sample.answer_begin - moved, answer_end = sample.answer_end - moved;
  if (shorter != 0) teacher.clear();
  size_t at = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (input.input.is_target[i] == 0) continue;
    const size_t size = tokenizer_.token_bytes(ids[i]).size();
    const size_t end = at + size;
    double weight = sample.weight;
    if (sample.answer_end > 0) {
      // The token that ends the reply counts with the answer.
      const bool is_answer = (end > answer_begin && at < answer_end) || at >= text_bytes;
      weight *= is_answer ? answer_weight_ : reasoning_weight_;
    }
    input.weights[i] = static_cast<float>(weight);
    const auto taught = teacher.find(at);
    if (taught != teacher.end() && taught->second->written.bytes.size() == size &&
        end <= sample.reasoning_end) {
      TeacherChoices choices = choices_of(*taught->second, i);
      if (!choices.ids.empty()) input.teacher.push_back(std::move(choices));
    }
    at = end;
  }
}

}  // namespace lmc::train
