// Any bytes as what a client of the server sends. The same requests come out wherever the bytes are
// cut; nothing beyond the limits is kept; a request that the guard lets through and whose head says
// how long its body is has just that body.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/request_guard.h"   // refusal_of
#include "net/request_reader.h"  // RequestReader
#include "require.h"

namespace lmc {
namespace {

using net::RequestReader;
using Progress = RequestReader::Progress;

constexpr size_t kMaxBodyBytes = 1000;

struct Outcome {
  std::vector<std::string> requests;
  std::string end;  // why no more come
  bool operator==(const Outcome&) const = default;
};

std::string text_of(const net::ServerRequest& request) {
  std::string text = request.method + " " + request.path + "?" + request.query + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return text + "\n" + request.body;
}

void check_length(const net::ServerRequest& request) {
  const std::string_view length = request.headers.get("Content-Length");
  if (length.empty()) return;
  size_t value = 0;
  std::from_chars(length.data(), length.data() + length.size(), value);
  FUZZ_REQUIRE(request.body.size() == value);
}

// As a connection does it.
class Client {
 public:
  void send(std::string_view bytes) {
    if (!outcome_.end.empty()) return;
    unread_ += bytes;
    while (outcome_.end.empty() && take_request()) {
    }
    FUZZ_REQUIRE(unread_.size() <= net::kMaxHeadBytes + bytes.size());
  }

  const Outcome& outcome() const { return outcome_; }

 private:
  // False: more bytes are needed.
  bool take_request() {
    if (!has_head_ && !take_head()) return false;
    if (reader_.has_body()) {
      const Progress progress = reader_.read_body(unread_);
      FUZZ_REQUIRE(reader_.request().body.size() <= kMaxBodyBytes);
      if (progress != Progress::kDone) return stop(progress, "body");
    }
    check_length(reader_.request());
    outcome_.requests.push_back(text_of(reader_.request()));
    reader_.begin();
    has_head_ = false;
    return true;
  }

  bool take_head() {
    const Progress progress = reader_.read_head(unread_);
    if (progress != Progress::kDone) return stop(progress, "head");
    const auto refusal = net::refusal_of(reader_.head(), {"", true, kMaxBodyBytes});
    if (refusal) {
      outcome_.end = refusal->message;
      return false;
    }
    FUZZ_REQUIRE(reader_.request().headers.size() <= net::kMaxFields);
    has_head_ = true;
    return true;
  }

  bool stop(Progress progress, const char* part) {
    if (progress != Progress::kNeedsMore) {
      outcome_.end = std::string(part) + (progress == Progress::kTooLarge ? " large" : " bad");
    }
    return false;
  }

  RequestReader reader_{kMaxBodyBytes};
  std::string unread_;
  bool has_head_ = false;
  Outcome outcome_;
};

Outcome outcome_of(std::string_view bytes, size_t piece_bytes) {
  Client client;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_bytes, bytes.size()))) {
    client.send(bytes.substr(0, piece_bytes));
  }
  return client.outcome();
}

void check(std::string_view bytes) {
  const Outcome whole = outcome_of(bytes, bytes.size());
  for (const size_t piece_bytes : {size_t{1}, size_t{7}, size_t{100}}) {
    FUZZ_REQUIRE(outcome_of(bytes, piece_bytes).requests == whole.requests);
  }
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size > 0 && size < 40'000) lmc::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
