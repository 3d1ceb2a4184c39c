// The collectives over anything that moves bytes between two ranks.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "train/collectives.h"
#include "train/collectives_launch.h"

namespace lmc::train {

struct Send {
  int peer = 0;
  const std::byte* data = nullptr;
  size_t bytes = 0;
};

struct Receive {
  int peer = 0;
  std::byte* data = nullptr;
  size_t bytes = 0;
};

// A connection of every rank with every other.
class Links {
 public:
  virtual ~Links() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual std::string name() const = 0;

  // Moves all of it, in both directions at once, and returns when all is sent and received. Pieces
  // of one peer arrive in the order in which that peer lists them; no piece is for oneself.
  virtual void exchange(std::span<const Send> sends, std::span<const Receive> receives) = 0;

  // Errors: RankGone when a rank is known to be.
  virtual void check_alive() {}
};

std::unique_ptr<Collectives> collectives_over(std::shared_ptr<Links> links);

// See tcp_collectives.
std::shared_ptr<Links> tcp_links(const Launch& launch, std::chrono::seconds timeout);

}  // namespace lmc::train
