// Settings of another program's file: which are computed here, which change nothing, and that no
// other one is on.
//
// Newer versions of peft and transformers write keys that older ones did not know. Where such a key
// is on, it changes the arithmetic or it does not; a reader that ignores it may be silently wrong.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/json.h"  // Json

namespace lmc::spec {

// null, false, "", [] and {}.
bool is_off(const Json& value);

// Errors: InputError naming key and value of the first member of `object` that `is_known` does not
// hold of and that is on. `section`: the path of the object inside the file, "" for the whole.
void refuse_unknown(const Json& object, const std::function<bool(std::string_view)>& is_known,
                    const std::string& where, const std::string& section, std::string_view hint);

}  // namespace lmc::spec
