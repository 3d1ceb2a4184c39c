// For tests only: the golden conversations, and where optional real data lies.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"         // Json
#include "image/preprocess.h"  // PatchGrid
#include "prompt/chat.h"       // Message

namespace lmc::prompt {

inline std::string golden_folder() { return std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt"; }

inline std::string shared_data() {
  const char* folder = std::getenv("LMC_TEST_DATA");
  return folder != nullptr ? folder : std::string(LMC_SOURCE_DIR) + "/../shared/data";
}

inline std::vector<Message> messages_from(const Json& list) {
  std::vector<Message> messages;
  for (const Json& one : list) {
    Message message{one["role"].get<std::string>(), {}};
    for (const Json& part : one["content"]) {
      message.parts.push_back(part["type"] == "image" ? Part::of_image()
                                                      : Part::of_text(part["text"]));
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

// Grids of these sizes without pixels: ids and positions depend on nothing else.
inline std::vector<std::shared_ptr<const image::PatchGrid>> grids_from(const Json& list) {
  std::vector<std::shared_ptr<const image::PatchGrid>> grids;
  for (const Json& thw : list) {
    auto grid = std::make_shared<image::PatchGrid>();
    grid->grid_h = thw[1];
    grid->grid_w = thw[2];
    grids.push_back(std::move(grid));
  }
  return grids;
}

}  // namespace lmc::prompt
