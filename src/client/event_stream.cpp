#include "client/event_stream.h"

#include "base/utf8_edges.h"  // without_byte_order_mark

namespace lmc::client {

namespace {

// Takes the next line off `text`. Lines end with LF, CRLF or CR.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  if (end == text.npos) {
    text = {};
  } else {
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  return line;
}

}  // namespace

void for_each_event(std::string_view body, const std::function<bool(const StreamEvent&)>& visit) {
  body = without_byte_order_mark(body);
  StreamEvent event;
  bool has_data = false;
  while (!body.empty() || has_data) {
    const std::string_view line = take_line(body);
    if (line.empty()) {
      if (has_data && !visit(event)) return;
      event = {};
      has_data = false;
      continue;
    }
    const size_t colon = line.find(':');  // a comment has it first
    const std::string_view field = line.substr(0, colon);
    std::string_view value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "event") {
      event.type = value;
    } else if (field == "data" || field == "error") {
      if (field == "error") event.type = field;
      if (has_data) event.data += '\n';
      event.data += value;
      has_data = true;
    }
  }
}

}  // namespace lmc::client
