// Text and numbers as HTML. Everything that comes from data passes escaped().
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"  // Json

namespace lmc::report {

// For text and for values in double quotes; control characters that HTML does not allow are
// dropped.
std::string escaped(std::string_view text);

std::string fixed(double value, int digits);  // "12.50"
std::string percent(double share);            // 0.125 -> "12.5 %"
std::string points(double difference);        // 0.015 -> "+1.5"
std::string p_value(double p);                // "0.031", "0.0004", "3.1e-07"

// The hash by which a Content-Security-Policy names an inline script.
std::string policy_hash(std::string_view script);

// JSON for a script element: no character in it can end the element or open a comment.
std::string script_json(const Json& value);

}  // namespace lmc::report
