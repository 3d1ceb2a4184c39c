#include "train/reply_loss.h"

#include <ATen/ops/_log_softmax.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/gemm.h"  // gemm, gemm_transposed

namespace lmc::train {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The rows to learn from, in the order of the stream. Row m predicts the token targets[m].
struct Rows {
  std::vector<int64_t> places;  // in the stream
  std::vector<int64_t> targets;
  std::vector<float> weights;
  // The teacher's choices, flat: of row choice_rows[k] the token choice_ids[k]. Rows without any
  // have hard_label_weight 1.
  std::vector<int64_t> choice_rows, choice_ids;
  std::vector<float> choice_probs;  // probabilities
  std::vector<float> tail_probs;    // a row: what its choices leave
  std::vector<float> hard_label_weights;
};

Rows rows_of(std::span<const TrainingInput* const> samples, double distillation_weight) {
  Rows rows;
  int64_t begin = 0;
  for (const TrainingInput* sample : samples) {
    auto choices = sample->teacher.begin();
    for (size_t i = 1; i < sample->input.ids.size(); ++i) {
      const auto place = static_cast<int64_t>(i);
      while (choices != sample->teacher.end() && choices->place < place) ++choices;
      if (sample->weights[i] == 0) continue;
      const bool taught =
          distillation_weight > 0 && choices != sample->teacher.end() && choices->place == place;
      double tail = 1;
      if (taught) {
        for (size_t k = 0; k < choices->ids.size(); ++k) {
          const double share = std::exp(static_cast<double>(choices->log_probs[k]));
          rows.choice_rows.push_back(static_cast<int64_t>(rows.targets.size()));
          rows.choice_ids.push_back(choices->ids[k]);
          rows.choice_probs.push_back(static_cast<float>(share));
          tail -= share;
        }
      }
      rows.tail_probs.push_back(static_cast<float>(std::max(0.0, tail)));
      rows.hard_label_weights.push_back(static_cast<float>(taught ? 1 - distillation_weight : 1));
      rows.places.push_back(begin + place - 1);
      rows.targets.push_back(sample->input.ids[i]);
      rows.weights.push_back(sample->weights[i]);
    }
    begin += static_cast<int64_t>(sample->input.ids.size());
  }
  return rows;
}

// Fills the last chunk up with rows that weigh nothing, so that the head's products meet few
// numbers of rows (model/padded_rows.h).
void pad(Rows& rows) {
  constexpr size_t kStep = 16;
  const size_t padded = (rows.targets.size() + kStep - 1) / kStep * kStep;
  rows.places.resize(padded, 0);
  rows.targets.resize(padded, 0);
  rows.weights.resize(padded, 0);
  rows.tail_probs.resize(padded, 1);
  rows.hard_label_weights.resize(padded, 1);
}

// A run of rows on the device.
struct Chunk {
  int64_t begin = 0, count = 0;
  torch::Tensor targets_M1, weights_M1, written_M1;
  torch::Tensor choice_rows_C, choice_ids_C, choice_probs_C;  // undefined: no choices in it
  torch::Tensor tail_M1, distilled_M1;
};

Chunk chunk_of(const Rows& rows, int64_t begin, int64_t count, torch::Device device) {
  const auto column = [&](const auto& values) {
    using Value = typename std::decay_t<decltype(values)>::value_type;
    return at::tensor(at::ArrayRef<Value>(values.data() + begin, static_cast<size_t>(count)))
        .to(device)
        .unsqueeze(1);
  };
  Chunk chunk{begin,
              count,
              column(rows.targets),
              column(rows.weights),
              column(rows.hard_label_weights),
              {},
              {},
              {},
              {},
              {}};
  const auto first = std::lower_bound(rows.choice_rows.begin(), rows.choice_rows.end(), begin);
  const auto last = std::lower_bound(first, rows.choice_rows.end(), begin + count);
  if (first == last) return chunk;
  const auto from = static_cast<size_t>(first - rows.choice_rows.begin());
  const auto size = static_cast<size_t>(last - first);
  const auto flat = [&](const auto& values) {
    using Value = typename std::decay_t<decltype(values)>::value_type;
    return at::tensor(at::ArrayRef<Value>(values.data() + from, size)).to(device);
  };
  chunk.choice_rows_C = flat(rows.choice_rows) - begin;
  chunk.choice_ids_C = flat(rows.choice_ids);
  chunk.choice_probs_C = flat(rows.choice_probs);
  chunk.tail_M1 = column(rows.tail_probs);
  chunk.distilled_M1 = 1 - chunk.written_M1;
  return chunk;
}

constexpr float kMinProb = 1e-30F;  // where a logarithm or a quotient would not be finite

// KL(teacher || student) of each row over its choices and the tail, [M, 1]; 0 without choices.
torch::Tensor divergence_M1(const Chunk& chunk, const torch::Tensor& choice_log_probs_C) {
  const auto sum_rows = [&](const torch::Tensor& values_C) {
    return at::zeros({chunk.count}, values_C.options())
        .index_add(0, chunk.choice_rows_C, values_C)
        .unsqueeze(1);
  };
  const auto t_C = chunk.choice_probs_C;
  const auto of_choices = sum_rows(t_C * (t_C.clamp_min(kMinProb).log() - choice_log_probs_C));
  const auto student_tail = (1 - sum_rows(choice_log_probs_C.exp())).clamp_min(kMinProb);
  const auto of_tail =
      chunk.tail_M1 * (chunk.tail_M1.clamp_min(kMinProb).log() - student_tail.log());
  return of_choices + of_tail;
}

// The weighted loss of a chunk from its log-probabilities, differentiable.
torch::Tensor chunk_loss(const Chunk& chunk, const torch::Tensor& log_probs_MV) {
  auto loss_M1 = -log_probs_MV.gather(1, chunk.targets_M1) * chunk.written_M1;
  if (chunk.choice_rows_C.defined()) {
    const auto chosen_C = log_probs_MV.index({chunk.choice_rows_C, chunk.choice_ids_C});
    loss_M1 = loss_M1 + divergence_M1(chunk, chosen_C) * chunk.distilled_M1;
  }
  return (loss_M1 * chunk.weights_M1).sum();
}

// Its gradient by the logits, in place of the log-probabilities. With p the student's and t the
// teacher's probabilities: p - 1 at the written token and p elsewhere; of the divergence, p - t at
// the choices and p (1 - t_tail / p_tail) elsewhere.
void log_probs_to_gradient(const Chunk& chunk, torch::Tensor& log_probs_MV) {
  torch::Tensor chosen_C, tail_factor_M1;
  if (chunk.choice_rows_C.defined()) {
    chosen_C = log_probs_MV.index({chunk.choice_rows_C, chunk.choice_ids_C}).exp();
    const auto student_tail = 1 - at::zeros({chunk.count}, chosen_C.options())
                                      .index_add(0, chunk.choice_rows_C, chosen_C)
                                      .unsqueeze(1);
    tail_factor_M1 = 1 - chunk.tail_M1 / student_tail.clamp_min(kMinProb);
  }
  auto& gradient_MV = log_probs_MV.exp_();
  if (chosen_C.defined()) {
    // Everywhere: written share + taught share * tail factor; then the choices are set right.
    gradient_MV.mul_(chunk.written_M1 + chunk.distilled_M1 * tail_factor_M1);
    const auto written_C = chunk.written_M1.squeeze(1).index({chunk.choice_rows_C});
    const auto value_C = written_C * chosen_C + (1 - written_C) * (chosen_C - chunk.choice_probs_C);
    gradient_MV.index_put_({chunk.choice_rows_C, chunk.choice_ids_C}, value_C);
  }
  gradient_MV.scatter_add_(1, chunk.targets_M1, -chunk.written_M1);
  gradient_MV.mul_(chunk.weights_M1);
}

// The gradients are made in the forward pass: the loss is a sum, so the backward pass only has to
// scale them.
struct ChunkedLoss : torch::autograd::Function<ChunkedLoss> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& rows_MH,
                               const torch::Tensor& head_VH, const Rows* rows,
                               int64_t rows_per_chunk) {
    const auto head = head_VH.to(rows_MH.scalar_type());
    const bool trains_head = head_VH.requires_grad();
    auto drows_MH = at::zeros_like(rows_MH);
    auto dhead_VH = trains_head ? at::zeros_like(head_VH, torch::kFloat32) : torch::Tensor();
    auto sum = at::zeros({}, rows_MH.options().dtype(torch::kFloat32));
    const int64_t total = rows_MH.size(0);
    for (int64_t begin = 0; begin < total; begin += rows_per_chunk) {
      const int64_t count = std::min(rows_per_chunk, total - begin);
      const Chunk chunk = chunk_of(*rows, begin, count, rows_MH.device());
      const auto part_MH = rows_MH.narrow(0, begin, count);
      auto log_probs_MV =
          at::_log_softmax(model::gemm_transposed(part_MH, head).to(torch::kFloat32), 1, false);
      sum.add_(chunk_loss(chunk, log_probs_MV));
      if (!rows_MH.requires_grad() && !trains_head) continue;  // only measured
      log_probs_to_gradient(chunk, log_probs_MV);
      const auto gradient_MV = log_probs_MV.to(head.scalar_type());
      drows_MH.narrow(0, begin, count).copy_(model::gemm(gradient_MV, head));
      if (trains_head) dhead_VH.addmm_(gradient_MV.t(), part_MH);
    }
    context->saved_data["rows"] = drows_MH;
    if (trains_head) context->saved_data["head"] = dhead_VH;
    return sum;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    auto take = [&](const char* name) -> torch::Tensor {
      const auto found = context->saved_data.find(name);
      return found == context->saved_data.end() ? torch::Tensor()
                                                : found->second.toTensor() * gradients[0];
    };
    return {take("rows"), take("head"), {}, {}};
  }
};

}  // namespace

torch::Tensor reply_loss(const torch::Tensor& hidden_NH, const torch::Tensor& head_VH,
                         std::span<const TrainingInput* const> samples,
                         const ReplyLossOptions& options, const model::SharedPrefix* shared) {
  Rows rows = rows_of(samples, options.distillation_weight);
  if (options.rows_per_chunk > 0) pad(rows);
  if (shared != nullptr) {
    const std::vector<int64_t> places_R = shared->places();
    for (int64_t& place : rows.places) place = places_R[static_cast<size_t>(place)];
  }
  const auto device = hidden_NH.device();
  const auto rows_MH = hidden_NH.index_select(0, at::tensor(rows.places, torch::kInt64).to(device));
  if (options.rows_per_chunk > 0) {
    return ChunkedLoss::apply(rows_MH, head_VH, &rows, options.rows_per_chunk);
  }
  const auto logits = at::linear(rows_MH, head_VH.to(rows_MH.scalar_type()));
  return chunk_loss(chunk_of(rows, 0, rows_MH.size(0), device),
                    at::log_softmax(logits.to(torch::kFloat32), 1));
}

}  // namespace lmc::train
