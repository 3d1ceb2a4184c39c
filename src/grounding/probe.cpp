#include "grounding/probe.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"                   // InputError
#include "base/parallel.h"                // parallel_for
#include "data/picture.h"                 // read_picture
#include "eval/engine_predictor.h"        // EnginePredictor
#include "grounding/asked_question.h"     // question_as_asked, picture_as_asked
#include "grounding/picture_condition.h"  // at_model_size
#include "infer/ordered_run.h"            // run_in_order

namespace lmc::grounding {

namespace {

// The pictures some asks need, each read once, by the place of their question.
using Pictures = std::map<size_t, image::Image>;

class Probing : public infer::OrderedWork {
 public:
  Probing(const eval::EnginePredictor& predictor, std::span<const record::Question> questions,
          std::span<const Ask> asks, uint64_t first_index, uint64_t seed,
          const std::function<void(record::ProbeAnswer)>& on_answer)
      : predictor_(predictor),
        questions_(questions),
        asks_(asks),
        first_index_(first_index),
        seed_(seed),
        on_answer_(on_answer),
        probes_(asks.size()),
        shown_(asks.size()),
        prompts_(asks.size()),
        is_done_(asks.size(), 0) {}

  void prepare(size_t begin, size_t end) override {
    std::map<size_t, std::string> problem;
    const Pictures pictures = read_pictures(begin, end, problem);
    parallel_for(end - begin, [&](size_t i) { make_prompt(begin + i, pictures, problem); });
  }

  void submit(size_t i, infer::Scheduler& scheduler) override {
    record::Answer& answer = probes_[i].answer;
    if (!answer.error.empty()) {
      is_done_[i] = 1;
      return;
    }
    predictor_.submit(std::move(prompts_[i]), shown_[i], first_index_ + i, scheduler, answer,
                      is_done_[i]);
  }

  bool is_done(size_t i) const override { return is_done_[i] != 0; }

  void hand_on(size_t i) override {
    record::ProbeAnswer& probe = probes_[i];
    if (probe.answer.error.empty()) {
      translate_letters(questions_[asks_[i].question], asks_[i], probe.answer);
    }
    on_answer_(std::move(probe));
  }

 private:
  // Reads what can be read; `problem` says of the others why not.
  Pictures read_pictures(size_t begin, size_t end, std::map<size_t, std::string>& problem) const {
    Pictures pictures;
    for (const Ask& ask : asks_.subspan(begin, end - begin)) {
      pictures[ask.question];
      pictures[ask.picture];
    }
    std::vector<Pictures::value_type*> places;
    for (auto& entry : pictures) {
      places.push_back(&entry);
      problem[entry.first];
    }
    parallel_for(places.size(), [&](size_t i) {
      const record::Question& question = questions_[places[i]->first];
      try {
        places[i]->second =
            at_model_size(data::read_picture(question), predictor_.processor().preprocess_options(),
                          question.image);
      } catch (const InputError& error) {
        problem.at(places[i]->first) = error.what();
      }
    });
    return pictures;
  }

  void make_prompt(size_t i, const Pictures& pictures,
                   const std::map<size_t, std::string>& problem) {
    const Ask& ask = asks_[i];
    const record::Question& question = questions_[ask.question];
    record::ProbeAnswer& probe = probes_[i];
    probe = unanswered(questions_, ask);
    // A question without a readable picture is left out everywhere, so that all conditions have
    // the same questions.
    for (const size_t needed : {ask.question, ask.picture}) {
      if (probe.answer.error.empty()) probe.answer.error = problem.at(needed);
    }
    if (!probe.answer.error.empty()) return;
    const image::Image picture =
        picture_as_asked(pictures.at(ask.question), pictures.at(ask.picture), ask, question.id,
                         seed_, predictor_.processor().preprocess_options());
    shown_[i] = question_as_asked(question, ask);
    prompts_[i] =
        predictor_.prompt(shown_[i], ask.condition == Condition::kAbsent ? nullptr : &picture,
                          caption_as_asked(question, ask));
    probe.answer.error = predictor_.problem(prompts_[i]);
  }

  const eval::EnginePredictor& predictor_;
  std::span<const record::Question> questions_;
  std::span<const Ask> asks_;
  uint64_t first_index_;
  uint64_t seed_;
  const std::function<void(record::ProbeAnswer)>& on_answer_;
  std::vector<record::ProbeAnswer> probes_;
  std::vector<record::Question> shown_;
  std::vector<prompt::ModelInput> prompts_;
  std::vector<uint8_t> is_done_;
};

}  // namespace

void probe(infer::Engine& engine, const prompt::Processor& processor,
           std::span<const record::Question> questions, std::span<const Ask> asks,
           uint64_t first_index, const ProbeOptions& options,
           const std::function<void(record::ProbeAnswer)>& on_answer) {
  eval::AskOptions ask;
  ask.style = options.with_reasoning ? prompt::ReplyStyle::kReasoningThenAnswer
                                     : prompt::ReplyStyle::kAnswerOnly;
  ask.by_likelihood = !options.with_reasoning;
  ask.sampling = options.sampling;
  std::set<char> letters;
  for (const Ask& one : asks) eval::add_letters(questions[one.question], letters);
  const eval::EnginePredictor predictor(engine, processor, ask, letters, "--reply answer");
  const size_t block = eval::questions_together(engine.info(), options.batch, asks.size());
  for (size_t begin = 0; begin < asks.size(); begin += block) {
    const auto part = asks.subspan(begin, std::min(block, asks.size() - begin));
    infer::Scheduler scheduler(engine, processor.tokenizer(), processor.end_ids(),
                               predictor.scheduler_options(options.batch));
    Probing work(predictor, questions, part, first_index + begin, options.seed, on_answer);
    infer::run_in_order(work, part.size(), static_cast<size_t>(options.batch), scheduler,
                        "the same command does the rest");
  }
}

}  // namespace lmc::grounding
