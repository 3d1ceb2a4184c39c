// The bare prefill of the prompts of `evaluate --mode likelihood`: what no evaluation can be faster
// than. Images are read and prepared before the clock starts.
//
// Usage: bench_prefill MODEL QUESTIONS LIMIT BATCH THREADS; prints the seconds of all prefills.
#include <algorithm>
#include <chrono>
#include <iostream>

#include "base/check.h"              // InputError
#include "base/parallel.h"           // parallel_for
#include "data/read_image.h"         // read_image
#include "eval/answer_slot.h"        // find_answer_slot
#include "eval/evaluate.h"           // chosen_questions
#include "eval/question_prompt.h"    // question_input
#include "infer/score.h"             // score
#include "model/process_settings.h"  // apply
#include "model/torch_engine.h"      // TorchEngine

namespace {

void run(char** argv) {
  using namespace lmc;
  model::apply({.threads = std::stoi(argv[5])});
  const prompt::Processor processor(argv[1]);
  const auto questions = eval::chosen_questions(argv[2], "", std::stoll(argv[3]));
  const auto batch = static_cast<size_t>(std::stoll(argv[4]));
  model::TorchEngine engine(model::Qwen3Vl::load(argv[1], {}));
  std::vector<prompt::ModelInput> inputs(questions.size());
  parallel_for(inputs.size(), [&](size_t i) {
    const image::Image image = data::read_image(questions[i]);
    inputs[i] =
        eval::question_input(questions[i], &image, "", processor, prompt::ReplyStyle::kAnswerOnly);
    const eval::AnswerSlot slot =
        eval::find_answer_slot(questions[i].options, "", processor, "bench_prefill");
    prompt::append_text(slot.prefix_ids, inputs[i]);
  });
  const auto start = std::chrono::steady_clock::now();
  float sum = 0;  // so that the logits are computed
  for (size_t begin = 0; begin < inputs.size(); begin += batch) {
    const auto rows = std::span(inputs).subspan(begin, std::min(batch, inputs.size() - begin));
    sum += infer::score(engine, rows).front().next_logits_V[0];
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << seconds.count() << "\n";
  if (sum != sum) throw InputError(argv[1], "the logits are no numbers");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: bench_prefill MODEL QUESTIONS LIMIT BATCH THREADS\n";
    return 2;
  }
  try {
    run(argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
