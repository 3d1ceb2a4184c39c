#include "report/html.h"

#include <cstdint>
#include <cstdio>

#include "base/check.h"     // cat
#include "base/data_url.h"  // base64_encode
#include "base/sha256.h"    // sha256_hex

namespace lmc::report {

namespace {

std::string formatted(const char* format, int digits, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, digits, value);
  return text;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default: {
        const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        if (!is_control || c == '\n' || c == '\t') html += c;
      }
    }
  }
  return html;
}

std::string fixed(double value, int digits) { return formatted("%.*f", digits, value); }

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

std::string points(double difference) {
  const std::string text = fixed(100 * difference, 1);
  if (text == "-0.0") return "0.0";
  return difference > 0 && text != "0.0" ? "+" + text : text;
}

std::string p_value(double p) {
  if (p >= 0.001) return fixed(p, 3);
  if (p >= 0.0001) return fixed(p, 4);
  return p > 0 ? formatted("%.*e", 1, p) : "below 1e-300";
}

std::string policy_hash(std::string_view script) {
  const std::string hex = sha256_hex(script);
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return cat("'sha256-", base64_encode(bytes), "'");
}

std::string script_json(const Json& value) {
  std::string text;
  for (const char c : to_text(value)) {
    // In JSON these three stand in strings only, where the escape means the same.
    if (c == '<') {
      text += "\\u003c";
    } else if (c == '>') {
      text += "\\u003e";
    } else if (c == '&') {
      text += "\\u0026";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace lmc::report
