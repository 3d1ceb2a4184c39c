// infer::ImageFeatures of the libtorch engine.
#pragma once

#include "infer/engine.h"    // ImageFeatures
#include "model/qwen3_vl.h"  // VisionFeatures

namespace lmc::model {

struct TorchFeatures : infer::ImageFeatures {
  VisionFeatures features;
  int64_t num_tokens() const override { return features.merged_MH.size(0); }
};

}  // namespace lmc::model
