#include "apps/engine_loader.h"

namespace lmc::apps {

std::unique_ptr<infer::Engine> load_engine(const EngineOptions& options) {
  throw InputError(options.model, "this program was built without libtorch and cannot run a model",
                   "build with -DLMC_TORCH=ON");
}

}  // namespace lmc::apps
