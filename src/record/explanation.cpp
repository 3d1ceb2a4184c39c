#include "record/explanation.h"

#include <unordered_map>

#include "record/json_lines.h"  // for_each_record

namespace lmc::record {

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
