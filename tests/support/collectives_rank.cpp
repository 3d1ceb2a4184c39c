// One rank of a test or measurement of the collectives: collectives_rank TASK ENGINE [ARGUMENT].
// Tasks: all, work, impatient, differ, measure MEGABYTES, limits MEGABYTES (with engine none).
// Prints what it found; exit code 2 with one line for an error, 130 when it was stopped.
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <thread>

#include "base/check.h"
#include "base/interrupt.h"
#include "base/random.h"
#include "base/sha256.h"
#include "train/collectives.h"
#include "train/collectives_sockets.h"

namespace lmc::tests {
namespace {

using train::Collectives;

// The values of rank `rank`, of many magnitudes, so that the order of a sum shows in its bits.
torch::Tensor values_of(int rank, int64_t length, torch::ScalarType type) {
  Random random(static_cast<uint64_t>(rank) * 7919 + static_cast<uint64_t>(length));
  torch::Tensor values = at::empty({length}, torch::kFloat64);
  auto* data = values.data_ptr<double>();
  for (int64_t i = 0; i < length; ++i) {
    data[i] = std::ldexp(random.uniform() - 0.5, static_cast<int>(random.integer(-10, 10)));
  }
  return values.to(type);
}

std::string hash_of(const torch::Tensor& values) {
  return sha256_hex({static_cast<const char*>(values.data_ptr()), values.nbytes()}).substr(0, 16);
}

template <class T>
torch::Tensor added_in_order(const std::vector<torch::Tensor>& parts) {
  torch::Tensor sum = parts[0].clone();
  for (size_t p = 1; p < parts.size(); ++p) {
    for (int64_t i = 0; i < sum.numel(); ++i) {
      sum.data_ptr<T>()[i] = sum.data_ptr<T>()[i] + parts[p].data_ptr<T>()[i];
    }
  }
  return sum;
}

template <class T>
void check_sums(Collectives& collectives, torch::ScalarType type) {
  // One element, fewer than ranks, one slice and a bit, several blocks with a ragged end.
  for (const int64_t length : {0, 1, 3, 65537, 600011}) {
    std::vector<torch::Tensor> parts;
    for (int r = 0; r < collectives.size(); ++r) parts.push_back(values_of(r, length, type));
    torch::Tensor sum = parts[static_cast<size_t>(collectives.rank())].clone();
    collectives.sum(sum);
    const bool same = hash_of(sum) == hash_of(added_in_order<T>(parts));
    std::cout << "sum of " << length << ": " << (same ? "as in order " : "DIFFERS ") << hash_of(sum)
              << "\n";
  }
}

void check_all(Collectives& collectives) {
  const int rank = collectives.rank(), size = collectives.size();
  std::cout << size << " ranks\n";
  check_sums<float>(collectives, torch::kFloat32);
  check_sums<double>(collectives, torch::kFloat64);
  for (const int root : {0, size - 1}) {
    torch::Tensor values = values_of(rank, 1000003, torch::kFloat32);
    collectives.broadcast(values, root);
    std::cout << "broadcast by " << (root == 0 ? "first" : "last") << ": "
              << (at::equal(values, values_of(root, 1000003, torch::kFloat32)) ? "equal"
                                                                               : "DIFFERS")
              << "\n";
  }
  const auto message_of = [](int r) { return std::string(static_cast<size_t>(r) * 100000, 'a'); };
  const std::vector<std::string> messages = collectives.all_gather(message_of(rank));
  bool same = static_cast<int>(messages.size()) == size;
  for (int r = 0; same && r < size; ++r) same = messages[static_cast<size_t>(r)] == message_of(r);
  std::cout << "gather: " << (same ? "equal" : "DIFFERS") << "\n";
  std::cout << "any: " << train::any_rank(collectives, rank == size - 1)
            << train::any_rank(collectives, false) << "\n";
  std::cout << "number: " << train::sum_of_ranks(collectives, 1 + rank) << "\n";
  collectives.barrier();
}

// Sums until something ends it. The file says that the ranks have met, and who this one is.
void work_until_stopped(Collectives& collectives, const std::string& folder) {
  torch::Tensor values = at::zeros({100000}, torch::kFloat32);
  collectives.sum(values);
  std::ofstream(folder + "/rank." + std::to_string(collectives.rank())) << ::getpid() << "\n";
  while (!train::any_rank(collectives, interrupt_requested())) {
    collectives.sum(values);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::cout << "stopped together\n";
}

constexpr int kRounds = 9;

// The median, and the fastest and slowest, of some rounds after one that does not count.
template <class Round>
std::string time_of(const Round& round) {
  std::vector<double> times;
  for (int i = 0; i <= kRounds; ++i) {
    const double took = round();
    if (i > 0) times.push_back(took);
  }
  std::sort(times.begin(), times.end());
  return cat(times[kRounds / 2], " ms (", times.front(), " to ", times.back(), ")");
}

template <class Work>
double milliseconds_of(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

// What no engine on this machine can beat: a copy in memory, and one connection kept full.
void measure_limits(size_t bytes) {
  std::vector<char> from(bytes, 'a'), to(bytes);
  std::cout << "memory copy: " << time_of([&] { return milliseconds_of([&] { to = from; }); })
            << "\n";
  constexpr size_t kPiece = size_t{256} << 10;
  const train::Deadline deadline(std::chrono::minutes(1));
  const train::Socket listener = train::listen_at({"127.0.0.1", 0});
  const train::Socket sender =
      train::connect_to(train::address_of(listener), "ourselves", deadline);
  const train::Socket receiver(::accept(listener.descriptor(), nullptr, nullptr));
  const auto send_all = [&] {
    for (size_t at = 0; at < bytes;) {
      pollfd ready = {sender.descriptor(), POLLOUT, 0};
      ::poll(&ready, 1, -1);
      const ssize_t sent =
          ::send(sender.descriptor(), &from[at], std::min(kPiece, bytes - at), MSG_DONTWAIT);
      if (sent > 0) at += static_cast<size_t>(sent);
    }
  };
  std::cout << "one connection over loopback: " << time_of([&] {
    return milliseconds_of([&] {
      std::thread sending(send_all);
      for (size_t at = 0; at < bytes;) {
        at += static_cast<size_t>(
            ::recv(receiver.descriptor(), &to[at], std::min(kPiece, bytes - at), 0));
      }
      sending.join();
    });
  }) << "\n";
}

void measure(Collectives& collectives, int64_t megabytes) {
  torch::Tensor values = at::zeros({megabytes * 1000000 / 4}, torch::kFloat32);
  const std::string time = time_of([&] {
    collectives.barrier();
    return milliseconds_of([&] { collectives.sum(values); });
  });
  if (collectives.rank() == 0) {
    std::cout << collectives.name() << ", " << collectives.size() << " ranks: " << megabytes
              << " MB summed in " << time << "\n";
  }
}

int run(const std::string& task, const std::string& engine, const std::string& argument) {
  const auto timeout = std::chrono::seconds(task == "impatient" ? 3 : 60);
  const auto collectives = train::make_collectives(engine, timeout);
  if (task == "all") {
    check_all(*collectives);
  } else if (task == "work" || task == "impatient") {
    work_until_stopped(*collectives, argument);
  } else if (task == "differ") {
    torch::Tensor values = at::zeros({collectives->rank() == 0 ? 4 : 5}, torch::kFloat32);
    collectives->sum(values);
  } else if (task == "measure") {
    measure(*collectives, std::stoll(argument));
  } else if (task == "limits") {
    measure_limits(std::stoull(argument) * 1000000);
  } else {
    throw InputError(task, "no such task");
  }
  return 0;
}

}  // namespace
}  // namespace lmc::tests

int main(int count, char** arguments) {
  lmc::watch_for_interrupt();
  at::set_num_threads(1);
  try {
    if (count < 3) throw lmc::InputError("collectives_rank", "TASK ENGINE [ARGUMENT]");
    return lmc::tests::run(arguments[1], arguments[2], count > 3 ? arguments[3] : "");
  } catch (const lmc::Interrupted& stop) {
    std::cerr << stop.what() << std::endl;
    return 130;
  } catch (const lmc::InputError& error) {
    std::cerr << error.what() << std::endl;
    return 2;
  }
}
