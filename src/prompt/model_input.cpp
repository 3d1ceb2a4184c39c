#include "prompt/model_input.h"

#include <algorithm>

#include "base/check.h"  // LMC_CHECK

namespace lmc::prompt {

void append_text(std::span<const int32_t> ids, ModelInput& input) {
  const bool has_positions = input.positions[0].size() == input.ids.size();
  for (const int32_t id : ids) {
    input.ids.push_back(id);
    input.is_target.push_back(0);
    if (has_positions) {
      for (std::vector<int32_t>& axis : input.positions) axis.push_back(input.next_position);
    }
    ++input.next_position;
  }
}

int32_t mrope_positions(std::span<const int32_t> ids, int32_t image_token_id, int64_t merge_size,
                        std::span<const std::shared_ptr<const image::PatchGrid>> images,
                        std::array<std::vector<int32_t>, 3>& positions) {
  for (auto& axis : positions) {
    axis.clear();
    axis.reserve(ids.size());
  }
  int32_t next = 0;
  size_t image_index = 0;
  for (size_t i = 0; i < ids.size();) {
    if (ids[i] != image_token_id) {
      for (auto& axis : positions) axis.push_back(next);
      ++next;
      ++i;
      continue;
    }
    LMC_CHECK(image_index < images.size(), "image ", image_index, " of ", images.size());
    const image::PatchGrid& grid = *images[image_index++];
    const auto rows = static_cast<int32_t>(grid.grid_h / merge_size);
    const auto columns = static_cast<int32_t>(grid.grid_w / merge_size);
    const size_t end = i + static_cast<size_t>(rows) * static_cast<size_t>(columns);
    LMC_CHECK(end > i && end <= ids.size() &&
                  std::all_of(ids.begin() + static_cast<std::ptrdiff_t>(i),
                              ids.begin() + static_cast<std::ptrdiff_t>(end),
                              [&](int32_t id) { return id == image_token_id; }),
              "image of ", rows, " x ", columns, " tokens at token ", i, " of ", ids.size());
    for (int32_t row = 0; row < rows; ++row) {
      for (int32_t column = 0; column < columns; ++column) {
        positions[0].push_back(next);
        positions[1].push_back(next + row);
        positions[2].push_back(next + column);
      }
    }
    next += std::max(rows, columns);
    i = end;
  }
  LMC_CHECK(image_index == images.size(), image_index, " images placed of ", images.size());
  return next;
}

}  // namespace lmc::prompt
