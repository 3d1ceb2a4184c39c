// Any bytes as adapter_config.json: refused in one line, or a configuration that, written by us, is
// read as the same, and whose layers, ranks and scales can be told or are refused.
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"  // InputError
#include "base/json.h"   // parse_json, to_text
#include "require.h"
#include "spec/lora_config.h"
#include "spec/lora_targets.h"
#include "spec/model_config.h"

namespace lmc {
namespace {

spec::ModelConfig small_model() {
  spec::ModelConfig model;
  model.text.num_layers = 2;
  model.vision.depth = 2;
  return model;
}

void check_targets(const spec::LoraConfig& config) {
  static const spec::ModelConfig model = small_model();
  for (const std::string& path : spec::lora_targets(config, model)) {
    FUZZ_REQUIRE(spec::lora_rank(config, path) >= 1);
    FUZZ_REQUIRE(std::isfinite(spec::lora_scale(config, path)));
  }
}

void check(std::string_view bytes) {
  try {
    const spec::LoraConfig config = spec::lora_config_from_json(parse_json(bytes, "fuzz"), "fuzz");
    if (!config.targets_are_narrowed) {
      const Json written = spec::to_json(config);
      FUZZ_REQUIRE(spec::to_json(spec::lora_config_from_json(written, "again")) == written);
    }
    check_targets(config);
  } catch (const InputError& error) {
    const std::string_view line = error.what();
    FUZZ_REQUIRE(line.find('\n') == line.npos);
    FUZZ_REQUIRE(!line.starts_with("again"));
  }
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lmc::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
