// One rank of a test or measurement: process_group_rank TASK ENGINE [ARGUMENT].
// Tasks: all, work, impatient, measure MEGABYTES.
// Prints what it found; exit code 2 with one line for an error, 130 when it was stopped.
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <iostream>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/interrupt.h"
#include "base/random.h"
#include "base/sha256.h"
#include "train/process_group.h"

namespace lmc::tests {
namespace {

using train::ProcessGroup;

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

// Adding n numbers in any order errs by at most (n - 1) * eps * the sum of their magnitudes, to
// first order; twice that covers the rest and the error of the sum it is compared with.
template <class T>
bool is_sum(const torch::Tensor& found, const std::vector<torch::Tensor>& parts) {
  const double eps = std::numeric_limits<T>::epsilon();
  for (int64_t i = 0; i < found.numel(); ++i) {
    double sum = 0, magnitudes = 0;
    for (const torch::Tensor& part : parts) {
      sum += part.data_ptr<T>()[i];
      magnitudes += std::abs(part.data_ptr<T>()[i]);
    }
    const double limit = 2 * static_cast<double>(parts.size() - 1) * eps * magnitudes;
    if (!(std::abs(found.data_ptr<T>()[i] - sum) <= limit)) return false;
  }
  return true;
}

template <class T>
void check_sums(ProcessGroup& group, torch::ScalarType type) {
  for (const int64_t length : {0, 1, 3, 65537, 600011}) {
    std::vector<torch::Tensor> parts;
    for (int r = 0; r < group.size(); ++r) parts.push_back(values_of(r, length, type));
    const torch::Tensor sum = parts[static_cast<size_t>(group.rank())].clone();
    group.all_reduce(sum);
    std::cout << "sum of " << length << ": " << (is_sum<T>(sum, parts) ? "right " : "WRONG ")
              << hash_of(sum) << "\n";
  }
}

void check_all(ProcessGroup& group) {
  const int rank = group.rank(), size = group.size();
  std::cout << group.name() << ", " << size << " ranks\n";
  check_sums<float>(group, torch::kFloat32);
  check_sums<double>(group, torch::kFloat64);
  for (const auto& [name, root] : {std::pair{"first", 0}, {"last", size - 1}}) {
    const torch::Tensor values = values_of(rank, 1000003, torch::kFloat32);
    group.broadcast(values, root);
    std::cout << "broadcast by " << name << ": "
              << (at::equal(values, values_of(root, 1000003, torch::kFloat32)) ? "right" : "WRONG")
              << "\n";
  }
  std::array<double, 3> numbers = {1.0 + rank, 0x1p52,
                                   rank == 0 ? std::numeric_limits<double>::quiet_NaN() : 0};
  group.broadcast(std::span(numbers).subspan(1, 1), size - 1);
  group.all_reduce(numbers);
  std::cout << "numbers: " << numbers[0] << " " << (numbers[1] == size * 0x1p52) << " "
            << std::isnan(numbers[2]) << "\n";
  group.barrier();
}

// Sums until something ends it.
void work_until_stopped(ProcessGroup& group) {
  const torch::Tensor values = at::zeros({100000}, torch::kFloat32);
  group.all_reduce(values);
  std::cout << "at work" << std::endl;
  for (double stop = 0; stop == 0;) {
    group.all_reduce(values);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    stop = interrupt_requested() ? 1 : 0;
    group.all_reduce(std::span(&stop, 1));
  }
  std::cout << "stopped together\n";
}

// The median of some rounds after one that does not count, and the fastest and slowest.
void measure(ProcessGroup& group, int64_t megabytes) {
  constexpr int kRounds = 9;
  const torch::Tensor values = at::zeros({megabytes * 1000000 / 4}, torch::kFloat32);
  std::vector<double> times;
  for (int i = 0; i <= kRounds; ++i) {
    group.barrier();
    const auto begin = std::chrono::steady_clock::now();
    group.all_reduce(values);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    if (i > 0) times.push_back(took.count());
  }
  std::sort(times.begin(), times.end());
  if (group.rank() == 0) {
    std::cout << group.name() << ", " << group.size() << " ranks: " << megabytes << " MB summed in "
              << times[kRounds / 2] << " ms (" << times.front() << " to " << times.back() << ")\n";
  }
}

int run(const std::string& task, const std::string& engine, const std::string& argument) {
  const auto timeout = std::chrono::seconds(task == "impatient" ? 3 : 60);
  const auto group =
      train::make_process_group(value_named<train::Collectives>(engine).value(), timeout);
  if (task == "all") {
    check_all(*group);
  } else if (task == "work" || task == "impatient") {
    work_until_stopped(*group);
  } else if (task == "measure") {
    measure(*group, std::stoll(argument));
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
    if (count < 3) throw lmc::InputError("process_group_rank", "TASK ENGINE [ARGUMENT]");
    return lmc::tests::run(arguments[1], arguments[2], count > 3 ? arguments[3] : "");
  } catch (const lmc::Interrupted& stop) {
    std::cerr << stop.what() << std::endl;
    return 130;
  } catch (const lmc::InputError& error) {
    std::cerr << error.what() << std::endl;
    return 2;
  }
}
