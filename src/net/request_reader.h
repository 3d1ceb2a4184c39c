// Requests out of the bytes of a connection, one after another: first the head, then, once somebody
// wants it, the body.
//
// Threads: one at a time.
// Source: RFC 9112.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/http_server.h"    // ServerRequest
#include "net/request_guard.h"  // RequestHead

namespace lmc::net {

class RequestReader {
 public:
  enum class Progress { kNeedsMore, kDone, kMalformed, kTooLarge };

  explicit RequestReader(size_t max_body_bytes);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Forgets the request before.
  void begin();

  // Both take from the front of `bytes` what is theirs. A head is bounded by kMaxHeadBytes, and so
  // are the fields between and behind the chunks of a body.
  Progress read_head(std::string& bytes);
  Progress read_body(std::string& bytes);

  // What follows holds once the head is done; head() until the request is moved away.
  RequestHead head() const;
  bool keep_alive() const;
  bool has_body() const;
  std::optional<uint64_t> content_length() const;  // nothing: it comes in chunks

  // Of the body, what has come so far, framing included.
  size_t body_bytes() const { return body_bytes_; }

  // Its body is set when that is done.
  ServerRequest& request() { return request_; }

 private:
  struct Parser;

  Progress put(std::string& bytes, size_t& num_taken);
  void take_head();

  const size_t max_body_bytes_;
  std::unique_ptr<Parser> parser_;
  ServerRequest request_;
  std::string target_;
  size_t head_bytes_ = 0;
  size_t body_bytes_ = 0;
};

}  // namespace lmc::net
