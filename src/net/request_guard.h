// What forbids a request, whatever it asks for. Judged on the head alone.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"  // Headers

namespace lmc::net {

struct RequestHead {
  std::string_view method;
  std::string_view target;  // as sent
  bool is_http_1_0 = false;
  const Headers& headers;
};

struct GuardOptions {
  std::string bearer_token;  // empty: none is asked for
  bool is_local = true;      // the server listens on this machine only
  size_t max_body_bytes = 0;
};

struct Refusal {
  int status = 0;
  std::string message;
};

inline constexpr size_t kMaxHeadBytes = size_t{16} << 10;
inline constexpr size_t kMaxTargetBytes = size_t{8} << 10;
inline constexpr size_t kMaxFields = 100;

// The first of: 400, 414, 431 for a head that is malformed, too large, or leaves doubt where the
// body ends; 401 without the token; 403 for a foreign Host or Origin; 413, 417.
std::optional<Refusal> refusal_of(const RequestHead& head, const GuardOptions& options);

}  // namespace lmc::net
