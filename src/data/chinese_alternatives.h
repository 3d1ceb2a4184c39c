// The alternatives that a Chinese question names: "左侧、顶部还是左上", "肝脏和脾脏哪个更大".
#pragma once

#include <string_view>

#include "data/alternatives.h"

namespace lmc::data {

// kNoAlternatives: the question has none of the words that name some.
Alternatives read_chinese_alternatives(std::string_view question, std::string_view answer);

}  // namespace lmc::data
