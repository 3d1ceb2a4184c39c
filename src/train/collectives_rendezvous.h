// Where ranks that know only MASTER_ADDR and MASTER_PORT leave their addresses for each other:
// c10d's key-value store, which torchrun's own agent may already run there.
#pragma once

#include <memory>
#include <string>

#include "train/collectives_launch.h"
#include "train/collectives_sockets.h"

namespace lmc::train {

class Rendezvous {
 public:
  // Rank 0 starts the store, at MASTER_ADDR alone; the others wait for it.
  Rendezvous(const Launch& launch, const Deadline& deadline);
  ~Rendezvous();
  Rendezvous(const Rendezvous&) = delete;
  Rendezvous& operator=(const Rendezvous&) = delete;

  void set(const std::string& key, const std::string& value);
  // Waits until it was set.
  // Errors: RankGone with `who` after the deadline.
  std::string get(const std::string& key, const std::string& who, const Deadline& deadline);

 private:
  struct Store;
  std::unique_ptr<Store> store_;
  std::string prefix_;
};

}  // namespace lmc::train
