#include "train/ranks.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <array>

#include "base/check.h"   // InputError
#include "base/sha256.h"  // sha256_hex

namespace lmc::train {

namespace {

// The tensors behind one another, for one message instead of many.
torch::Tensor flattened(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> flat;
  for (const torch::Tensor& tensor : tensors) flat.push_back(tensor.reshape({-1}));
  return at::cat(flat);
}

void copy_back(const torch::Tensor& flat, const std::vector<torch::Tensor>& tensors) {
  int64_t from = 0;
  for (const torch::Tensor& tensor : tensors) {
    const int64_t count = tensor.numel();
    tensor.copy_(flat.narrow(0, from, count).reshape(tensor.sizes()));
    from += count;
  }
}

// A double holds these counts exactly: they stay far below 2^53.
double number(int64_t count) { return static_cast<double>(count); }
int64_t count(double number) { return static_cast<int64_t>(number); }

}  // namespace

std::vector<Draw> Ranks::share_of(const std::vector<Draw>& draws) const {
  // Neighbours may share an image, so they stay together.
  const auto begin_of = [&](int rank) {
    return static_cast<std::ptrdiff_t>(draws.size() * static_cast<size_t>(rank) /
                                       static_cast<size_t>(size()));
  };
  return {draws.begin() + begin_of(group_.rank()), draws.begin() + begin_of(group_.rank() + 1)};
}

void Ranks::agree_on(const std::string& what, const std::string& mine) {
  // Of the hash as much as a double holds exactly.
  constexpr size_t kHexDigits = 12;
  const int64_t hash = std::stoll(sha256_hex(mine).substr(0, kHexDigits), nullptr, 16);
  const int64_t first = broadcast(hash);
  std::vector<double> differs(static_cast<size_t>(size()));
  differs[static_cast<size_t>(group_.rank())] = hash == first ? 0 : 1;
  group_.all_reduce(differs);
  for (size_t rank = 0; rank < differs.size(); ++rank) {
    if (differs[rank] == 0) continue;
    throw InputError(what, cat("rank ", rank, " has another one than rank 0"),
                     "start every rank with the same command on the same files");
  }
}

int64_t Ranks::broadcast(int64_t mine) {
  double first = number(mine);
  group_.broadcast(std::span(&first, 1), 0);
  return count(first);
}

void Ranks::broadcast(RunState& state, AdamW& optimiser) {
  if (size() == 1) return;
  std::array numbers = {number(state.step),
                        number(state.tokens),
                        number(state.computed_tokens),
                        number(state.skipped_samples),
                        number(state.skipped_steps),
                        state.seconds,
                        state.best_validation_loss,
                        number(state.best_step),
                        number(state.validations_since),
                        number(optimiser.steps_done())};
  group_.broadcast(numbers, 0);
  state = {.step = count(numbers[0]),
           .tokens = count(numbers[1]),
           .computed_tokens = count(numbers[2]),
           .skipped_samples = count(numbers[3]),
           .skipped_steps = count(numbers[4]),
           .seconds = numbers[5],
           .best_validation_loss = numbers[6],
           .best_step = count(numbers[7]),
           .validations_since = count(numbers[8])};
  optimiser.set_steps_done(count(numbers[9]));
  const c10::NoGradGuard no_grad;
  std::vector<torch::Tensor> values;
  for (const Parameter& parameter : optimiser.parameters()) {
    values.push_back(parameter.value.detach());
  }
  for (const auto* tensors : {&values, &optimiser.first_moments(), &optimiser.second_moments()}) {
    const torch::Tensor flat = flattened(*tensors);
    group_.broadcast(flat, 0);
    copy_back(flat, *tensors);
  }
}

StepLoss Ranks::all_reduce(const StepLoss& mine) {
  std::array sums = {mine.sum, mine.weight, number(mine.target_tokens), number(mine.tokens),
                     number(mine.computed_tokens)};
  group_.all_reduce(sums);
  return {.sum = sums[0],
          .weight = sums[1],
          .target_tokens = count(sums[2]),
          .tokens = count(sums[3]),
          .computed_tokens = count(sums[4])};
}

void Ranks::all_reduce_gradients(AdamW& optimiser) {
  if (size() == 1) return;
  const c10::NoGradGuard no_grad;
  std::vector<torch::Tensor> gradients;
  for (const Parameter& parameter : optimiser.parameters()) {
    // A rank without a sample has none.
    if (!parameter.value.grad().defined()) {
      parameter.value.mutable_grad() = at::zeros_like(parameter.value.detach());
    }
    gradients.push_back(parameter.value.grad());
  }
  const torch::Tensor flat = flattened(gradients);
  group_.all_reduce(flat);
  copy_back(flat, gradients);
}

bool Ranks::any(bool holds_here) {
  double ranks = holds_here ? 1 : 0;
  group_.all_reduce(std::span(&ranks, 1));
  return ranks > 0;
}

}  // namespace lmc::train
