#include "apps/inspect_model.h"

namespace lmc::apps {

std::vector<NamedTensor> inspect_model(const EngineOptions& options, const prompt::ModelInput&,
                                       const std::set<std::string>&) {
  throw InputError(options.model, "this program was built without libtorch and cannot run a model",
                   "tokens, text, positions and pixels can be dumped; build with -DLMC_TORCH=ON");
}

}  // namespace lmc::apps
