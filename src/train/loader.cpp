#include "train/loader.h"

#include <algorithm>

#include "base/check.h"             // cat
#include "base/parallel.h"          // parallel_for
#include "record/missing_images.h"  // check_images_are_there

namespace lmc::train {

Loader::Loader(const SampleSet& set, const TrainOptions& options,
               const prompt::Processor& processor, ImageStore& images)
    : set_(set),
      options_(options),
      processor_(processor),
      images_(images),
      groups_(sample_groups(set.samples, options.order == DrawOrder::kByImage)),
      drawn_(set.samples, options),
      objective_(options, processor.tokenizer()) {}

LoadedSample Loader::load(const Sample& sample) const {
  return load_sample(sample, processor_, images_, objective_, options_.max_tokens);
}

StepInputs Loader::load(const std::vector<Draw>& draws) const {
  std::vector<LoadedSample> loaded(draws.size());
  parallel_for(draws.size(), [&](size_t i) { loaded[i] = load(drawn_.draw(draws[i])); });
  StepInputs inputs;
  for (size_t i = 0; i < loaded.size(); ++i) {
    if (loaded[i].input) {
      inputs.samples.push_back(std::move(*loaded[i].input));
    } else {
      if (loaded[i].is_image_at_fault) {
        record::check_images_are_there(set_.samples.size(), draws[i].sample,
                                       [this](size_t k) { return set_.samples[k].image; });
      }
      inputs.problems.push_back(cat(set_.samples[draws[i].sample].id, ": ", loaded[i].problem));
    }
  }
  return inputs;
}

StepInputs Loader::load_first(size_t count) const {
  const auto batch = static_cast<int64_t>(std::min(set_.samples.size(), count));
  return load(BatchSampler(groups_, batch, options_.seed).batch_of_step(0, batch));
}

BatchSampler Loader::order() const { return {groups_, options_.batch, options_.seed}; }

void Loader::show(std::ostream& out) const {
  const size_t count = std::min(set_.samples.size(), static_cast<size_t>(options_.show));
  for (size_t i = 0; i < count; ++i) {
    const Sample sample = drawn_.draw({i * set_.samples.size() / count, 0});
    const LoadedSample loaded = load(sample);
    out << "--- sample " << sample.id;
    if (loaded.input) {
      const auto& weights = loaded.input->weights;
      out << ", " << weights.size() << " tokens, learns "
          << std::count_if(weights.begin(), weights.end(), [](float w) { return w != 0; });
    } else {
      out << ", unusable: " << loaded.problem;
    }
    out << "\n" << sample.prompt << "\n>>> learnt from here\n" << sample.reply << "\n";
  }
  if (count > 0) out << "---\n";
}

StepLoader::StepLoader(const Loader& loader, const Ranks& ranks, int64_t step, int64_t steps,
                       int64_t draws)
    : loader_(loader),
      ranks_(ranks),
      order_(loader.order()),
      step_(step),
      steps_(steps),
      draws_(draws) {
  load_ahead();
}

void StepLoader::load_ahead() {
  if (step_ >= steps_) return;
  ahead_ = std::async(std::launch::async, [this, draws = order_.batch_of_step(step_, draws_)] {
    return loader_.load(ranks_.share_of(draws));
  });
  ++step_;
}

StepInputs StepLoader::next() {
  StepInputs inputs = ahead_.get();
  load_ahead();
  return inputs;
}

}  // namespace lmc::train
