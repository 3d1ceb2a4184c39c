// A web page where an answer was expected: of a proxy, a login, a Wi-Fi that wants to be paid.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lmc::client {

// What an HTML page says of itself: its title, else its first words, in one line of at most 80
// bytes. Nothing when `body` is no HTML page.
std::optional<std::string> web_page_title(std::string_view body);

// Whether an address or a title is that of a page where people log in.
bool looks_like_login(std::string_view text);

}  // namespace lmc::client
