#include "record/token_log_prob.h"

#include <cmath>
#include <utility>

#include "base/check.h"  // InputError

namespace lmc::record {

namespace {

constexpr int64_t kLogProbsVersion = 1;

// Bytes as text that JSON can hold: one character a byte, U+0000 to U+00FF (ISO 8859-1).
std::string text_of_bytes(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | byte >> 6);
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

std::string bytes_of_text(const std::string& text, std::string_view where) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      bytes += text[i];
    } else if ((byte == 0xC2 || byte == 0xC3) && i + 1 < text.size()) {
      bytes += static_cast<char>((byte & 0x03) << 6 | (text[++i] & 0x3F));
    } else {
      throw InputError(where, "key \"log_probs\": a character above U+00FF is no byte");
    }
  }
  return bytes;
}

Json to_json(const TokenLogProb::Choice& choice) {
  // Four digits after the point: finer than what a bf16 teacher can tell apart.
  return Json{text_of_bytes(choice.bytes), std::round(choice.log_prob * 1e4) / 1e4};
}

TokenLogProb::Choice choice_from_json(const Json& json, std::string_view where) {
  if (!json.is_array() || json.size() < 2) fail_json_type(where, "log_probs", "a pair", json);
  return {bytes_of_text(json_as<std::string>(json[0], where, "log_probs"), where),
          json_as<double>(json[1], where, "log_probs")};
}

}  // namespace

Json to_json(const std::vector<TokenLogProb>& log_probs) {
  Json tokens = Json::array();
  for (const TokenLogProb& one : log_probs) {
    Json token = to_json(one.written);
    Json top = Json::array();
    for (const TokenLogProb::Choice& choice : one.top) top.push_back(to_json(choice));
    token.push_back(std::move(top));
    tokens.push_back(std::move(token));
  }
  return {{"version", kLogProbsVersion}, {"tokens", std::move(tokens)}};
}

std::vector<TokenLogProb> log_probs_from_json(const Json& record, std::string_view where) {
  const auto found = record.find("log_probs");
  if (found == record.end() || found->is_null()) return {};
  const auto version = json_get<int64_t>(*found, "version", where);
  if (version != kLogProbsVersion) {
    throw InputError(
        where, cat("key \"log_probs\": expected version ", kLogProbsVersion, ", found ", version));
  }
  const auto tokens = found->find("tokens");
  if (tokens == found->end() || !tokens->is_array()) {
    throw InputError(where, "key \"log_probs\": the list \"tokens\" is missing");
  }
  std::vector<TokenLogProb> log_probs;
  for (const Json& token : *tokens) {
    TokenLogProb one{choice_from_json(token, where), {}};
    if (token.size() > 2) {
      for (const Json& choice : token[2]) one.top.push_back(choice_from_json(choice, where));
    }
    log_probs.push_back(std::move(one));
  }
  return log_probs;
}

}  // namespace lmc::record
