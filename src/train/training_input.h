// A sample ready for the model: tokens and images, what each token's loss weighs, and what the
// teacher would have written in its place.
#pragma once

#include <cstdint>
#include <vector>

#include "prompt/model_input.h"  // ModelInput

namespace lmc::train {

// The teacher's likeliest tokens where token `place` of the sample stands. Natural logarithms; what
// they leave of the whole is the tail's.
struct TeacherChoices {
  int64_t place = 0;
  std::vector<int32_t> ids;
  std::vector<float> log_probs;
};

struct TrainingInput {
  prompt::ModelInput input;
  // Of each token's loss, as many as input.ids; 0: not learnt. A step's loss is the weighted mean.
  std::vector<float> weights;
  std::vector<TeacherChoices> teacher;  // by place, ascending; empty: none known
};

}  // namespace lmc::train
