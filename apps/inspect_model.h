// The part of `inspect` that computes: stages, logits, loss and gradients of one conversation.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "apps/engine_loader.h"    // EngineOptions
#include "prompt/model_input.h"    // ModelInput
#include "tensorio/safetensors.h"  // TensorInfo

namespace lmc::apps {

struct NamedTensor {
  tensorio::TensorInfo info;
  std::vector<std::byte> bytes;
};

// `wanted` holds any of "stages", "logits", "loss", "gradients".
std::vector<NamedTensor> inspect_model(const EngineOptions& options,
                                       const prompt::ModelInput& input,
                                       const std::set<std::string>& wanted);

}  // namespace lmc::apps
