#include "client/web_page.h"

#include <algorithm>
#include <array>

#include "base/ascii_case.h"  // lower_case
#include "base/utf8_edges.h"  // without_byte_order_mark, whole_characters

namespace lmc::client {

namespace {

// A page may be megabytes long; what it is called stands at its beginning.
constexpr size_t kLookedAt = 16384;
constexpr size_t kMaxTitleLength = 80;

// Where the tag at `tag` ends; of <script> and <style> with what stands in them.
size_t end_of_tag(const std::string& lower, size_t tag) {
  for (const std::string_view hidden : {"script", "style"}) {
    if (lower.compare(tag + 1, hidden.size(), hidden) != 0) continue;
    tag = lower.find(std::string("</") + std::string(hidden), tag);
    if (tag == lower.npos) return tag;
  }
  return lower.find('>', tag);
}

// The text between tags, in one line. `lower` is `html` in lower case.
std::string visible_text(std::string_view html, const std::string& lower) {
  std::string text;
  const auto add_blank = [&] {
    if (!text.empty() && text.back() != ' ') text += ' ';
  };
  for (size_t i = 0; i < html.size(); ++i) {
    const auto c = static_cast<unsigned char>(html[i]);
    if (c == '<') {
      add_blank();
      i = std::min(end_of_tag(lower, i), html.size());
    } else if (c <= 0x20 || c == 0x7f) {
      add_blank();
    } else {
      text += html[i];
    }
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string shortened(std::string text) {
  if (text.size() <= kMaxTitleLength) return text;
  return std::string(whole_characters(text, kMaxTitleLength - 3)) + "...";
}

}  // namespace

std::optional<std::string> web_page_title(std::string_view body) {
  body = without_byte_order_mark(body);
  body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
  if (!body.starts_with('<')) return std::nullopt;
  body = body.substr(0, kLookedAt);
  const std::string lower = lower_case(body);
  const std::array<std::string_view, 4> signs = {"<!doctype html", "<html", "<head", "<body"};
  const bool is_html = std::any_of(signs.begin(), signs.end(), [&](std::string_view sign) {
    return lower.find(sign) != lower.npos;
  });
  if (!is_html) return std::nullopt;
  const size_t tag = lower.find("<title");
  const size_t begin = tag == lower.npos ? tag : lower.find('>', tag);
  if (begin != lower.npos) {
    const std::string_view rest = body.substr(begin + 1);
    std::string title = visible_text(rest.substr(0, rest.find('<')), {});
    if (!title.empty()) return shortened(std::move(title));
  }
  return shortened(visible_text(body, lower));
}

bool looks_like_login(std::string_view text) {
  const std::string lower = lower_case(text);
  const std::array<std::string_view, 9> signs = {"login",   "log in", "log-in", "signin", "sign in",
                                                 "sign-in", "oauth",  "saml",   "captive"};
  return std::any_of(signs.begin(), signs.end(),
                     [&](std::string_view sign) { return lower.find(sign) != lower.npos; });
}

}  // namespace lmc::client
