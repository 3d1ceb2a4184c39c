// Server-sent events in a body that was received whole.
//
// Source: the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream". Two departures:
// an event that the body's end cuts off before its blank line is reported as well, because some
// servers end so; and a field "error", in which older llama.cpp servers sent what went wrong, is
// reported like the data of an event of type "error".
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace lmc::client {

struct StreamEvent {
  std::string type;  // of the field "event"; empty: a message
  std::string data;  // its lines, joined by line feeds
};

// Visits the events that have data, until `visit` returns false.
void for_each_event(std::string_view body, const std::function<bool(const StreamEvent&)>& visit);

}  // namespace lmc::client
