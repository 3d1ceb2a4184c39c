// A reply as it goes to the client.
//
// Threads: pure functions.
// Source: RFC 9112.
#pragma once

#include <string>
#include <string_view>

#include "net/http_server.h"  // ServerReply

namespace lmc::net {

// How the client learns where the body ends.
enum class Framing { kLength, kChunked, kUntilClose };

// Status line and fields, with the empty line behind them.
std::string head_text(const ServerReply& reply, Framing framing, bool keep_alive);

void append_chunk(std::string& to, std::string_view piece);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// Errors: InternalError for a field that would end its line.
void check_fields(const ServerReply& reply);

}  // namespace lmc::net
