#include "prompt/chat.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"          // InputError
#include "base/json.h"           // parse_json
#include "base/named_files.h"    // open_named_files
#include "prompt/chat_pieces.h"  // ChatPiece

namespace lmc::prompt {

namespace {

class PieceList {
 public:
  void token(std::string_view token) { pieces_.push_back({true, std::string(token)}); }
  void text(std::string_view text) {
    if (text.empty()) return;
    if (pieces_.empty() || pieces_.back().is_token) pieces_.push_back({false, {}});
    pieces_.back().text += text;
  }
  std::vector<ChatPiece> take() { return std::move(pieces_); }

 private:
  std::vector<ChatPiece> pieces_;
};

void check_messages(const std::vector<Message>& messages) {
  if (messages.empty()) throw InputError("messages", "expected at least one, found none");
  for (size_t i = 0; i < messages.size(); ++i) {
    const std::string where = cat("messages[", i, "]");
    const std::string& role = messages[i].role;
    if (role != "system" && role != "user" && role != "assistant") {
      throw InputError(where, cat("expected role system, user or assistant, found \"", role, "\""));
    }
    if (role == "system" && i > 0) {
      throw InputError(where, "a system message stands only at the beginning");
    }
    for (const Part& part : messages[i].parts) {
      if (part.kind == Part::Kind::kImage && role != "user") {
        throw InputError(where, cat("an image stands only in a user message, not in ", role));
      }
    }
  }
}

std::string_view strip_newlines(std::string_view text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

// An assistant's message in the thinking style: what stands in the <think> block, and the rest.
struct ThinkingReply {
  std::string reasoning;
  std::string answer;
};

ThinkingReply split_thinking(const std::string& text) {
  const size_t first = text.find(kThinkEnd);
  if (first == std::string::npos) return {"", text};
  std::string_view reasoning = std::string_view(text).substr(0, first);
  const size_t open = reasoning.rfind(kThinkStart);
  if (open != std::string_view::npos) reasoning.remove_prefix(open + kThinkStart.size());
  std::string_view answer = std::string_view(text).substr(text.rfind(kThinkEnd) + kThinkEnd.size());
  while (answer.starts_with('\n')) answer.remove_prefix(1);
  return {std::string(strip_newlines(reasoning)), std::string(answer)};
}

void add_parts(PieceList& pieces, const Message& message) {
  for (const Part& part : message.parts) {
    if (part.kind == Part::Kind::kText) {
      pieces.text(part.text);
    } else {
      pieces.token(kVisionStart);
      pieces.token(kImagePad);
      pieces.token(kVisionEnd);
    }
  }
}

// Turns before the last question lose their reasoning; the last turn shows its block even if empty.
void add_thinking_turn(PieceList& pieces, const Message& message, bool after_last_user,
                       bool is_last) {
  std::string text;
  for (const Part& part : message.parts) text += part.text;
  const auto [reasoning, answer] = split_thinking(text);
  if (after_last_user && (is_last || !reasoning.empty())) {
    pieces.token(kThinkStart);
    pieces.text(cat("\n", reasoning, "\n"));
    pieces.token(kThinkEnd);
    pieces.text("\n\n");
    pieces.text(
        std::string_view(answer).substr(std::min(answer.find_first_not_of('\n'), answer.size())));
  } else {
    pieces.text(answer);
  }
}

// A template as it stands in a JSON file: a text, a list of named ones ({"name", "template"}) or an
// object of them. Of several the one called "default" counts, as in transformers; "" when none is.
std::string template_text(const Json& value, const std::string& where) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) {
    fail_json_type(where, "chat_template", "string, list or object", value);
  }
  std::vector<std::pair<std::string, std::string>> named;
  if (value.is_array()) {
    for (const Json& entry : value) {
      named.emplace_back(json_get<std::string>(entry, "name", where),
                         json_get<std::string>(entry, "template", where));
    }
  } else {
    for (const auto& [name, text] : value.items()) {
      named.emplace_back(name, json_as<std::string>(text, where, name));
    }
  }
  std::string names;
  for (const auto& [name, text] : named) {
    if (name == "default" || named.size() == 1) return text;
    names += (names.empty() ? "" : ", ") + name;
  }
  if (names.empty()) return "";
  throw InputError(where, cat("key \"chat_template\": of ", names, " none is called default"));
}

}  // namespace

std::optional<std::string> find_chat_template(const NamedFiles& model) {
  for (const char* name : {"chat_template.jinja", "additional_chat_templates/default.jinja"}) {
    if (auto text = model.find(name)) return text;
  }
  for (const char* name :
       {"chat_template.json", "processor_config.json", "tokenizer_config.json"}) {
    const auto file = model.find(name);
    if (!file) continue;
    const std::string path = model.path_of(name);
    const Json json = parse_json(*file, path);
    if (!json.is_object() || !json.contains("chat_template")) continue;
    std::string text = template_text(json["chat_template"], path);
    if (!text.empty()) return text;
  }
  return std::nullopt;
}

std::vector<ChatPiece> chat_pieces(const std::vector<Message>& messages, ChatStyle style,
                                   bool add_generation_prompt) {
  check_messages(messages);
  size_t last_user = messages.size() - 1;
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].role == "user") last_user = i;
  }
  PieceList pieces;
  for (size_t i = 0; i < messages.size(); ++i) {
    const Message& message = messages[i];
    pieces.token(kTurnStart);
    pieces.text(cat(message.role, "\n"));
    if (style == ChatStyle::kThinking && message.role == "assistant") {
      add_thinking_turn(pieces, message, i > last_user, i + 1 == messages.size());
    } else {
      add_parts(pieces, message);
    }
    pieces.token(kTurnEnd);
    pieces.text("\n");
  }
  if (add_generation_prompt) {
    pieces.token(kTurnStart);
    pieces.text("assistant\n");
    if (style == ChatStyle::kThinking) {
      pieces.token(kThinkStart);
      pieces.text("\n");
    }
  }
  return pieces.take();
}

std::vector<ChatPiece> reply_pieces(std::string_view reply, ChatStyle style) {
  PieceList pieces;
  const size_t end = style == ChatStyle::kThinking ? reply.find(kThinkEnd) : reply.npos;
  if (end != reply.npos) {
    pieces.text(reply.substr(0, end));
    pieces.token(kThinkEnd);
    reply.remove_prefix(end + kThinkEnd.size());
  }
  pieces.text(reply);
  pieces.token(kTurnEnd);
  return pieces.take();
}

std::string render_chat(const std::vector<Message>& messages, ChatStyle style,
                        bool add_generation_prompt) {
  std::string text;
  for (const ChatPiece& piece : chat_pieces(messages, style, add_generation_prompt)) {
    text += piece.text;
  }
  return text;
}

ChatStyle read_chat_style(const std::string& path) {
  const std::optional<std::string> text = find_chat_template(*open_named_files(path));
  if (!text) {
    throw InputError(path, "holds no chat template",
                     "copy chat_template.json or chat_template.jinja from the base model");
  }
  const auto holds = [&](std::string_view word, size_t from = 0) {
    return text->find(word, from) != std::string::npos;
  };
  const size_t prompt = text->rfind("add_generation_prompt");
  if (!holds("<|im_start|>") || !holds("<|image_pad|>") || prompt == std::string::npos) {
    throw InputError(path, "its chat template is not one of Qwen3-VL",
                     "copy the template from the base model");
  }
  // A prompt that also closes the block (as hybrid models do to switch thinking off) opens none.
  return holds(kThinkStart, prompt) && !holds(kThinkEnd, prompt) ? ChatStyle::kThinking
                                                                 : ChatStyle::kInstruct;
}

}  // namespace lmc::prompt
