// A conversation as the template's tokens and the plain text between them.
//
// Rendering joins the pieces; encoding looks up the tokens and passes each text through the
// tokenizer as a whole. Words split at token boundaries only, so both give the ids of the rendered
// string, except that tokens spelled out inside a message stay text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "prompt/chat.h"  // Message, ChatStyle

namespace lmc::prompt {

inline constexpr std::string_view kTurnStart = "<|im_start|>";
inline constexpr std::string_view kTurnEnd = "<|im_end|>";
inline constexpr std::string_view kVisionStart = "<|vision_start|>";
inline constexpr std::string_view kImagePad = "<|image_pad|>";
inline constexpr std::string_view kVisionEnd = "<|vision_end|>";
inline constexpr std::string_view kThinkStart = "<think>";
inline constexpr std::string_view kThinkEnd = "</think>";

struct ChatPiece {
  bool is_token = false;
  std::string text;
};

// Neighbouring texts are one piece.
// Errors: as render_chat.
std::vector<ChatPiece> chat_pieces(const std::vector<Message>& messages, ChatStyle style,
                                   bool add_generation_prompt);

// The pieces of a reply that stands where the generation prompt ends, with its <|im_end|>. In the
// thinking style the first </think> closes the block that the prompt has opened.
std::vector<ChatPiece> reply_pieces(std::string_view reply, ChatStyle style);

}  // namespace lmc::prompt
