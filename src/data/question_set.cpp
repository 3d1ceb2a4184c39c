#include "data/question_set.h"

#include "base/sha256.h"  // sha256_hex

namespace lmc::data {

std::string short_hash(std::string_view text) { return sha256_hex(text).substr(0, 12); }

}  // namespace lmc::data
