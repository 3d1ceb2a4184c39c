#include "runtime/machine_limits.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <vector>

namespace lmc::runtime {

namespace {

constexpr int kRounds = 5;

// The shortest of several rounds of work(task, thread), one task a thread.
template <class Work>
double least_seconds(ThreadPool& pool, const Work& work) {
  double least = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    pool.run(pool.num_threads(), work);
    const double taken =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (round == 0 || taken < least) least = taken;
  }
  return least;
}

}  // namespace

TokenWork token_work(const LanguageModel& model) {
  TokenWork work;
  for (const DecoderLayer& layer : model.layers) {
    for (const PackedMatrix* matrix :
         {&layer.q, &layer.k, &layer.v, &layer.o, &layer.gate, &layer.up, &layer.down}) {
      work.products += matrix->outputs() * matrix->inputs();
      work.weight_bytes += matrix->layout().num_bytes();
    }
  }
  work.weight_bytes += model.head_VH.layout().num_bytes();
  return work;
}

double read_bytes_per_s(ThreadPool& pool) {
  constexpr size_t kBytes = size_t{512} << 20;
  constexpr size_t kStreams = 4;  // that a thread reads side by side, as a panel's rows are
  WeightMemory memory(kBytes);
  const std::vector<std::byte> block(size_t{1} << 20, std::byte{1});
  std::span<const std::byte> all = memory.hold(block, [] {});
  for (size_t at = block.size(); at < kBytes; at += block.size()) memory.hold(block, [] {});
  all = {all.data(), kBytes};
  const size_t part = kBytes / sizeof(uint64_t) / static_cast<size_t>(pool.num_threads());
  std::atomic<uint64_t> total{0};  // so that nothing is left out
  const double seconds = least_seconds(pool, [&](int64_t task, int64_t) {
    const auto* words =
        reinterpret_cast<const uint64_t*>(all.data()) + static_cast<size_t>(task) * part;
    const size_t stream = part / kStreams / 8 * 8;
    uint64_t sums[kStreams][8] = {};
    for (size_t i = 0; i < stream; i += 8) {
      for (size_t s = 0; s < kStreams; ++s) {
        for (size_t lane = 0; lane < 8; ++lane) sums[s][lane] += words[s * stream + i + lane];
      }
    }
    uint64_t sum = 0;
    for (const auto& lanes : sums) {
      for (const uint64_t lane : lanes) sum += lane;
    }
    total += sum;
  });
  return static_cast<double>(kBytes) / seconds;
}

double products_per_s(const Machine& machine, MatrixForm form) {
  // As a product takes them (products.cpp): what is unfolded of a panel serves so many rows.
  constexpr int64_t kRows = 96, kInputs = 2048, kRepetitions = 100;
  const bool is_integer = form == MatrixForm::kInt8 || form == MatrixForm::kInt4;
  const MatrixLayout layout{form, kPanelOutputs, kInputs, is_integer ? 64 : 0};
  const std::vector<std::byte> bytes =
      pack_matrix(layout, std::vector<float>(static_cast<size_t>(kPanelOutputs * kInputs), 1.0F));
  const PackedMatrix matrix(layout, bytes);
  const std::vector<float> row_I(static_cast<size_t>(kInputs), 1.0F);
  Operand inputs;
  inputs.prepare(machine.kernels, layout, kRows);
  for (int64_t i = 0; i < kRows; ++i) inputs.fill(machine.kernels, i, row_I.data());
  const double seconds = least_seconds(machine.pool, [&](int64_t, int64_t) {
    float made_RO[kRows * kPanelOutputs];
    for (int64_t i = 0; i < kRepetitions; ++i) {
      multiply_panel(machine.kernels, matrix, 0, inputs, 0, kRows, made_RO);
    }
  });
  return static_cast<double>(kRows * kPanelOutputs * kInputs * kRepetitions *
                             machine.pool.num_threads()) /
         seconds;
}

}  // namespace lmc::runtime
