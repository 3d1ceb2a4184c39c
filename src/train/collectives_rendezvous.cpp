#include "train/collectives_rendezvous.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "base/check.h"         // InputError, cat
#include "train/collectives.h"  // RankGone

namespace lmc::train {

namespace {

// Runs in one process meet one after the other, and a store that torchrun keeps remembers them all.
int next_meeting() {
  static std::atomic<int> meetings = 0;
  return meetings++;
}

std::string first_line(const char* text) {
  const std::string whole = text;
  return whole.substr(0, whole.find('\n'));
}

constexpr size_t kLongestValue = 4096;

[[noreturn]] void report_lost_store(const c10::Error& error) {
  throw RankGone("rank 0", cat("its store is gone: ", first_line(error.what_without_backtrace())));
}

}  // namespace

struct Rendezvous::Store {
  c10::intrusive_ptr<c10d::TCPStore> tcp;
};

Rendezvous::Rendezvous(const Launch& launch, const Deadline& deadline)
    : store_(std::make_unique<Store>()),
      prefix_(cat("lmc/", launch.job, "/", next_meeting(), "/")) {
  check_master(launch);
  const Address master = {launch.address, launch.port};
  const bool is_server = launch.rank == 0 && !launch.store_is_running;
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(launch.port);
  options.isServer = is_server;
  options.waitWorkers = false;
  options.useLibUV = false;  // Debian's libtorch is built without
  options.timeout = std::max(deadline.left(), std::chrono::milliseconds{1000});
  Socket listener;
  if (is_server) {
    listener = listen_at(master);
    options.masterListenFd = listener.descriptor();
  } else {
    // The store's own client would print a warning for every attempt, and not see a stop.
    connect_to(master, launch.store_is_running ? "torchrun's store" : "rank 0", deadline);
  }
  try {
    store_->tcp = c10::make_intrusive<c10d::TCPStore>(launch.address, options);
  } catch (const std::exception& error) {
    throw InputError(cat(launch.address, ":", launch.port), first_line(error.what()),
                     "is something else listening at MASTER_PORT?");
  }
  listener.release();  // the store closes it
}

Rendezvous::~Rendezvous() = default;

void Rendezvous::set(const std::string& key, const std::string& value) {
  try {
    store_->tcp->set(prefix_ + key, std::vector<uint8_t>(value.begin(), value.end()));
  } catch (const c10::Error& error) {
    report_lost_store(error);
  }
}

std::string Rendezvous::get(const std::string& key, const std::string& who,
                            const Deadline& deadline) {
  try {
    while (!store_->tcp->check({prefix_ + key})) {
      if (deadline.passed()) {
        throw RankGone(who, "did not come in time", "are all processes started?");
      }
      std::this_thread::sleep_for(deadline.next_wait(who) / 4);
    }
    const std::vector<uint8_t> value = store_->tcp->get(prefix_ + key);
    if (value.size() > kLongestValue) throw InputError(who, "left a value that is too long");
    return {value.begin(), value.end()};
  } catch (const c10::Error& error) {
    report_lost_store(error);
  }
}

}  // namespace lmc::train
