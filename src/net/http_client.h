// HTTP client: one thread drives many requests at once.
//
// start() hands a request over; wait() moves all of them forward and calls back for each that has
// ended, on the caller's thread. So a loop of start() and wait() keeps hundreds of requests in
// flight without a lock. Retries are the caller's: what happened is a value (HttpReply::outcome).
// Connections are kept open and used again. Certificates are checked; redirects are not followed,
// as they would carry a key elsewhere. A body that comes packed (gzip, deflate, br, zstd) is
// unpacked, though it is not asked for. A proxy named by the environment is used except on
// loopback.
// Threads: one thread at a time, except wake().
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/http.h"  // Headers

namespace lmc::net {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{60'000};  // for the whole exchange, connecting included
  size_t max_reply_bytes = size_t{64} << 20;  // unpacked
};

struct HttpReply {
  enum class Outcome {
    kReply,       // the server answered, with any status
    kNotReached,  // no such host, nobody listens
    kTimeout,
    kBroken,      // the connection was cut or what came is not HTTP
    kTooLarge,    // more than max_reply_bytes
    kNotTrusted,  // the certificate does not hold
  };
  Outcome outcome = Outcome::kBroken;
  std::string problem;  // one line when there was no reply
  int status = 0;
  Headers headers;
  std::string body;
};

struct HttpClientOptions {
  std::chrono::milliseconds connect_timeout{10'000};
  std::string ca_file;  // PEM; empty: the system's certificates
};

class HttpClient {
 public:
  using OnReply = std::function<void(HttpReply)>;

  explicit HttpClient(HttpClientOptions options = {});
  ~HttpClient();  // drops what is still in flight, without calling back
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Errors: InputError when the URL is not http or https.
  void start(HttpRequest request, OnReply on_reply);

  // Returns when a request has ended and its callback has run, on wake(), or after `longest`.
  // Callbacks may call start().
  void wait(std::chrono::milliseconds longest);

  size_t num_in_flight() const;

  // Ends a wait() early.
  // Threads: any.
  void wake();

  // One request, start to end; must not be mixed with others in flight.
  HttpReply fetch(HttpRequest request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What a Retry-After field asks for, in seconds from now; negative when there is none. Both forms
// are read: a count of seconds and a date.
double retry_after_s(const Headers& headers);

}  // namespace lmc::net
