// A conversation and its text form, as the Qwen3-VL chat template renders it.
//
// Mirrors: chat_template.json of Qwen3-VL-Instruct and -Thinking (without the tools branch).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_files.h"  // NamedFiles

namespace lmc::prompt {

struct Part {
  enum class Kind { kText, kImage };
  Kind kind = Kind::kText;
  std::string text;  // for kText; images are counted in order over the whole conversation

  static Part of_text(std::string text) { return {Kind::kText, std::move(text)}; }
  static Part of_image() { return {Kind::kImage, {}}; }
};

struct Message {
  std::string role;  // "system" (first only), "user" or "assistant"
  std::vector<Part> parts;
};

enum class ChatStyle { kInstruct, kThinking };

// A model's template, wherever it stands (chat.cpp); none: it has none.
std::optional<std::string> find_chat_template(const NamedFiles& model);

// Which style a folder's template has: thinking when its generation
// prompt opens a <think> block.
ChatStyle read_chat_style(const std::string& folder);

// The rendered conversation; each image is <|vision_start|><|image_pad|><|vision_end|>.
// Errors: InputError for a role or order the template does not have.
std::string render_chat(const std::vector<Message>& messages, ChatStyle style,
                        bool add_generation_prompt);

}  // namespace lmc::prompt
