// Opens a checkpoint in libtorch by the options the commands share.
#pragma once

#include <memory>

#include "apps/engine_loader.h"  // EngineOptions
#include "infer/engine.h"        // Engine
#include "model/qwen3_vl.h"      // Qwen3Vl

namespace lmc::apps {

// Makes the settings of the process first (model/process_settings.h).
std::unique_ptr<model::Qwen3Vl> load_torch_model(const EngineOptions& options);
std::unique_ptr<infer::Engine> load_torch_engine(const EngineOptions& options);

}  // namespace lmc::apps
