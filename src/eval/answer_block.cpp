#include "eval/answer_block.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "base/check.h"              // InputError
#include "base/parallel.h"           // parallel_for
#include "data/picture.h"            // read_picture
#include "eval/answer_slot.h"        // find_answer_slot
#include "eval/cluster_bootstrap.h"  // figure_of
#include "eval/question_prompt.h"    // question_input, read_reply, too_long
#include "prompt/answer_letter.h"    // reasoning_of

namespace lmc::eval {

namespace {

// The prompts of a block; prompt i is that of the question at places[i].
struct Prompts {
  std::span<const record::Question> questions;
  std::span<const size_t> places;
  std::span<const prompt::ModelInput> inputs;
};

// Also notes the picture's size.
prompt::ModelInput make_input(const record::Question& question, const prompt::Processor& processor,
                              prompt::ReplyStyle style, record::Answer& answer) {
  const image::Image picture = data::read_picture(question);
  answer.picture_hw_px = {picture.height_px, picture.width_px};
  return question_input(question, &picture, "", processor, style);
}

void answer_by_likelihood(infer::Engine& engine, const Prompts& prompts, const AnswerSlot& slot,
                          std::vector<record::Answer>& answers) {
  const std::unique_ptr<infer::Session> session = engine.prefill(prompts.inputs);
  for (size_t i = 0; i < prompts.places.size(); ++i) {
    record::Answer& answer = answers[prompts.places[i]];
    answer.letter_log_probability =
        letter_log_probabilities(session->logits(static_cast<int64_t>(i)),
                                 prompts.questions[prompts.places[i]].options, slot.letter_ids);
    answer.letter = likeliest_letter(answer.letter_log_probability);
  }
}

void answer_by_reply(infer::Engine& engine, const prompt::Processor& processor,
                     const Prompts& prompts, uint64_t first_index, const AskOptions& options,
                     std::vector<record::Answer>& answers) {
  const auto copies = static_cast<size_t>(options.samples);
  std::vector<uint64_t> streams;
  for (const size_t place : prompts.places) {
    for (size_t k = 0; k < copies; ++k) streams.push_back((first_index + place) * copies + k);
  }
  const std::vector<infer::Reply> replies =
      infer::generate(engine, processor.tokenizer(), prompts.inputs, processor.end_ids(),
                      options.sampling, streams);
  for (size_t i = 0; i < replies.size(); ++i) {
    const size_t place = prompts.places[i / copies];
    answers[place].samples.push_back(read_reply(replies[i], prompts.questions[place], processor));
  }
  for (const size_t place : prompts.places) {
    record::take_vote(answers[place]);
    if (copies == 1) answers[place].samples.clear();  // it says the same
  }
}

// The letters after each reply's own reasoning. A reply that leaves no room for it keeps its
// letter.
void weigh_letters(infer::Engine& engine, const prompt::Processor& processor,
                   const Prompts& prompts, std::vector<record::Answer>& answers) {
  std::vector<prompt::ModelInput> inputs;
  std::vector<size_t> places;
  std::vector<AnswerSlot> slots;
  for (size_t i = 0; i < prompts.places.size(); ++i) {
    const record::Question& question = prompts.questions[prompts.places[i]];
    AnswerSlot slot =
        find_answer_slot(question.options, prompt::reasoning_of(answers[prompts.places[i]].reply),
                         processor, "--mode reasoned-likelihood");
    prompt::ModelInput input = prompts.inputs[i];
    append_text(slot.prefix_ids, input);
    if (!too_long(input, engine).empty()) continue;
    inputs.push_back(std::move(input));
    places.push_back(prompts.places[i]);
    slots.push_back(std::move(slot));
  }
  if (inputs.empty()) return;
  const std::unique_ptr<infer::Session> session = engine.prefill(inputs);
  for (size_t i = 0; i < places.size(); ++i) {
    record::Answer& answer = answers[places[i]];
    answer.letter_log_probability =
        letter_log_probabilities(session->logits(static_cast<int64_t>(i)),
                                 prompts.questions[places[i]].options, slots[i].letter_ids);
    answer.letter = likeliest_letter(answer.letter_log_probability);
  }
}

}  // namespace

std::vector<record::Answer> answer_block(infer::Engine& engine, const prompt::Processor& processor,
                                         std::span<const record::Question> questions,
                                         uint64_t first_index, const AskOptions& options) {
  AnswerSlot slot;
  if (options.by_likelihood) {
    std::set<char> letters;
    for (const record::Question& question : questions) {
      for (const auto& [letter, text] : question.options) letters.insert(letter);
    }
    slot = find_answer_slot(letters, "", processor, "--mode likelihood");
  }
  std::vector<record::Answer> answers(questions.size());
  std::vector<prompt::ModelInput> made(questions.size());
  parallel_for(questions.size(), [&](size_t i) {
    answers[i].question_id = questions[i].id;
    answers[i].gold = questions[i].answer;
    answers[i].figure = figure_of(questions[i]);
    try {
      made[i] = make_input(questions[i], processor, options.style, answers[i]);
    } catch (const InputError& error) {
      answers[i].error = error.what();
      return;
    }
    append_text(slot.prefix_ids, made[i]);
    answers[i].error = too_long(made[i], engine);
  });

  std::vector<size_t> places;  // of the prompts in the block
  std::vector<prompt::ModelInput> inputs;
  for (size_t i = 0; i < made.size(); ++i) {
    if (!answers[i].error.empty()) continue;
    places.push_back(i);
    inputs.push_back(std::move(made[i]));
  }
  if (places.empty()) return answers;
  if (options.by_likelihood) {
    answer_by_likelihood(engine, {questions, places, inputs}, slot, answers);
  } else {
    answer_by_reply(engine, processor, {questions, places, inputs}, first_index, options, answers);
    if (options.weighs_letters) {
      weigh_letters(engine, processor, {questions, places, inputs}, answers);
    }
  }
  return answers;
}

}  // namespace lmc::eval
