// What packing cost a model: the device file of a model beside one that holds it in float32, over
// the same prompts and the same continuation.
//
// Errors: InputError for files that are none of this model.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "export/same_logits.h"  // LogitChange
#include "prompt/model_input.h"  // ModelInput

namespace lmc::exporting {

// A stage's rows, of all prompts as one vector. Every stage reads what the ones before it made, so
// that errors add up on the way.
struct StageChange {
  std::string stage;  // "vision.block.3", "language.layer.0", ...
  double cosine = 0;
  double relative_rms = 0;  // of the difference, over the reference's
};

struct DeviceQuality {
  LogitChange logits;
  std::vector<StageChange> stages;  // in the order in which they are computed
};

// `steps` tokens after each prompt are the reference's choices. `threads` 0: all.
DeviceQuality device_quality(const std::string& reference, const std::string& path,
                             std::span<const prompt::ModelInput> prompts, int64_t steps,
                             int64_t threads);

// What a file of such weights must reach to be written without being asked for.
struct QualityBar {
  double most_mean_kl = 0;  // nats
  double least_same_choice = 0;
};
QualityBar quality_bar(const std::string& weights);

}  // namespace lmc::exporting
