// The choice that resembles a text most, as MedVInT and MedEvalKit look for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::eval {

// The index of the choice with the highest sequence_ratio(choice, text); of equal ones the first;
// none when nothing has a character in common with the text.
std::optional<size_t> most_similar(const std::vector<std::u32string>& choices,
                                   std::u32string_view text);

}  // namespace lmc::eval
