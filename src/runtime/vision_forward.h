// The vision tower: one image to the features that stand for it.
//
// Letters: P patches, M tokens of the language model, H its width.
// Mirrors: transformers, Qwen3VLVisionModel.forward.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "prompt/model_input.h"    // PatchGrid
#include "runtime/device_model.h"  // VisionTower
#include "runtime/products.h"      // Machine

namespace lmc::runtime {

struct VisionFeatures {
  std::vector<float> merged_MH;                  // replace the embeddings of image tokens
  std::vector<std::vector<float>> deepstack_MH;  // added after the first decoder layers
};

// Receives named intermediate results, as rows; for tests.
using Tap = std::function<void(const std::string& name, std::span<const float> rows)>;

VisionFeatures vision_forward(const VisionTower& tower, const spec::VisionConfig& config,
                              const image::PatchGrid& image, const Machine& machine,
                              const Tap& tap = {});

}  // namespace lmc::runtime
