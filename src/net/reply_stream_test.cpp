#include "net/reply_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace lmc::net {
namespace {

using namespace std::chrono_literals;

TEST(ReplyStream, WakesOnceUntilNothingIsLeft) {
  int num_woken = 0;
  ReplyStream stream(Framing::kChunked, [&] { ++num_woken; });
  EXPECT_TRUE(stream.send("hello"));
  EXPECT_TRUE(stream.send(""));
  EXPECT_TRUE(stream.send("0123456789abcdef"));
  EXPECT_EQ(num_woken, 1);
  EXPECT_EQ(stream.take().bytes, "5\r\nhello\r\n10\r\n0123456789abcdef\r\n");
  stream.send("x");
  EXPECT_EQ(num_woken, 1);  // whoever took some looks again
  EXPECT_EQ(stream.take().bytes, "1\r\nx\r\n");
  EXPECT_FALSE(stream.take().is_ended);
  stream.end(true);
  EXPECT_EQ(num_woken, 2);
  ReplyStream::Taken taken = stream.take();
  EXPECT_EQ(taken.bytes, "0\r\n\r\n");
  EXPECT_FALSE(taken.is_ended);
  taken = stream.take();
  EXPECT_TRUE(taken.is_ended && taken.is_whole);
}

TEST(ReplyStream, APartHasNoLastChunk) {
  ReplyStream stream(Framing::kChunked, [] {});
  stream.send("x");
  stream.end(false);
  EXPECT_EQ(stream.take().bytes, "1\r\nx\r\n");
  const ReplyStream::Taken taken = stream.take();
  EXPECT_TRUE(taken.is_ended);
  EXPECT_FALSE(taken.is_whole);
  ReplyStream bare(Framing::kUntilClose, [] {});
  bare.send("abc");
  bare.end(true);
  EXPECT_EQ(bare.take().bytes, "abc");
}

TEST(ReplyStream, HoldsBackUntilThereIsRoomOrNobody) {
  ReplyStream stream(Framing::kUntilClose, [] {});
  std::atomic<int> num_sent = 0;
  std::thread maker([&] {
    const std::string piece(100'000, 'x');
    while (stream.send(piece)) ++num_sent;
    stream.end(false);
  });
  const auto wait_for = [&](int count) {
    for (int i = 0; i < 2000 && num_sent < count; ++i) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(num_sent, count);
  };
  wait_for(3);  // the third passes the limit of 256 KiB
  EXPECT_EQ(stream.take().bytes.size(), 300'000U);
  wait_for(6);
  stream.drop();
  maker.join();
}

}  // namespace
}  // namespace lmc::net
