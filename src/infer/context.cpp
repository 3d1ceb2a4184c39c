#include "infer/context.h"

#include <algorithm>

#include "base/check.h"  // cat

namespace lmc::infer {

int64_t room_for_reply(const prompt::ModelInput& prompt, const EngineInfo& info, int64_t wanted) {
  if (info.max_positions <= 0) return wanted;
  return std::min(info.max_positions - prompt.next_position, wanted);
}

std::string too_long(const prompt::ModelInput& prompt, const EngineInfo& info) {
  if (room_for_reply(prompt, info, 1) >= 1) return "";
  return cat("the prompt takes ", prompt.next_position, " positions; the model has ",
             info.max_positions, " for prompt and reply");
}

}  // namespace lmc::infer
