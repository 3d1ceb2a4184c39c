#include "eval/engine_predictor.h"

#include <utility>
#include <vector>

#include "eval/question_prompt.h"   // question_input, read_reply
#include "infer/context.h"          // too_long
#include "reading/answer_letter.h"  // reasoning_of

namespace lmc::eval {

namespace {

void set_likeliest(const infer::Score& score, const record::Question& shown, const AnswerSlot& slot,
                   record::Answer& answer) {
  answer.letter_log_probability =
      letter_log_probabilities(score.next_logits_V, shown.options, slot.letter_ids);
  answer.letter = likeliest_letter(answer.letter_log_probability);
}

}  // namespace

EnginePredictor::EnginePredictor(infer::Engine& engine, const prompt::Processor& processor,
                                 const AskOptions& options, const std::set<char>& letters,
                                 std::string_view flag)
    : engine_(engine), processor_(processor), options_(options) {
  if (options_.by_likelihood) slot_ = find_answer_slot(letters, "", processor_, flag);
}

prompt::ModelInput EnginePredictor::prompt(const record::Question& shown,
                                           const image::Image* picture,
                                           const std::string& caption) const {
  prompt::ModelInput input = question_input(shown, picture, caption, processor_, options_.style);
  prompt::append_text(slot_.prefix_ids, input);
  return input;
}

std::string EnginePredictor::problem(const prompt::ModelInput& prompt) const {
  return infer::too_long(prompt, engine_.info());
}

infer::SchedulerOptions EnginePredictor::scheduler_options(int64_t batch) const {
  infer::SchedulerOptions options;
  options.max_sequences = batch * options_.samples;
  return options;
}

size_t questions_together(const infer::EngineInfo& info, int64_t batch, size_t independent) {
  return info.is_batch_invariant ? independent : static_cast<size_t>(batch);
}

void EnginePredictor::submit(prompt::ModelInput prompt, const record::Question& shown,
                             uint64_t index, infer::Scheduler& scheduler, record::Answer& answer,
                             uint8_t& is_done) const {
  if (options_.by_likelihood) {
    scheduler.submit(infer::ScoreRequest{
        std::move(prompt), {}, [this, &shown, &answer, &is_done](const infer::Score& score) {
          set_likeliest(score, shown, slot_, answer);
          is_done = 1;
        }});
    return;
  }
  infer::GenerateRequest request;
  const auto copies = static_cast<uint64_t>(options_.samples);
  for (uint64_t k = 0; k < copies; ++k) request.stream_ids.push_back(index * copies + k);
  request.sampling = options_.sampling;
  prompt::ModelInput asked;
  if (options_.weighs_letters) asked = prompt;
  request.prompt = std::move(prompt);
  request.on_replies = [this, &shown, &scheduler, &answer, &is_done,
                        asked = std::move(asked)](const std::vector<infer::Reply>& replies) {
    for (const infer::Reply& reply : replies) {
      answer.samples.push_back(read_reply(reply, shown, processor_));
    }
    record::take_vote(answer);
    if (answer.samples.size() == 1) answer.samples.clear();  // it says the same
    if (options_.weighs_letters) {
      weigh_letters(asked, shown, scheduler, answer, is_done);
    } else {
      is_done = 1;
    }
  };
  scheduler.submit(std::move(request));
}

// A reply that leaves no room for it keeps its letter.
void EnginePredictor::weigh_letters(prompt::ModelInput prompt, const record::Question& shown,
                                    infer::Scheduler& scheduler, record::Answer& answer,
                                    uint8_t& is_done) const {
  AnswerSlot slot = find_answer_slot(shown.options, reading::reasoning_of(answer.reply), processor_,
                                     "--mode reasoned-likelihood");
  prompt::append_text(slot.prefix_ids, prompt);
  if (!problem(prompt).empty()) {
    is_done = 1;
    return;
  }
  scheduler.submit(infer::ScoreRequest{
      std::move(prompt),
      {},
      [&shown, &answer, &is_done, slot = std::move(slot)](const infer::Score& score) {
        set_likeliest(score, shown, slot, answer);
        is_done = 1;
      }});
}

}  // namespace lmc::eval
