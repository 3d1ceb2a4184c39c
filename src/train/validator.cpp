#include "train/validator.h"

#include <cmath>
#include <iomanip>
#include <sstream>
#include <utility>

#include "base/check.h"  // InputError

namespace lmc::train {

namespace {

std::vector<TrainingInput> validation_samples(const TrainOptions& training, const Loader& loader,
                                              const MicroBatchOptions& micro_batches) {
  TrainOptions options = training;
  options.questions = training.validation;
  options.explanations = training.validation_explanations;
  options.conversations.clear();
  options.shuffle_images = false;
  if (options.explanations.empty()) options.target = Target::kAnswer;
  const SampleSet set = read_samples(options, loader.processor().style());
  std::vector<TrainingInput> inputs;
  for (const Sample& sample : set.samples) {
    LoadedSample loaded = loader.load(sample);
    if (!loaded.input) continue;
    inputs.push_back(std::move(*loaded.input));
    if (!micro_batches.features) continue;
    // So that not the pixels of all are held at once.
    for (const auto& image : inputs.back().input.images) micro_batches.features(image);
  }
  if (inputs.empty()) throw InputError(training.validation, "no usable sample to validate on");
  return inputs;
}

}  // namespace

bool is_out_of_patience(const TrainOptions& options, const RunState& state) {
  return options.patience > 0 && state.validations_since >= options.patience;
}

Validator::Validator(const TrainingRun& run, const Loader& loader,
                     const MicroBatchOptions& micro_batches, const TrainedWeights& trained)
    : run_(run),
      micro_batches_(micro_batches),
      trained_(trained),
      samples_(validation_samples(run.options, loader, micro_batches)) {}

bool Validator::validate(RunState& state, Metrics& metrics) {
  const double loss = measure_loss(run_.model, samples_, micro_batches_).mean();
  if (!std::isfinite(loss)) return false;
  const double accuracy = run_.accuracy ? run_.accuracy(state.step) : -1;
  metrics.add_validation(state.step, loss, accuracy);
  std::ostringstream line;
  line << "train: after step " << state.step << ": validation loss " << std::fixed
       << std::setprecision(4) << loss;
  if (accuracy >= 0) line << ", accuracy " << std::setprecision(1) << 100 * accuracy << " %";
  run_.out << line.str() << "\n";
  if (state.best_step == 0 || loss < state.best_validation_loss) {
    state.best_step = state.step;
    state.best_validation_loss = loss;
    state.validations_since = 0;
    trained_.save(run_.options.out + "/best");
  } else {
    ++state.validations_since;
  }
  return true;
}

}  // namespace lmc::train
