#include "record/endpoint_reply.h"

#include <utility>

#include "record/explanation.h"  // Explanation

namespace lmc::record {

namespace {

EndpointReply from_ledger_line(Explanation line) {
  EndpointReply reply;
  reply.prompt_id = std::move(line.question_id);
  reply.reason = std::move(line.reason);
  reply.letter = std::move(line.answer);
  reply.is_right = line.reached_gold > 0;
  reply.reasoning = std::move(line.reasoning);
  reply.reply = std::move(line.reply);
  reply.model = std::move(line.teacher);
  reply.prompt_sha256 = std::move(line.prompt_sha256);
  reply.prompt_tokens = line.prompt_tokens;
  reply.reply_tokens = line.reply_tokens;
  reply.log_probs = std::move(line.log_probs);
  reply.finished_at = line.finished_at;
  return reply;
}

}  // namespace

bool EndpointReply::has_reply() const {
  return reason != "unreadable-picture" && reason != "bad-request" && reason != "too-large";
}

Json to_json(const EndpointReply& reply) {
  Explanation line;
  line.question_id = reply.prompt_id;
  line.accepted = reply.reason.empty();
  line.reason = reply.reason;
  line.answer = reply.letter;
  line.reached_gold = reply.is_right ? 1 : 0;
  line.reasoning = reply.reasoning;
  line.reply = reply.reply;
  line.mode = "reject";
  line.teacher = reply.model;
  line.prompt_sha256 = reply.prompt_sha256;
  line.prompt_tokens = reply.prompt_tokens;
  line.reply_tokens = reply.reply_tokens;
  line.samples = reply.has_reply() ? 1 : 0;
  line.log_probs = reply.log_probs;
  line.finished_at = reply.finished_at;
  return to_json(line);
}

EndpointReply endpoint_reply_from_json(const Json& json, std::string_view where) {
  return from_ledger_line(explanation_from_json(json, where));
}

std::map<std::string, EndpointReply> read_endpoint_replies(const std::string& path) {
  std::map<std::string, EndpointReply> replies;
  for_each_explanation(path, [&](Explanation line) {
    std::string id = line.question_id;
    replies[std::move(id)] = from_ledger_line(std::move(line));
  });
  return replies;
}

}  // namespace lmc::record
