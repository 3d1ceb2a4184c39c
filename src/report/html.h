// Text and numbers as HTML. Everything that comes from data passes escaped().
#pragma once

#include <string>
#include <string_view>

namespace lmc::report {

// For text and for values in double quotes; control characters that HTML does not allow are
// dropped.
std::string escaped(std::string_view text);

std::string fixed(double value, int digits);  // "12.50"
std::string percent(double share);            // 0.125 -> "12.5 %"
std::string p_value(double p);                // "0.031", "0.0004", "3.1e-07"

std::string base64(std::string_view bytes);

}  // namespace lmc::report
