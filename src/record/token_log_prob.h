// What an endpoint says of the tokens of a reply, and how records keep it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

// A token that was written, with what might have been written instead. Natural logarithms.
struct TokenLogProb {
  struct Choice {
    std::string bytes;  // of the token; need not be valid UTF-8
    double log_prob = 0;
  };
  Choice written;
  std::vector<Choice> top;  // likeliest first, as many as were asked for
};

// {"version": 1, "tokens": [[bytes, log probability, [[bytes, log probability], ...]], ...]}; a
// token's bytes are the characters U+0000 to U+00FF.
Json to_json(const std::vector<TokenLogProb>& log_probs);

// Under the key "log_probs" of a record; absent: empty.
// Errors: InputError.
std::vector<TokenLogProb> log_probs_from_json(const Json& record, std::string_view where);

}  // namespace lmc::record
