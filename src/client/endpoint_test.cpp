#include "client/endpoint.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lmc::client {
namespace {

using Clock = Endpoint::Clock;

const EndpointUrl kUrl = EndpointUrl::parse("http://a/v1", "test");

// Plays rounds against a server with `slots` places that refuses what is over them, and returns how
// many of the slots were filled on average over the last half of the rounds.
double share_of_slots_filled(Endpoint& endpoint, int slots, int rounds) {
  Random random(1);
  Clock::time_point now{};
  double filled = 0;
  for (int round = 0; round < rounds; ++round) {
    now += std::chrono::seconds(2);
    const auto sent = endpoint.room(now);
    for (int64_t i = 0; i < sent; ++i) endpoint.on_sent();
    // Refusals come at once, replies at the end of the round.
    for (int64_t i = slots; i < sent; ++i) endpoint.on_failure(now, -1, random);
    const int64_t served = std::min<int64_t>(sent, slots);
    for (int64_t i = 0; i < served; ++i) endpoint.on_reply();
    if (round >= rounds / 2) filled += static_cast<double>(served) / slots;
  }
  return filled / (rounds - rounds / 2);
}

TEST(Endpoint, GrowsToWhatIsAllowedWhileNothingFails) {
  Endpoint endpoint(kUrl, {}, 256, 1);
  Random random(1);
  EXPECT_EQ(endpoint.window(), 32);
  share_of_slots_filled(endpoint, 1000, 2);
  EXPECT_EQ(endpoint.window(), 128);
  share_of_slots_filled(endpoint, 1000, 1);
  EXPECT_EQ(endpoint.window(), 256);
  share_of_slots_filled(endpoint, 1000, 5);
  EXPECT_EQ(endpoint.window(), 256);
}

TEST(Endpoint, KeepsAServerFullThatRefusesWhatIsOverItsCapacity) {
  Endpoint endpoint(kUrl, {}, 512, 0.001);
  EXPECT_GT(share_of_slots_filled(endpoint, 100, 400), 0.95);
  EXPECT_LT(endpoint.window(), 130);
}

// What random failures of this share leave of the window, on average over many rounds.
double window_under_failures(double share, int64_t most) {
  Endpoint endpoint(kUrl, {}, most, 0.001);
  Random random(1);
  Clock::time_point now{};
  double sum = 0;
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds; ++round) {
    now += std::chrono::seconds(2);
    const int64_t sent = endpoint.room(now);
    for (int64_t i = 0; i < sent; ++i) endpoint.on_sent();
    for (int64_t i = 0; i < sent; ++i) {
      if (random.chance(share)) {
        endpoint.on_failure(now, -1, random);
      } else {
        endpoint.on_reply();
      }
    }
    if (round >= kRounds / 2) sum += static_cast<double>(endpoint.window());
  }
  return sum / (kRounds / 2);
}

// Where the step makes up for half the share: window * share / 2 = most / 64.
TEST(Endpoint, RandomFailuresDoNotCloseIt) {
  EXPECT_GT(window_under_failures(0.02, 256), 240);
  EXPECT_NEAR(window_under_failures(0.10, 256), 80, 16);
  EXPECT_NEAR(window_under_failures(0.50, 256), 16, 6);
}

TEST(Endpoint, IsHalvedByARoundOfFailures) {
  Endpoint endpoint(kUrl, {}, 64, 1);
  Random random(1);
  for (int i = 0; i < 32; ++i) endpoint.on_sent();
  for (int i = 0; i < 32; ++i) endpoint.on_failure({}, -1, random);
  EXPECT_EQ(endpoint.window(), 16 + 1);
  EXPECT_EQ(endpoint.in_flight(), 0);
}

TEST(Endpoint, DoesNotGrowWhileItIsNotFilled) {
  Endpoint endpoint(kUrl, {}, 64, 1);
  for (int i = 0; i < 100; ++i) {
    endpoint.on_sent();
    endpoint.on_reply();
  }
  EXPECT_EQ(endpoint.window(), 32);
}

TEST(Endpoint, WhatFailsTogetherIsOneRest) {
  Endpoint endpoint(kUrl, {}, 64, 1);
  Random random(1);
  const Clock::time_point now = Clock::now();
  for (int i = 0; i < 32; ++i) endpoint.on_sent();
  for (int i = 0; i < 32; ++i) endpoint.on_failure(now, -1, random);
  EXPECT_EQ(endpoint.room(now), 0);
  EXPECT_GT(endpoint.room(now + std::chrono::milliseconds(1001)), 0);
}

TEST(Endpoint, RestsAfterFailuresInARowAsLongAsItAsksFor) {
  Endpoint endpoint(kUrl, {}, 64, 1);
  Random random(1);
  const Clock::time_point now = Clock::now();
  for (int i = 0; i < 5; ++i) endpoint.on_sent();
  for (int i = 0; i < 3; ++i) endpoint.on_failure(now, 20, random);
  EXPECT_GT(endpoint.room(now), 0);  // three may be accidents
  endpoint.on_failure(now, 20, random);
  EXPECT_EQ(endpoint.room(now), 0);
  EXPECT_EQ(endpoint.room(now + std::chrono::milliseconds(19'900)), 0);
  EXPECT_GT(endpoint.room(now + std::chrono::seconds(61)), 0);
  endpoint.on_reply();
  for (int i = 0; i < 2; ++i) endpoint.on_sent();
  const Clock::time_point later = now + std::chrono::minutes(10);
  endpoint.on_failure(later, 20, random);  // the row was broken by a reply
  EXPECT_GT(endpoint.room(later), 0);
}

TEST(Endpoint, AClosedOneHasNoRoom) {
  Endpoint endpoint(kUrl, {}, 64, 1);
  endpoint.close("HTTP 401");
  EXPECT_EQ(endpoint.room(Clock::now()), 0);
  EXPECT_EQ(endpoint.problem(), "HTTP 401");
}

std::string header_of(const ApiKey& key) {
  std::string text;
  for (const auto& [name, value] : key.headers()) text += name + ": " + value;
  return text;
}

TEST(Endpoint, TheKeysHeader) {
  EXPECT_EQ(header_of({}), "");
  EXPECT_EQ(header_of({"k", "Authorization"}), "Authorization: Bearer k");
  EXPECT_EQ(header_of({"k", "api-key"}), "api-key: k");
}

TEST(Endpoint, KnowsItsSecrets) {
  Endpoint endpoint(EndpointUrl::parse("http://a/v1?sig=longer%2Bone&v=2&x=7", "test"),
                    {"longer", "Authorization"}, 4, 1);
  EXPECT_EQ(endpoint.secrets(), (std::vector<std::string>{"longer%2Bone", "longer+one", "longer"}));
  endpoint.move_to(EndpointUrl::parse("http://a/v2?ticket=another", "test"));
  EXPECT_EQ(endpoint.url().completions(), "http://a/v2/chat/completions?ticket=another");
  EXPECT_EQ(endpoint.secrets().back(), "another");
}

}  // namespace
}  // namespace lmc::client
