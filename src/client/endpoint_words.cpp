#include "client/endpoint_words.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <vector>

#include "base/check.h"       // cat
#include "base/printable.h"   // printable
#include "base/utf8_edges.h"  // whole_characters

namespace lmc::client {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The ASCII character that so many hexadecimal digits stand for; 0: none.
char coded(std::string_view digits, size_t count) {
  if (digits.size() < count) return 0;
  int code = 0;
  for (size_t i = 0; i < count; ++i) {
    const int digit = hex_digit(digits[i]);
    if (digit < 0 || code > 0x7F) return 0;
    code = code * 16 + digit;
  }
  return code < 0x80 ? static_cast<char>(code) : '\0';
}

// A text without escapes, and where each of its characters stands in the original.
struct Plain {
  std::string text;
  std::vector<size_t> begin;  // one more than characters
};

Plain without_escapes(std::string_view text) {
  Plain plain;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    char c = text[i];
    if (c == '\\') {
      while (end < text.size() && text[end] == '\\') ++end;  // of JSON within JSON
      const std::string_view rest = text.substr(end);
      if (const char code = rest.starts_with('u') ? coded(rest.substr(1), 4) : '\0'; code != 0) {
        c = code;
        end += 5;
      } else if (!rest.empty() && (rest[0] == '"' || rest[0] == '/')) {
        c = rest[0];
        ++end;
      }
    } else if (c == '%') {
      if (const char code = coded(text.substr(i + 1), 2); code != 0) {
        c = code;
        end = i + 3;
      }
    }
    plain.text += c;
    plain.begin.push_back(i);
    i = end;
  }
  plain.begin.push_back(text.size());
  return plain;
}

// So many characters of a secret in a row give it away.
size_t telling_part(std::string_view secret) {
  return std::min(secret.size(), std::clamp<size_t>(secret.size() / 2, 6, 8));
}

void mark(std::string_view text, std::string_view secret, std::vector<bool>& is_secret) {
  if (secret.empty()) return;
  const size_t part = telling_part(secret);
  for (size_t i = 0; i + part <= text.size(); ++i) {
    if (secret.find(text.substr(i, part)) == secret.npos) continue;
    std::fill_n(is_secret.begin() + static_cast<std::ptrdiff_t>(i), part, true);
  }
}

bool is_of_base64(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '=';
}

// Not a long word: encoded bytes have all kinds of characters.
bool is_data(std::string_view run) {
  constexpr size_t kLongestWord = 40;
  const auto has = [&](auto is_one) { return std::any_of(run.begin(), run.end(), is_one); };
  return run.size() > kLongestWord && has([](unsigned char c) { return std::isupper(c) != 0; }) &&
         has([](unsigned char c) { return std::islower(c) != 0; }) &&
         has([](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string without_data(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    // JSON writes the slash with a backslash before it, if it likes.
    size_t end = i;
    while (end < text.size() && (is_of_base64(text[end]) || text.substr(end, 2) == "\\/")) ++end;
    const std::string_view run = text.substr(i, end - i);
    result += is_data(run) ? cat("[", run.size(), " characters of data]") : std::string(run);
    if (end < text.size()) result += text[end++];
    i = end;
  }
  return result;
}

}  // namespace

std::string without_secrets(std::string_view text, std::span<const std::string> secrets) {
  const Plain plain = without_escapes(text);
  std::vector<bool> is_secret(plain.text.size());
  for (const std::string& secret : secrets) {
    mark(plain.text, secret, is_secret);
    mark(plain.text, without_escapes(secret).text, is_secret);
  }
  std::string result;
  for (size_t i = 0; i < is_secret.size(); ++i) {
    if (!is_secret[i]) {
      result += text.substr(plain.begin[i], plain.begin[i + 1] - plain.begin[i]);
    } else if (i == 0 || !is_secret[i - 1]) {
      result += "***";
    }
  }
  return result;
}

std::string shortened_words(std::string_view text, std::span<const std::string> secrets) {
  constexpr size_t kRead = size_t{1} << 16;
  constexpr size_t kMost = 200;
  const std::string words =
      printable(without_data(without_secrets(text.substr(0, kRead), secrets)));
  if (words.size() <= kMost) return words;
  return cat(whole_characters(words, kMost), "...");
}

}  // namespace lmc::client
