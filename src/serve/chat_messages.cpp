#include "serve/chat_messages.h"

#include <algorithm>
#include <utility>

#include "base/ascii_case.h"           // starts_with_any_case
#include "base/data_url.h"             // parse_data_url
#include "serve/api_error.h"           // ApiError
#include "serve/request_parameters.h"  // given, unknown_members

namespace lmc::serve {

namespace {

using prompt::Message;
using prompt::Part;

[[noreturn]] void refuse(const std::string& problem) {
  throw ApiError(400, cat("messages: ", problem), {}, "messages");
}

[[noreturn]] void refuse_image(const std::string& problem) {
  throw ApiError(400, cat("image_url: ", problem), {}, "messages");
}

// A text; null and absent are empty.
std::string text_of(const Json& object, const char* key) {
  if (!given(object, key)) return {};
  if (!object[key].is_string()) {
    refuse(cat("\"", key, "\": expected a text, found ", json_type_name(object[key])));
  }
  return object[key].get<std::string>();
}

bool is_remote(std::string_view url) {
  return starts_with_any_case(url, "http://") || starts_with_any_case(url, "https://");
}

class MessageReader {
 public:
  MessageReader(const ChatLimits& limits, ChatRequest& chat) : limits_(limits), chat_(chat) {}

  void read(const Json& item) {
    if (!item.is_object()) refuse(cat("expected objects, found ", json_type_name(item)));
    Message message{text_of(item, "role"), {}};
    if (message.role == "developer") message.role = "system";
    if (message.role != "system" && message.role != "user" && message.role != "assistant") {
      refuse(cat("role \"", message.role, "\" is not supported"));
    }
    for (const char* key : {"tool_calls", "function_call", "audio"}) {
      if (given(item, key) && !item[key].empty()) refuse(cat("\"", key, "\" is not supported"));
    }
    read_content(item, message);
    note_unknown(item, "messages",
                 {"role", "content", "name", "refusal", "annotations", "tool_calls",
                  "function_call", "audio", "reasoning_content", "reasoning", "thinking", "id",
                  "cache_control", "prefix", "partial"});
    const bool joins = message.role == "system" && !chat_.messages.empty() &&
                       chat_.messages.back().role == "system";
    if (message.role == "system" && !joins && !chat_.messages.empty()) {
      refuse("a system message stands only at the beginning");
    }
    if (!joins) {
      chat_.messages.push_back(std::move(message));
      return;
    }
    std::vector<Part>& parts = chat_.messages.back().parts;
    parts.push_back(Part::of_text("\n\n"));
    parts.insert(parts.end(), message.parts.begin(), message.parts.end());
  }

 private:
  void read_content(const Json& item, Message& message) {
    if (!given(item, "content")) {
      // A turn that called a tool, was refused or came to nothing is sent back so.
      if (message.role != "assistant")
        refuse(cat("a message of the ", message.role, " has no \"content\""));
      message.parts.push_back(Part::of_text(text_of(item, "refusal")));
      return;
    }
    const Json& content = item["content"];
    if (content.is_string()) {
      message.parts.push_back(Part::of_text(content.get<std::string>()));
    } else if (content.is_array()) {
      for (const Json& part : content) read_part(part, message);
    } else {
      refuse(cat("\"content\": expected a text or a list, found ", json_type_name(content)));
    }
  }

  void read_part(const Json& part, Message& message) {
    if (!part.is_object()) refuse(cat("expected parts as objects, found ", json_type_name(part)));
    const std::string type = text_of(part, "type");
    if (type == "text" || type == "input_text" || type == "output_text") {
      message.parts.push_back(Part::of_text(text_of(part, "text")));
    } else if (type == "refusal") {
      message.parts.push_back(Part::of_text(text_of(part, "refusal")));
    } else if (type == "image_url" || type == "input_image" || type == "image") {
      read_image(part, type == "image" ? "image" : "image_url");
      message.parts.push_back(Part::of_image());
    } else {
      refuse(cat("content of type \"", type, "\" is not supported"));
    }
    note_unknown(part, "content",
                 {"type", "text", "refusal", "image_url", "image", "detail", "annotations", "uuid",
                  "cache_control"});
  }

  void read_image(const Json& part, const char* key) {
    if (static_cast<int64_t>(chat_.images.size()) >= limits_.max_images) {
      refuse(cat("at most ", limits_.max_images, " images in a request"));
    }
    if (!given(part, key)) refuse(cat("an image has no \"", key, "\""));
    const Json& image = part[key];
    // How large an image is shown is the server's affair.
    const Json& with_detail = image.is_object() ? image : part;
    if (text_of(with_detail, "detail") == "low") note("image_url.detail");
    if (image.is_object()) {
      note_unknown(image, "image_url", {"url", "detail", "format", "uuid"});
    }
    const std::string url = image.is_object() ? text_of(image, "url") : text_of(part, key);
    if (is_remote(url)) {
      refuse_image(
          "remote images are not fetched: this server works offline; send the image as "
          "data:image/png;base64,...");
    }
    DataUrl data_url;
    try {
      data_url = parse_data_url(url, limits_.max_image_bytes, "image_url");
    } catch (const InputError& error) {
      throw ApiError(400, error.what(), {}, "messages");
    }
    const bool is_image =
        data_url.media_type.starts_with("image/") || data_url.media_type == "application/dicom";
    if (!is_image) {
      refuse_image(cat("expected an image, found ", data_url.media_type));
    }
    chat_.images.push_back(std::move(data_url.bytes));
  }

  void note_unknown(const Json& object, const std::string& where,
                    const std::vector<std::string>& known) {
    for (const std::string& name : unknown_members(object, where, known)) note(name);
  }

  // Once, however many messages have it.
  void note(const std::string& name) {
    constexpr size_t kMaxNamed = 32;
    std::vector<std::string>& ignored = chat_.ignored;
    if (ignored.size() >= kMaxNamed) return;
    if (std::find(ignored.begin(), ignored.end(), name) == ignored.end()) ignored.push_back(name);
  }

  const ChatLimits& limits_;
  ChatRequest& chat_;
};

}  // namespace

void read_messages(const Json& request, const ChatLimits& limits, ChatRequest& chat) {
  if (!given(request, "messages") || !request["messages"].is_array() ||
      request["messages"].empty()) {
    refuse("expected a list with at least one message");
  }
  MessageReader reader(limits, chat);
  for (const Json& item : request["messages"]) reader.read(item);
  if (chat.messages.back().role != "assistant") return;
  for (const Part& part : chat.messages.back().parts) {
    if (part.kind == Part::Kind::kImage) refuse("an image stands only in a user's message");
    chat.begun_reply += part.text;
  }
  chat.messages.pop_back();
  if (chat.messages.empty()) refuse("expected a message before the assistant's");
}

}  // namespace lmc::serve
