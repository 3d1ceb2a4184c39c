// What an endpoint says in an error, as it may be kept in a record and shown on a terminal.
//
// Servers quote the request that they refuse: the key it came with and the image in base64. Some
// quote it as JSON, some cut it, some print half of the key.
// Threads: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lmc::client {

// The text with "***" for each of the secrets, written plainly, with JSON's or a URL's escapes, or
// so much of one that the rest could be guessed: eight characters of a long one, half of a short one.
std::string without_secrets(std::string_view text, std::span<const std::string> secrets);

// Without secrets and without what is data, not words (base64); control characters made visible; in
// one line of at most some 200 bytes.
std::string shortened_words(std::string_view text, std::span<const std::string> secrets);

}  // namespace lmc::client
