#include "train/rendezvous.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <string>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include "base/check.h"  // InputError

namespace lmc::train {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr int kSize = 3;

c10::intrusive_ptr<c10d::TCPStore> store_on_a_free_port() {
  c10d::TCPStoreOptions options;
  options.port = 0;
  options.isServer = true;
  options.waitWorkers = false;
  options.useLibUV = false;
  return c10::make_intrusive<c10d::TCPStore>("127.0.0.1", options);
}

Launch launch_of(int rank, int port) {
  Launch launch;
  launch.launcher = Launcher::kTorchrun;
  launch.rank = rank;
  launch.size = kSize;
  launch.address = "127.0.0.1";
  launch.port = port;
  return launch;
}

// What each rank holds in the end; ranks are threads here, and come in any order.
std::vector<std::string> shared(int port, bool store_is_running, const std::string& job) {
  std::promise<void> all_have_it;
  const std::shared_future<void> done = all_have_it.get_future().share();
  std::vector<std::future<std::string>> ranks;
  std::array<std::promise<void>, kSize> have_it;
  for (int rank = 0; rank < kSize; ++rank) {
    ranks.push_back(std::async(std::launch::async, [&, rank] {
      Launch launch = launch_of(rank, port);
      launch.store_is_running = store_is_running;
      launch.job = job;
      std::string bytes = "of " + job + std::to_string(rank);
      Rendezvous rendezvous(launch, seconds(30));
      rendezvous.share_of_first(std::as_writable_bytes(std::span(bytes)));
      have_it[static_cast<size_t>(rank)].set_value();
      done.wait();  // as the communicator does, for rank 0 keeps the store
      return bytes;
    }));
  }
  for (auto& promise : have_it) promise.get_future().wait();
  all_have_it.set_value();
  std::vector<std::string> all;
  for (auto& rank : ranks) all.push_back(rank.get());
  return all;
}

TEST(Rendezvous, AllHaveWhatTheFirstBrought) {
  const int port = store_on_a_free_port()->getPort();
  EXPECT_THAT(shared(port, false, "run"), ::testing::Each("of run0"));
}

TEST(Rendezvous, AttemptsInOneStoreOfTorchrunsDoNotMeet) {
  const auto store = store_on_a_free_port();
  for (const char* job : {"first", "again"}) {
    EXPECT_THAT(shared(store->getPort(), true, job),
                ::testing::Each("of " + std::string(job) + "0"));
  }
}

TEST(Rendezvous, SaysWhatIsMissing) {
  Launch launch = launch_of(0, 29500);
  launch.address.clear();
  EXPECT_THAT([&] { Rendezvous(launch, seconds(1)); },
              ThrowsMessage<InputError>(HasSubstr("MASTER_ADDR: is not set")));
  const int port = store_on_a_free_port()->getPort();
  EXPECT_THAT([&] { Rendezvous(launch_of(1, port), seconds(1)); },
              ThrowsMessage<InputError>(HasSubstr("127.0.0.1:" + std::to_string(port))));
}

}  // namespace
}  // namespace lmc::train
