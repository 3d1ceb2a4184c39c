#include "train/trained_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"  // InputError
#include "model/lora.h"  // attach_lora

namespace lmc::train {
namespace {

using testing::HasSubstr;

// The plan would come too late for an adapter that cannot even be made.
TEST(TrainedWeights, AnAdaptersMemoryIsKnownBeforeItIsMade) {
  for (const bool dora : {false, true}) {
    const auto model = model::Qwen3Vl::load(LMC_SOURCE_DIR "/assets/phantom/student", {});
    spec::LoraConfig lora;
    lora.rank = 3;
    lora.use_dora = dora;
    lora.target_modules = {"q_proj", "down_proj"};
    lora.rank_pattern = {{"layers.0.self_attn.q_proj", 5}};
    const int64_t bytes = adapter_training_bytes(*model, lora);
    model::attach_lora(*model, lora, 0);
    int64_t values = 0;
    for (const Parameter& parameter : lora_parameters(*model)) values += parameter.value.numel();
    // Value, gradient, first and second moment, of four bytes each.
    EXPECT_EQ(bytes, values * 4 * 4);

    EXPECT_NO_THROW(check_adapter_fits(*model, lora, bytes));
    EXPECT_NO_THROW(check_adapter_fits(*model, lora, 0)) << "not known";
    EXPECT_THAT(
        [&] { check_adapter_fits(*model, lora, bytes - 1); },
        testing::ThrowsMessage<InputError>(HasSubstr("--rank: training the adapter takes")));
  }
}

}  // namespace
}  // namespace lmc::train
