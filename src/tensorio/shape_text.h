// A tensor's shape as messages say it: "[2, 3]".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lmc::tensorio {

std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace lmc::tensorio
