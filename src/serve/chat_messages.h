// The member "messages" of a chat request: turns, texts, images.
//
// Taken is what clients send and what loses nothing: content as text or as a list of parts; of the
// assistant also null, absent or a refusal; several system messages at the beginning, which are
// joined; images as {"type": "image_url"} with an object or a plain URL, as "input_image" and as
// Qwen's {"type": "image", "image": URL}. Calls of tools, sounds, files and remote images are
// refused.
#pragma once

#include "base/json.h"           // Json
#include "serve/chat_request.h"  // ChatRequest, ChatLimits

namespace lmc::serve {

// Adds messages, images, the begun reply and names of ignored members to `chat`.
// Errors: ApiError (400).
void read_messages(const Json& request, const ChatLimits& limits, ChatRequest& chat);

}  // namespace lmc::serve
