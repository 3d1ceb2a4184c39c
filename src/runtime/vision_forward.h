// The vision tower: one image to the features that stand for it.
//
// Letters: P patches, M tokens of the language model, H its width.
// Mirrors: transformers, Qwen3VLVisionModel.forward.
#pragma once

#include <vector>

#include "prompt/model_input.h"    // PatchGrid
#include "runtime/device_model.h"  // VisionTower
#include "runtime/products.h"      // Machine
#include "runtime/tap.h"           // Tap

namespace lmc::runtime {

struct VisionFeatures {
  std::vector<float> merged_MH;                  // replace the embeddings of image tokens
  std::vector<std::vector<float>> deepstack_MH;  // added after the first decoder layers
};

VisionFeatures vision_forward(const VisionTower& tower, const spec::VisionConfig& config,
                              const image::PatchGrid& image, const Machine& machine,
                              const Tap& tap = {});

}  // namespace lmc::runtime
