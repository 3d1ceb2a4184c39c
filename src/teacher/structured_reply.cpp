#include "teacher/structured_reply.h"

#include "base/wire_json.h"       // parse_wire_json
#include "reading/reply_words.h"  // without_thinking

namespace lmc::teacher {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// The object that begins at the head of `text`, up to the brace that closes it; empty: none does.
std::string_view object_at_head(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return text.substr(0, i + 1);
    }
  }
  return {};
}

std::optional<StructuredReply> reply_in(std::string_view object, std::string_view letters) {
  const std::optional<LargeJson> json = parse_wire_json(object);
  if (!json || !json->is_object()) return std::nullopt;
  const auto reasoning = json->find("reasoning");
  const auto answer = json->find("answer");
  if (reasoning == json->end() || !reasoning->is_string()) return std::nullopt;
  if (answer == json->end() || !answer->is_string()) return std::nullopt;
  const auto& answer_text = answer->get_ref<const std::string&>();
  const std::string_view letter = trimmed(answer_text);
  if (letter.size() != 1 || letters.find(letter[0]) == letters.npos) return std::nullopt;
  return StructuredReply{std::string(trimmed(reasoning->get_ref<const std::string&>())), letter[0]};
}

}  // namespace

Json response_format_json(std::string_view letters) {
  Json options = Json::array();
  for (const char letter : letters) options.push_back(std::string(1, letter));
  const Json schema = {{"type", "object"},
                       {"properties",
                        {{"reasoning", {{"type", "string"}}},
                         {"answer", {{"type", "string"}, {"enum", std::move(options)}}}}},
                       {"required", {"reasoning", "answer"}},
                       {"additionalProperties", false}};
  return {{"type", "json_schema"},
          {"json_schema", {{"name", "explained_answer"}, {"strict", true}, {"schema", schema}}}};
}

std::optional<StructuredReply> read_structured_reply(std::string_view text,
                                                     std::string_view letters) {
  // Each try reads on to the end of the text at most.
  constexpr int kMaxTries = 64;
  const std::string reply = reading::without_thinking(text);
  size_t brace = reply.rfind('{');
  for (int tries = 0; brace != reply.npos && tries < kMaxTries; ++tries) {
    const std::string_view object = object_at_head(std::string_view(reply).substr(brace));
    if (!object.empty()) {
      if (auto found = reply_in(object, letters)) return found;
    }
    brace = brace == 0 ? reply.npos : reply.rfind('{', brace - 1);
  }
  return std::nullopt;
}

std::string plain_reply(const StructuredReply& reply) {
  return cat(reply.reasoning, reply.reasoning.empty() ? "" : "\n\n", "Answer: ", reply.answer);
}

}  // namespace lmc::teacher
