#include "net/request_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"  // cat

namespace lmc::net {
namespace {

using Progress = RequestReader::Progress;

constexpr std::string_view kPost = "POST /a%20b/?q=1 HTTP/1.1\r\nHost: h\r\nX:  y \r\n";

// Feeds the bytes in pieces of a size, each request to its end, and gives the requests.
std::vector<ServerRequest> requests_of(std::string_view bytes, size_t piece_bytes) {
  std::vector<ServerRequest> requests;
  RequestReader reader(1000);
  std::string unread;
  bool has_head = false;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_bytes, bytes.size()))) {
    unread += bytes.substr(0, piece_bytes);
    for (;;) {
      Progress progress = Progress::kDone;
      if (!has_head) progress = reader.read_head(unread);
      has_head = progress == Progress::kDone;
      if (has_head && reader.has_body()) progress = reader.read_body(unread);
      EXPECT_TRUE(progress == Progress::kDone || progress == Progress::kNeedsMore);
      if (progress != Progress::kDone) break;
      requests.push_back(std::move(reader.request()));
      reader.begin();
      has_head = false;
    }
  }
  EXPECT_EQ(unread, "");
  return requests;
}

TEST(RequestReader, TheSameWhereverTheBytesAreCut) {
  const std::string bytes =
      cat(kPost, "Content-Length: 5\r\n\r\nhello", "GET /next HTTP/1.1\r\nHost: h\r\n\r\n", kPost,
          "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
          kPost, "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n");
  for (size_t piece_bytes = 1; piece_bytes <= bytes.size(); ++piece_bytes) {
    const std::vector<ServerRequest> requests = requests_of(bytes, piece_bytes);
    ASSERT_EQ(requests.size(), 5U) << piece_bytes;
    EXPECT_EQ(requests[0].method, "POST");
    EXPECT_EQ(requests[0].path, "/a b");
    EXPECT_EQ(requests[0].query, "q=1");
    EXPECT_EQ(requests[0].headers.get("x"), "y");
    EXPECT_EQ(requests[0].body, "hello");
    EXPECT_EQ(requests[1].path, "/next");
    EXPECT_EQ(requests[1].body, "");
    EXPECT_EQ(requests[2].body, "abc0123456789");
    EXPECT_EQ(requests[3].body, "");
    EXPECT_EQ(requests[4].path, "/");
  }
}

TEST(RequestReader, SaysWhatTheHeadSays) {
  RequestReader reader(1000);
  std::string bytes = cat(kPost, "Content-Length: 5\r\n\r\nhel");
  ASSERT_EQ(reader.read_head(bytes), Progress::kDone);
  EXPECT_EQ(bytes, "hel");
  EXPECT_EQ(reader.head().method, "POST");
  EXPECT_EQ(reader.head().target, "/a%20b/?q=1");
  EXPECT_FALSE(reader.head().is_http_1_0);
  EXPECT_TRUE(reader.keep_alive());
  EXPECT_TRUE(reader.has_body());
  EXPECT_EQ(reader.content_length(), 5U);
  EXPECT_EQ(reader.read_body(bytes), Progress::kNeedsMore);
  EXPECT_EQ(reader.body_bytes(), 3U);
  reader.begin();
  bytes = "HEAD /x HTTP/1.0\r\n\r\n";
  ASSERT_EQ(reader.read_head(bytes), Progress::kDone);
  EXPECT_TRUE(reader.head().is_http_1_0);
  EXPECT_FALSE(reader.keep_alive());
  EXPECT_FALSE(reader.has_body());
  reader.begin();
  bytes = cat(kPost, "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
  ASSERT_EQ(reader.read_head(bytes), Progress::kDone);
  EXPECT_FALSE(reader.keep_alive());
  EXPECT_EQ(reader.content_length(), std::nullopt);
}

// Progress of a head that comes in pieces and does not end.
Progress progress_of_endless_head(const std::string& start, const std::string& repeated) {
  RequestReader reader(1000);
  std::string unread = start;
  Progress progress = reader.read_head(unread);
  for (size_t sent = 0; progress == Progress::kNeedsMore; sent += repeated.size()) {
    EXPECT_LT(sent, 2 * kMaxHeadBytes);
    if (sent >= 2 * kMaxHeadBytes) break;
    unread += repeated;
    progress = reader.read_head(unread);
  }
  EXPECT_LE(unread.size(), kMaxHeadBytes + repeated.size());
  return progress;
}

TEST(RequestReader, HeadsAreBounded) {
  const std::string line = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(progress_of_endless_head("", "a"), Progress::kTooLarge);
  EXPECT_EQ(progress_of_endless_head("GET /", "a"), Progress::kTooLarge);
  EXPECT_EQ(progress_of_endless_head(line + "X: ", "a"), Progress::kTooLarge);
  EXPECT_EQ(progress_of_endless_head(line, "X: y\r\n"), Progress::kTooLarge);
  EXPECT_EQ(
      progress_of_endless_head("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n", "X: y\r\n"),
      Progress::kTooLarge);
  // One byte below, and above.
  const std::string end = "\r\n\r\n";
  const size_t most = kMaxHeadBytes - line.size() - 3 - end.size();
  for (const size_t more : {0, 1}) {
    RequestReader reader(1000);
    std::string bytes = line + "X: " + std::string(most + more, 'x') + end;
    EXPECT_EQ(reader.read_head(bytes), more == 0 ? Progress::kDone : Progress::kTooLarge);
  }
}

// Progress of a body that begins so and goes on so for that many bytes at least.
Progress progress_of_chunks(const std::string& start, const std::string& repeated,
                            size_t num_bytes) {
  RequestReader reader(1000);
  std::string unread = cat(kPost, "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(reader.read_head(unread), Progress::kDone);
  unread = start;
  Progress progress = reader.read_body(unread);
  for (size_t sent = 0; progress == Progress::kNeedsMore && sent < num_bytes;
       sent += repeated.size()) {
    unread += repeated;
    progress = reader.read_body(unread);
    EXPECT_LE(unread.size(), kMaxHeadBytes + repeated.size());
  }
  return progress;
}

TEST(RequestReader, BodiesInChunksAreBounded) {
  EXPECT_EQ(progress_of_chunks("", "1\r\na\r\n", 5999), Progress::kNeedsMore);
  EXPECT_EQ(progress_of_chunks("", "1\r\na\r\n", 6006), Progress::kTooLarge);
  EXPECT_EQ(progress_of_chunks("3e9\r\n", "x", 9), Progress::kTooLarge);
  EXPECT_EQ(progress_of_chunks("ffffffffffffffff\r\n", "x", 9), Progress::kTooLarge);
  EXPECT_EQ(progress_of_chunks("fffffffffffffffff\r\n", "x", 9), Progress::kMalformed);
  EXPECT_EQ(progress_of_chunks("1;", "x", 100'000), Progress::kMalformed);
  EXPECT_EQ(progress_of_chunks("0\r\n", "X: y\r\n", 100'000), Progress::kMalformed);
  EXPECT_EQ(progress_of_chunks("0\r\nX: ", "y", 100'000), Progress::kMalformed);
  EXPECT_EQ(progress_of_chunks("1\r\nab\r\n", "x", 9), Progress::kMalformed);
  EXPECT_EQ(progress_of_chunks("-1\r\na\r\n", "x", 9), Progress::kMalformed);
  EXPECT_EQ(progress_of_chunks("1\na\n\r\n", "x", 9), Progress::kMalformed);
}

}  // namespace
}  // namespace lmc::net
