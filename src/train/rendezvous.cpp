#include "train/rendezvous.h"

#include <algorithm>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "base/check.h"           // InputError, cat
#include "train/process_group.h"  // RankGone

namespace lmc::train {

namespace {

std::string first_line(const char* text) {
  const std::string whole = text;
  return whole.substr(0, whole.find('\n'));
}

}  // namespace

struct Rendezvous::Store {
  c10::intrusive_ptr<c10d::TCPStore> tcp;
};

Rendezvous::Rendezvous(const Launch& launch, std::chrono::seconds timeout)
    : store_(std::make_unique<Store>()), launch_(launch) {
  check_master(launch);
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(launch.port);
  options.isServer = launch.rank == 0 && !launch.store_is_running;
  options.waitWorkers = false;
  options.useLibUV = false;  // Debian's libtorch is built without
  options.timeout = timeout;
  try {
    store_->tcp = c10::make_intrusive<c10d::TCPStore>(launch.address, options);
  } catch (const std::exception& error) {
    throw InputError(cat(launch.address, ":", launch.port), first_line(error.what()),
                     "MASTER_ADDR must name rank 0's machine, MASTER_PORT a free port of it");
  }
}

Rendezvous::~Rendezvous() = default;

void Rendezvous::share_of_first(std::span<std::byte> bytes) {
  // torchrun's store outlives an attempt, whose values must not reach the next one.
  const std::string key = cat("litemedcot/", launch_.job, "/of_first");
  try {
    if (launch_.rank == 0) {
      const auto* begin = reinterpret_cast<const uint8_t*>(bytes.data());
      store_->tcp->set(key, std::vector<uint8_t>(begin, begin + bytes.size()));
      return;
    }
    const std::vector<uint8_t> value = store_->tcp->get(key);
    if (value.size() != bytes.size()) throw InputError("rank 0", "runs another version");
    std::copy_n(reinterpret_cast<const std::byte*>(value.data()), value.size(), bytes.begin());
  } catch (const c10::Error& error) {
    throw RankGone("rank 0", first_line(error.what_without_backtrace()));
  }
}

}  // namespace lmc::train
