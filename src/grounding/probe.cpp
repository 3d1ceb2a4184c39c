#include "grounding/probe.h"

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/check.h"                   // InputError
#include "base/parallel.h"                // parallel_for
#include "data/picture.h"                 // read_picture
#include "eval/answer_slot.h"             // find_answer_slot
#include "eval/question_prompt.h"         // question_input, read_reply, too_long
#include "grounding/asked_question.h"     // question_as_asked, picture_as_asked
#include "grounding/picture_condition.h"  // at_model_size

namespace lmc::grounding {

namespace {

// The pictures a block needs, each read once, by the place of their question.
using Pictures = std::map<size_t, image::Image>;

struct Block {
  std::span<const record::Question> questions;
  std::span<const Ask> asks;
};

// Reads what can be read; `problem` says of the others why not.
Pictures read_pictures(const Block& block, const prompt::Processor& processor,
                       std::map<size_t, std::string>& problem) {
  Pictures pictures;
  for (const Ask& ask : block.asks) {
    pictures[ask.question];
    pictures[ask.picture];
  }
  std::vector<Pictures::value_type*> places;
  for (auto& entry : pictures) {
    places.push_back(&entry);
    problem[entry.first];
  }
  parallel_for(places.size(), [&](size_t i) {
    const record::Question& question = block.questions[places[i]->first];
    try {
      places[i]->second = at_model_size(data::read_picture(question),
                                        processor.preprocess_options(), question.image);
    } catch (const InputError& error) {
      problem.at(places[i]->first) = error.what();
    }
  });
  return pictures;
}

void compare_letters(infer::Engine& engine, std::span<const prompt::ModelInput> inputs,
                     const std::map<char, int32_t>& letter_ids,
                     const std::vector<record::Answer*>& answers, const Block& block,
                     const std::vector<size_t>& places) {
  const std::unique_ptr<infer::Session> session = engine.prefill(inputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    answers[i]->letter_log_probability = eval::letter_log_probabilities(
        session->logits(static_cast<int64_t>(i)),
        block.questions[block.asks[places[i]].question].options, letter_ids);
    answers[i]->letter = eval::likeliest_letter(answers[i]->letter_log_probability);
  }
}

void read_replies(infer::Engine& engine, const prompt::Processor& processor,
                  std::span<const prompt::ModelInput> inputs, uint64_t first_index,
                  const ProbeOptions& options, const std::vector<record::Answer*>& answers,
                  const Block& block, const std::vector<size_t>& places) {
  std::vector<uint64_t> streams;
  for (const size_t place : places) streams.push_back(first_index + place);
  const std::vector<infer::Reply> replies = infer::generate(
      engine, processor.tokenizer(), inputs, processor.end_ids(), options.sampling, streams);
  for (size_t i = 0; i < replies.size(); ++i) {
    record::Answer& answer = *answers[i];
    const Ask& ask = block.asks[places[i]];
    const record::AnswerSample sample = eval::read_reply(
        replies[i], question_as_asked(block.questions[ask.question], ask), processor);
    answer.letter = sample.letter;
    answer.reply = sample.reply;
    answer.finish = sample.finish;
    answer.reply_tokens = sample.reply_tokens;
  }
}

}  // namespace

std::vector<record::ProbeAnswer> probe_block(infer::Engine& engine,
                                             const prompt::Processor& processor,
                                             std::span<const record::Question> questions,
                                             std::span<const Ask> asks, uint64_t first_index,
                                             const ProbeOptions& options) {
  const Block block{questions, asks};
  eval::AnswerSlot slot;
  if (!options.with_reasoning) {
    std::set<char> letters;
    for (const Ask& ask : asks) {
      for (const auto& [letter, text] : questions[ask.question].options) letters.insert(letter);
    }
    slot = eval::find_answer_slot(letters, "", processor, "--reply answer");
  }
  std::map<size_t, std::string> problem;
  const Pictures pictures = read_pictures(block, processor, problem);

  std::vector<record::ProbeAnswer> probes(asks.size());
  std::vector<prompt::ModelInput> made(asks.size());
  parallel_for(asks.size(), [&](size_t i) {
    const Ask& ask = asks[i];
    const record::Question& question = questions[ask.question];
    record::ProbeAnswer& probe = probes[i];
    probe = unanswered(questions, ask);
    // A question without a readable picture is left out everywhere, so that all conditions have
    // the same questions.
    for (const size_t needed : {ask.question, ask.picture}) {
      if (probe.answer.error.empty()) probe.answer.error = problem.at(needed);
    }
    if (!probe.answer.error.empty()) return;
    const image::Image picture =
        picture_as_asked(pictures.at(ask.question), pictures.at(ask.picture), ask, question.id,
                         options.seed, processor.preprocess_options());
    made[i] = eval::question_input(question_as_asked(question, ask),
                                   ask.condition == Condition::kAbsent ? nullptr : &picture,
                                   caption_as_asked(question, ask), processor, options.style());
    eval::append_text(slot.prefix_ids, made[i]);
    probe.answer.error = eval::too_long(made[i], engine);
  });

  std::vector<size_t> places;
  std::vector<prompt::ModelInput> inputs;
  std::vector<record::Answer*> answers;
  for (size_t i = 0; i < made.size(); ++i) {
    if (!probes[i].answer.error.empty()) continue;
    places.push_back(i);
    inputs.push_back(std::move(made[i]));
    answers.push_back(&probes[i].answer);
  }
  if (places.empty()) return probes;
  if (options.with_reasoning) {
    read_replies(engine, processor, inputs, first_index, options, answers, block, places);
  } else {
    compare_letters(engine, inputs, slot.letter_ids, answers, block, places);
  }
  for (const size_t place : places) {
    translate_letters(questions[asks[place].question], asks[place], probes[place].answer);
  }
  return probes;
}

}  // namespace lmc::grounding
