#include "record/explanation.h"

#include <cmath>
#include <unordered_map>

#include "record/json_lines.h"  // for_each_record

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

// {"version": 1, "tokens": [[bytes, log probability, [[bytes, log probability], ...]], ...]}
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

std::vector<TokenLogProb> log_probs_from_json(const Json& explanation, std::string_view where) {
  const auto found = explanation.find("log_probs");
  if (found == explanation.end() || found->is_null()) return {};
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

}  // namespace

Json to_json(const Explanation& explanation) {
  Json json = {{"question_id", explanation.question_id},
               {"accepted", explanation.accepted},
               {"reason", explanation.reason},
               {"reasoning", explanation.reasoning},
               {"answer", explanation.answer},
               {"reply", explanation.reply},
               {"mode", explanation.mode},
               {"teacher", explanation.teacher},
               {"prompt_sha256", explanation.prompt_sha256},
               {"prompt_tokens", explanation.prompt_tokens},
               {"reply_tokens", explanation.reply_tokens}};
  if (explanation.samples != 1) json["samples"] = explanation.samples;
  if (explanation.reached_gold >= 0) json["reached_gold"] = explanation.reached_gold;
  if (!explanation.further_reasonings.empty()) {
    json["further_reasonings"] = explanation.further_reasonings;
  }
  if (!explanation.judge.empty()) json["judge"] = explanation.judge;
  if (explanation.finished_at > 0) json["finished_at"] = explanation.finished_at;
  if (!explanation.log_probs.empty()) json["log_probs"] = to_json(explanation.log_probs);
  return json;
}

Explanation explanation_from_json(const Json& json, std::string_view where) {
  Explanation explanation;
  explanation.question_id = json_get<std::string>(json, "question_id", where);
  explanation.accepted = json_get<bool>(json, "accepted", where);
  explanation.reason = json_get<std::string>(json, "reason", where);
  explanation.reasoning = json_get<std::string>(json, "reasoning", where);
  explanation.answer = json_get<std::string>(json, "answer", where);
  explanation.reply = json_get<std::string>(json, "reply", where);
  explanation.mode = json_get<std::string>(json, "mode", where);
  explanation.teacher = json_get<std::string>(json, "teacher", where);
  explanation.prompt_sha256 = json_get<std::string>(json, "prompt_sha256", where);
  explanation.prompt_tokens = json_get<int64_t>(json, "prompt_tokens", where);
  explanation.reply_tokens = json_get<int64_t>(json, "reply_tokens", where);
  explanation.samples = json_get_or<int64_t>(json, "samples", where, 1);
  explanation.reached_gold = json_get_or<int64_t>(json, "reached_gold", where, -1);
  explanation.further_reasonings =
      json_get_or<std::vector<std::string>>(json, "further_reasonings", where, {});
  explanation.judge = json_get_or<std::string>(json, "judge", where, "");
  explanation.finished_at = json_get_or<int64_t>(json, "finished_at", where, 0);
  explanation.log_probs = log_probs_from_json(json, where);
  return explanation;
}

void for_each_explanation(const std::string& path,
                          const std::function<void(Explanation explanation)>& visit) {
  for_each_record(path, LastLine::kMayBeCut, [&](const Json& json, const std::string& where) {
    visit(explanation_from_json(json, where));
  });
}

std::vector<Explanation> read_ledger(const std::string& path) {
  std::vector<Explanation> ledger;
  std::unordered_map<std::string, size_t> place_of;
  for_each_explanation(path, [&](Explanation line) {
    const auto [place, is_new] = place_of.emplace(line.question_id, ledger.size());
    if (is_new) {
      ledger.push_back(std::move(line));
    } else {
      ledger[place->second] = std::move(line);
    }
  });
  return ledger;
}

}  // namespace lmc::record
