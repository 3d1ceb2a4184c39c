#include "eval/engine_predictor.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"             // InputError
#include "base/parallel.h"          // parallel_for
#include "eval/question_prompt.h"   // question_input, read_reply
#include "infer/context.h"          // too_long
#include "infer/ordered_run.h"      // run_in_order
#include "reading/answer_letter.h"  // reasoning_of

namespace lmc::eval {

// The prompts [first, first + count) of a list.
class EnginePredictor::Run : public infer::OrderedWork {
 public:
  Run(const EnginePredictor& predictor, PromptList& prompts, size_t first, size_t count)
      : predictor_(predictor),
        prompts_(prompts),
        first_(first),
        shown_(count),
        inputs_(count),
        answers_(count),
        is_done_(count, 0) {}

  void prepare(size_t begin, size_t end) override {
    std::vector<ShownImage> images =
        prompts_.images(first_ + begin, first_ + end, predictor_.processor_.preprocess_options());
    parallel_for(end - begin, [&](size_t i) { make_input(begin + i, images[i]); });
  }

  void submit(size_t i, infer::Scheduler& scheduler) override {
    if (!answers_[i].error.empty()) {
      is_done_[i] = 1;
      return;
    }
    predictor_.submit(std::move(inputs_[i]), shown_[i], prompts_.stream(first_ + i), scheduler,
                      answers_[i], is_done_[i]);
  }

  bool is_done(size_t i) const override { return is_done_[i] != 0; }
  void hand_on(size_t i) override { prompts_.take(first_ + i, std::move(answers_[i])); }

 private:
  void make_input(size_t i, const ShownImage& image) {
    std::string& error = answers_[i].error;
    error = image.problem;
    if (!error.empty()) return;
    shown_[i] = prompts_.shown(first_ + i);
    try {
      inputs_[i] = predictor_.input(shown_[i], image.image ? &*image.image : nullptr);
      error = predictor_.problem(inputs_[i]);
    } catch (const InputError& problem) {
      error = problem.what();
    }
  }

  const EnginePredictor& predictor_;
  PromptList& prompts_;
  size_t first_;
  std::vector<record::Question> shown_;
  std::vector<prompt::ModelInput> inputs_;
  std::vector<record::Answer> answers_;
  std::vector<uint8_t> is_done_;
};

EnginePredictor::EnginePredictor(infer::Engine& engine, const prompt::Processor& processor,
                                 const PredictionOptions& options, int64_t batch,
                                 std::string_view flag)
    : engine_(engine), processor_(processor), options_(options), batch_(batch), flag_(flag) {}

size_t EnginePredictor::block() const {
  return engine_.info().is_batch_invariant ? 1 : static_cast<size_t>(batch_);
}

void EnginePredictor::answer(PromptList& prompts, size_t begin) {
  if (options_.by_likelihood) {
    std::set<char> letters;
    for (size_t i = 0; i < prompts.size(); ++i) add_letters(prompts.shown(i), letters);
    slot_ = find_answer_slot(letters, "", processor_, flag_);
  }
  infer::SchedulerOptions how;
  how.max_sequences = batch_ * options_.samples;
  const size_t together =
      engine_.info().is_batch_invariant ? prompts.size() : static_cast<size_t>(batch_);
  for (; begin < prompts.size(); begin += together) {
    const size_t count = std::min(together, prompts.size() - begin);
    infer::Scheduler scheduler(engine_, processor_.tokenizer(), processor_.end_ids(), how);
    Run run(*this, prompts, begin, count);
    infer::run_in_order(run, count, static_cast<size_t>(batch_), scheduler, kOnInterrupt);
  }
}

prompt::ModelInput EnginePredictor::input(const record::Question& shown,
                                          const image::Image* image) const {
  prompt::ModelInput input =
      question_input(shown, image, shown.caption, processor_, options_.style);
  prompt::append_text(slot_.prefix_ids, input);
  return input;
}

// Why the model cannot take it. Empty: it can.
std::string EnginePredictor::problem(const prompt::ModelInput& input) const {
  return infer::too_long(input, engine_.info());
}

// Later sets what `answer` says of the reply, then `is_done`. Replies draw from the random streams
// from `stream` * samples on. All but the input outlive the request.
void EnginePredictor::submit(prompt::ModelInput input, const record::Question& shown,
                             uint64_t stream, infer::Scheduler& scheduler, record::Answer& answer,
                             uint8_t& is_done) const {
  if (options_.by_likelihood) {
    scheduler.submit(infer::ScoreRequest{
        std::move(input), {}, [this, &shown, &answer, &is_done](const infer::Score& score) {
          take_likeliest(score.next_logits_V, shown.options, slot_.letter_ids, answer);
          is_done = 1;
        }});
    return;
  }
  infer::GenerateRequest request;
  const auto copies = static_cast<uint64_t>(options_.samples);
  for (uint64_t k = 0; k < copies; ++k) request.stream_ids.push_back(stream * copies + k);
  request.sampling = options_.sampling;
  prompt::ModelInput asked;
  if (options_.weighs_letters) asked = input;
  request.prompt = std::move(input);
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
void EnginePredictor::weigh_letters(prompt::ModelInput input, const record::Question& shown,
                                    infer::Scheduler& scheduler, record::Answer& answer,
                                    uint8_t& is_done) const {
  AnswerSlot slot = find_answer_slot(shown.options, reading::reasoning_of(answer.reply), processor_,
                                     "--mode reasoned-likelihood");
  prompt::append_text(slot.prefix_ids, input);
  if (!problem(input).empty()) {
    is_done = 1;
    return;
  }
  scheduler.submit(infer::ScoreRequest{
      std::move(input),
      {},
      [&shown, &answer, &is_done, slot = std::move(slot)](const infer::Score& score) {
        take_likeliest(score.next_logits_V, shown.options, slot.letter_ids, answer);
        is_done = 1;
      }});
}

}  // namespace lmc::eval
