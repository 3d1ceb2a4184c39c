#include "eval/answer_slot.h"

#include <algorithm>

#include "base/check.h"             // InputError
#include "infer/token_log_probs.h"  // log_sum_exp
#include "prompt/question.h"        // training_reply

namespace lmc::eval {

namespace {

std::vector<int32_t> reply_ids(const std::string& reasoning, char letter,
                               const prompt::Processor& processor) {
  const std::vector<prompt::Message> messages = {{"user", {prompt::Part::of_text("")}}};
  const prompt::ModelInput whole = processor.for_training(
      messages,
      prompt::training_reply(reasoning, letter, prompt::ReplyStyle::kReasoningThenAnswer,
                             processor.style()),
      {});
  const auto begin = std::find(whole.is_target.begin(), whole.is_target.end(), 1);
  return {whole.ids.begin() + (begin - whole.is_target.begin()), whole.ids.end()};
}

}  // namespace

void add_letters(const record::Question& question, std::set<char>& letters) {
  for (const auto& [letter, text] : question.options) letters.insert(letter);
}

AnswerSlot find_answer_slot(const std::set<char>& letters, const std::string& reasoning,
                            const prompt::Processor& processor, std::string_view where) {
  std::map<char, std::vector<int32_t>> replies;
  for (const char letter : letters) replies[letter] = reply_ids(reasoning, letter, processor);
  const std::vector<int32_t>& first = replies.begin()->second;
  const std::vector<int32_t>& last = replies.rbegin()->second;
  const auto slot =
      std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first - first.begin();
  if (slot == static_cast<std::ptrdiff_t>(first.size())) {
    throw InputError(where, "the questions have one option each; letters cannot be compared");
  }
  AnswerSlot found;
  found.prefix_ids.assign(first.begin(), first.begin() + slot);
  for (const auto& [letter, ids] : replies) {
    std::vector<int32_t> expected = first;
    if (ids.size() == first.size())
      expected[static_cast<size_t>(slot)] = ids[static_cast<size_t>(slot)];
    if (ids != expected) {
      throw InputError(where, "the tokenizer has no single token for each answer letter",
                       "let it reply: evaluate --mode generate, ground --reply reasoning");
    }
    found.letter_ids[letter] = ids[static_cast<size_t>(slot)];
  }
  return found;
}

AnswerSlot find_answer_slot(const std::map<char, std::string>& options,
                            const std::string& reasoning, const prompt::Processor& processor,
                            std::string_view where) {
  std::set<char> letters;
  for (const auto& [letter, text] : options) letters.insert(letter);
  return find_answer_slot(letters, reasoning, processor, where);
}

std::map<char, double> letter_log_probabilities(std::span<const float> logits_V,
                                                const std::map<char, std::string>& options,
                                                const std::map<char, int32_t>& letter_ids) {
  const double total = infer::log_sum_exp(logits_V);
  std::map<char, double> result;
  for (const auto& [letter, text] : options) {
    result[letter] = logits_V[static_cast<size_t>(letter_ids.at(letter))] - total;
  }
  return result;
}

char argmax_letter(const std::map<char, double>& log_probability) {
  return std::max_element(log_probability.begin(), log_probability.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

}  // namespace lmc::eval
