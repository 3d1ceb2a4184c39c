#include "eval/answer_questions.h"

#include <algorithm>
#include <utility>

#include "base/check.h"               // InputError
#include "base/parallel.h"            // parallel_for
#include "data/picture.h"             // read_picture
#include "infer/ordered_run.h"        // run_in_order
#include "stats/cluster_bootstrap.h"  // record::figure_of

namespace lmc::eval {

namespace {

class Answering : public infer::OrderedWork {
 public:
  Answering(const EnginePredictor& predictor, std::span<const PlacedQuestion> questions,
            const std::function<void(record::Answer)>& on_answer)
      : predictor_(predictor),
        questions_(questions),
        on_answer_(on_answer),
        answers_(questions.size()),
        prompts_(questions.size()),
        is_done_(questions.size(), 0) {}

  void prepare(size_t begin, size_t end) override {
    parallel_for(end - begin, [&](size_t i) { make_prompt(begin + i); });
  }

  void submit(size_t i, infer::Scheduler& scheduler) override {
    if (!answers_[i].error.empty()) {
      is_done_[i] = 1;
      return;
    }
    predictor_.submit(std::move(prompts_[i]), *questions_[i].question, questions_[i].index,
                      scheduler, answers_[i], is_done_[i]);
  }

  bool is_done(size_t i) const override { return is_done_[i] != 0; }
  void hand_on(size_t i) override { on_answer_(std::move(answers_[i])); }

 private:
  void make_prompt(size_t i) {
    const record::Question& question = *questions_[i].question;
    record::Answer& answer = answers_[i];
    answer.question_id = question.id;
    answer.gold = question.answer;
    answer.figure = record::figure_of(question);
    try {
      const image::Image picture = data::read_picture(question);
      answer.picture_hw_px = {picture.height_px, picture.width_px};
      prompts_[i] = predictor_.prompt(question, &picture, "");
      answer.error = predictor_.problem(prompts_[i]);
    } catch (const InputError& error) {
      answer.error = error.what();
    }
  }

  const EnginePredictor& predictor_;
  std::span<const PlacedQuestion> questions_;
  const std::function<void(record::Answer)>& on_answer_;
  std::vector<record::Answer> answers_;
  std::vector<prompt::ModelInput> prompts_;
  std::vector<uint8_t> is_done_;
};

}  // namespace

void answer_questions(const EnginePredictor& predictor, std::span<const PlacedQuestion> questions,
                      int64_t batch, const std::function<void(record::Answer)>& on_answer) {
  const size_t block = questions_together(predictor.engine().info(), batch, questions.size());
  for (size_t begin = 0; begin < questions.size(); begin += block) {
    const auto part = questions.subspan(begin, std::min(block, questions.size() - begin));
    infer::Scheduler scheduler(predictor.engine(), predictor.processor().tokenizer(),
                               predictor.processor().end_ids(), predictor.scheduler_options(batch));
    Answering work(predictor, part, on_answer);
    infer::run_in_order(work, part.size(), static_cast<size_t>(batch), scheduler,
                        "the same command answers the rest");
  }
}

}  // namespace lmc::eval
