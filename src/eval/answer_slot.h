// Where a reply puts its letter: the tokens before it, and the token of each letter. One prefill up
// to that place tells how likely each option is.
//
// The reply is the one a student learns (prompt::training_reply): the reasoning, if any, then
// "Answer: B". With an empty reasoning it is the shortest reply there is.
// Letters: V vocabulary.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "prompt/processor.h"  // Processor
#include "record/question.h"   // Question

namespace lmc::eval {

struct AnswerSlot {
  std::vector<int32_t> prefix_ids;
  std::map<char, int32_t> letter_ids;
};

void add_letters(const record::Question& question, std::set<char>& letters);

// `where` starts the error line.
// Errors: InputError when the letters are not single tokens that stand in the same place.
AnswerSlot find_answer_slot(const std::set<char>& letters, const std::string& reasoning,
                            const prompt::Processor& processor, std::string_view where);
AnswerSlot find_answer_slot(const std::map<char, std::string>& options,
                            const std::string& reasoning, const prompt::Processor& processor,
                            std::string_view where);

// Log-probability over the whole vocabulary of each option's letter.
std::map<char, double> letter_log_probabilities(std::span<const float> logits_V,
                                                const std::map<char, std::string>& options,
                                                const std::map<char, int32_t>& letter_ids);

// The first of the likeliest. There is at least one.
char argmax_letter(const std::map<char, double>& log_probability);

// Sets an answer's letter_log_probability, and as its letter the likeliest.
template <class Answer>
void take_likeliest(std::span<const float> logits_V, const std::map<char, std::string>& options,
                    const std::map<char, int32_t>& letter_ids, Answer& answer) {
  answer.letter_log_probability = letter_log_probabilities(logits_V, options, letter_ids);
  answer.letter = argmax_letter(answer.letter_log_probability);
}

}  // namespace lmc::eval
