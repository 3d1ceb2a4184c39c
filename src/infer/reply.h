// What a model replied.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "infer/token_log_probs.h"  // TokenLogProb

namespace lmc::infer {

enum class FinishReason { kEnd, kStop, kLength };

// The word for it in records: "end", "stop" or "length".
std::string_view finish_name(FinishReason reason);

struct Reply {
  std::string text;          // special tokens left out; up to the stop string
  std::vector<int32_t> ids;  // as generated, the end token left out
  FinishReason finish = FinishReason::kEnd;
  std::vector<TokenLogProb> log_probs;  // one for each id, when the options ask for them
};

}  // namespace lmc::infer
