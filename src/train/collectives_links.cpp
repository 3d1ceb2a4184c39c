#include "train/collectives_links.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/add.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>

namespace lmc::train {

namespace {

// Of a slice that one rank adds up: large enough to hide the latency of an exchange, small enough
// for the slices of a few ranks to stay in the cache between arrival and addition.
constexpr size_t kSliceBytes = size_t{256} << 10;

enum class Call : uint32_t { kSum = 1, kBroadcast, kGather, kBarrier };

// What a rank is about to do. Exchanged before each call, so that ranks which have drifted apart
// end with a message, not with numbers added to others.
struct Announcement {
  Call call = Call::kBarrier;
  uint32_t root = 0;
  uint64_t count = 0;  // calls before this one
  uint64_t bytes = 0;
};

std::string describe(const Announcement& what) {
  static const char* const kNames[] = {"nothing", "a sum", "a broadcast", "a gather", "a barrier"};
  const auto index = static_cast<size_t>(what.call);
  return cat(index < std::size(kNames) ? kNames[index] : "an unknown call", " of ", what.bytes,
             " bytes from rank ", what.root, " (call ", what.count, ")");
}

class LinkedCollectives : public Collectives {
 public:
  explicit LinkedCollectives(std::shared_ptr<Links> links) : links_(std::move(links)) {}

  int rank() const override { return links_->rank(); }
  int size() const override { return links_->size(); }
  std::string name() const override { return links_->name(); }

  void sum(torch::Tensor& values) override {
    LMC_CHECK(values.is_contiguous() && (values.scalar_type() == torch::kFloat32 ||
                                         values.scalar_type() == torch::kFloat64),
              "sum of ", values.toString());
    const at::NoGradGuard no_grad;
    announce({Call::kSum, 0, count_, values.nbytes()});
    if (size() == 1) return;
    if (values.is_cpu()) {
      sum_on_cpu(values.detach());
    } else {
      const torch::Tensor copy = values.detach().to(torch::kCPU);
      sum_on_cpu(copy);
      values.copy_(copy);
    }
  }

  void broadcast(torch::Tensor& values, int root) override {
    LMC_CHECK(values.is_contiguous() && root >= 0 && root < size(), "broadcast of ",
              values.toString(), " by ", root);
    const at::NoGradGuard no_grad;
    announce({Call::kBroadcast, static_cast<uint32_t>(root), count_, values.nbytes()});
    const torch::Tensor local = values.is_cpu() ? values.detach() : values.detach().cpu();
    auto* data = static_cast<std::byte*>(local.data_ptr());
    std::vector<Send> sends;
    std::vector<Receive> receives;
    if (rank() == root) {
      for (const int peer : others()) sends.push_back({peer, data, local.nbytes()});
    } else {
      receives.push_back({root, data, local.nbytes()});
    }
    links_->exchange(sends, receives);
    if (!values.is_cpu()) values.copy_(local);
  }

  std::vector<std::string> all_gather(std::string_view message) override {
    LMC_CHECK(message.size() <= kLongestMessage, message.size());
    const std::vector<uint64_t> lengths = announce({Call::kGather, 0, count_, message.size()});
    std::vector<std::string> messages(static_cast<size_t>(size()));
    messages[static_cast<size_t>(rank())] = message;
    std::vector<Send> sends;
    std::vector<Receive> receives;
    for (const int peer : others()) {
      std::string& theirs = messages[static_cast<size_t>(peer)];
      theirs.resize(lengths[static_cast<size_t>(peer)]);
      sends.push_back({peer, reinterpret_cast<const std::byte*>(message.data()), message.size()});
      receives.push_back({peer, reinterpret_cast<std::byte*>(theirs.data()), theirs.size()});
    }
    links_->exchange(sends, receives);
    return messages;
  }

  void barrier() override { announce({Call::kBarrier, 0, count_, 0}); }

 private:
  std::vector<int> others() const {
    std::vector<int> ranks;
    for (int peer = 0; peer < size(); ++peer) {
      if (peer != rank()) ranks.push_back(peer);
    }
    return ranks;
  }

  // Returns how many bytes each rank announced.
  std::vector<uint64_t> announce(const Announcement& mine) {
    std::vector<Announcement> all(static_cast<size_t>(size()), mine);
    std::vector<Send> sends;
    std::vector<Receive> receives;
    for (const int peer : others()) {
      sends.push_back({peer, reinterpret_cast<const std::byte*>(&mine), sizeof mine});
      receives.push_back({peer, reinterpret_cast<std::byte*>(&all[static_cast<size_t>(peer)]),
                          sizeof(Announcement)});
    }
    links_->exchange(sends, receives);
    std::vector<uint64_t> bytes;
    for (size_t peer = 0; peer < all.size(); ++peer) {
      const Announcement& theirs = all[peer];
      const bool same_size = theirs.bytes == mine.bytes ||
                             (mine.call == Call::kGather && theirs.bytes <= kLongestMessage);
      if (theirs.call != mine.call || theirs.root != mine.root || theirs.count != mine.count ||
          !same_size) {
        throw InputError(
            cat("rank ", peer),
            cat("does ", describe(theirs), " while rank ", rank(), " does ", describe(mine)),
            "do all ranks run the same version with the same options?");
      }
      bytes.push_back(theirs.bytes);
    }
    ++count_;
    return bytes;
  }

  // Blocks of one slice a rank. Each rank gets the others' values of its slice, adds them up and
  // sends the sum to all: while the sums of one block travel, so do the values of the next.
  void sum_on_cpu(const torch::Tensor& values) {
    const auto item = static_cast<int64_t>(values.element_size());
    const int64_t in_slice = static_cast<int64_t>(kSliceBytes) / item;
    const int64_t num_blocks = (values.numel() + in_slice * size() - 1) / (in_slice * size());
    auto* data = static_cast<std::byte*>(values.data_ptr());
    const torch::Tensor flat = values.view({-1});
    const torch::Tensor received = at::empty({size(), in_slice}, values.options());
    struct Slice {
      int64_t begin, length;
    };
    const auto slice = [&](int64_t block, int owner) {
      if (block < 0 || block >= num_blocks) return Slice{0, 0};
      const int64_t begin = std::min(values.numel(), (block * size() + owner) * in_slice);
      return Slice{begin, std::min(values.numel() - begin, in_slice)};
    };
    for (int64_t block = 0; block <= num_blocks; ++block) {
      std::vector<Send> sends;
      std::vector<Receive> receives;
      const auto send = [&](int peer, const Slice& part) {
        if (part.length == 0) return;
        sends.push_back({peer, data + part.begin * item, static_cast<size_t>(part.length * item)});
      };
      const auto receive = [&](int peer, void* to, const Slice& part) {
        if (part.length == 0) return;
        receives.push_back(
            {peer, static_cast<std::byte*>(to), static_cast<size_t>(part.length * item)});
      };
      const Slice mine = slice(block, rank());
      for (const int peer : others()) {
        send(peer, slice(block, peer));
        send(peer, slice(block - 1, rank()));
        receive(peer, received.select(0, peer).data_ptr(), mine);
        const Slice theirs = slice(block - 1, peer);
        receive(peer, data + theirs.begin * item, theirs);
      }
      links_->exchange(sends, receives);
      if (mine.length == 0) continue;
      add_in_rank_order(flat.narrow(0, mine.begin, mine.length),
                        received.narrow(1, 0, mine.length));
    }
  }

  // `mine` holds this rank's values and becomes the sum; the other rows of `received` are free to
  // be written.
  void add_in_rank_order(torch::Tensor mine, const torch::Tensor& received) const {
    const auto of_rank = [&](int peer) { return peer == rank() ? mine : received.select(0, peer); };
    torch::Tensor so_far = of_rank(0);
    for (int peer = 1; peer < size(); ++peer) {
      torch::Tensor to = peer == size() - 1 ? mine : of_rank(0);
      at::add_out(to, so_far, of_rank(peer));
      so_far = to;
    }
  }

  std::shared_ptr<Links> links_;
  uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Collectives> collectives_over(std::shared_ptr<Links> links) {
  return std::make_unique<LinkedCollectives>(std::move(links));
}

}  // namespace lmc::train
