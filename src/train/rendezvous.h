// Where ranks that know only MASTER_ADDR and MASTER_PORT meet: c10d's key-value store, as torchrun
// has it. torchrun's own agent may already run it there.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>

#include "train/launch.h"

namespace lmc::train {

class Rendezvous {
 public:
  // Rank 0 starts the store where none runs; the others wait for it, at most `timeout`.
  // Errors: InputError when the environment names no place, or the place is taken or unreachable.
  Rendezvous(const Launch& launch, std::chrono::seconds timeout);
  ~Rendezvous();
  Rendezvous(const Rendezvous&) = delete;
  Rendezvous& operator=(const Rendezvous&) = delete;

  // Replaces `bytes` by those of rank 0. Rank 0 does not wait for the others, who need its store.
  void share_of_first(std::span<std::byte> bytes);

 private:
  struct Store;
  std::unique_ptr<Store> store_;
  Launch launch_;
};

}  // namespace lmc::train
