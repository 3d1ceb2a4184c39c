#include "train/ranks.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <limits>

#include "base/check.h"  // InputError
#include "base/json.h"   // Json

namespace lmc::train {

namespace {

// The tensors behind one another in f32, for one message instead of many.
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

}  // namespace

std::vector<Draw> Ranks::share_of(const std::vector<Draw>& draws) const {
  // Neighbours may share a picture, so they stay together.
  const auto begin_of = [&](int rank) {
    return static_cast<std::ptrdiff_t>(draws.size() * static_cast<size_t>(rank) /
                                       static_cast<size_t>(size()));
  };
  return {draws.begin() + begin_of(collectives_.rank()),
          draws.begin() + begin_of(collectives_.rank() + 1)};
}

void Ranks::agree_on(const std::string& what, const std::string& mine) {
  const std::vector<std::string> all = collectives_.all_gather(mine);
  for (size_t rank = 1; rank < all.size(); ++rank) {
    if (all[rank] == all[0]) continue;
    throw InputError(what, cat("rank ", rank, " has another one than rank 0"),
                     "start every rank with the same command on the same files");
  }
}

std::string Ranks::from_first(const std::string& message) {
  return size() == 1 ? message : collectives_.all_gather(message).front();
}

void Ranks::take_over(RunState& state, AdamW& optimiser) {
  if (size() == 1) return;
  Json json = to_json(state);
  json["optimiser_steps"] = optimiser.steps_done();
  json = parse_json(from_first(to_text(json)), "rank 0");
  state = run_state_from_json(json, "rank 0");
  optimiser.set_steps_done(json_get<int64_t>(json, "optimiser_steps", "rank 0"));
  const c10::NoGradGuard no_grad;
  std::vector<torch::Tensor> values;
  for (const Parameter& parameter : optimiser.parameters()) {
    values.push_back(parameter.value.detach());
  }
  for (const auto* tensors : {&values, &optimiser.first_moments(), &optimiser.second_moments()}) {
    torch::Tensor flat = flattened(*tensors);
    collectives_.broadcast(flat, 0);
    copy_back(flat, *tensors);
  }
}

void Ranks::sum_gradients(AdamW& optimiser) {
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
  torch::Tensor flat = flattened(gradients);
  collectives_.sum(flat);
  copy_back(flat, gradients);
}

StepLoss Ranks::sum(const StepLoss& mine) {
  if (size() == 1) return mine;
  const Json json = {mine.sum, mine.weight, mine.target_tokens, mine.tokens, mine.computed_tokens};
  StepLoss all;
  for (const std::string& text : collectives_.all_gather(to_text(json))) {
    const Json one = parse_json(text, "a rank");
    // A sum that is not finite is written as null.
    all.sum += one[0].is_null() ? std::numeric_limits<double>::quiet_NaN() : one[0].get<double>();
    all.weight += one[1].get<double>();
    all.target_tokens += one[2].get<int64_t>();
    all.tokens += one[3].get<int64_t>();
    all.computed_tokens += one[4].get<int64_t>();
  }
  return all;
}

}  // namespace lmc::train
