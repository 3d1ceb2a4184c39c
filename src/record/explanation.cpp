#include "record/explanation.h"

#include <unordered_map>

#include "record/json_lines.h"  // for_each_record

namespace lmc::record {

Json to_json(const Explanation& explanation) {
  return {{"question_id", explanation.question_id},
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
  return explanation;
}

std::vector<Explanation> read_ledger(const std::string& path) {
  std::vector<Explanation> ledger;
  std::unordered_map<std::string, size_t> place_of;
  for_each_record(path, LastLine::kMayBeCut, [&](const Json& json, const std::string& where) {
    Explanation line = explanation_from_json(json, where);
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
