// A linear layer whose weight is trained itself, or frozen, stored narrow, and corrected by a LoRA
// pair.
//
// y = W x + b + s B(A(dropout(x))); with DoRA, each row of W + s B A is scaled to its magnitude
// before b is added, the norm counting as constant in the backward pass. A frozen W takes no
// gradient and is never saved for the backward pass: low-precision storage (bf16 under f32
// arithmetic, int8, nf4) is dequantised or cast for each use and dropped. Of the activations only x
// and A x are kept. A and B and their gradients are f32; in narrower arithmetic each product takes
// them rounded to it, as autocast does. Dropout masks follow from the DropoutContext of the call
// and the pair's name alone, so a layer that is recomputed within a micro-batch has the same ones.
// Letters: N tokens, R rank, I input width, O output width.
// Mirrors: peft, tuners/lora/layer.py and dora.py (but for dropout, which there spares the
// magnitude's share of W x).
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/quantised.h"  // QuantisedMatrix

namespace lmc::model {

// What the dropout masks of one micro-batch through the model are drawn from. Micro-batches of a
// step have masks of their own, whichever threads compute them.
struct DropoutContext {
  uint64_t seed = 0;  // of the step
  uint64_t pass = 0;  // its number in the step
};

struct LoraPair {
  std::string name;  // the module path; of its dropout masks
  torch::Tensor a_RI;
  torch::Tensor b_OR;
  torch::Tensor magnitude_O;  // undefined: plain LoRA
  double scale = 1;
  double dropout = 0;  // share of x that is dropped where a call has a context
};

struct Linear {
  torch::Tensor weight_OI;                           // undefined: quantised
  std::shared_ptr<const QuantisedMatrix> quantised;  // null: not
  torch::Tensor bias_O;                              // undefined: none
  std::shared_ptr<LoraPair> lora;                    // null: none

  // [*, I] -> [*, O] in x's dtype. The layer must outlive the backward pass. `dropout` none: x goes
  // into the pair whole, as in inference.
  torch::Tensor forward(const torch::Tensor& x,
                        const std::optional<DropoutContext>& dropout = {}) const;

  // The norm of each row of W + s B A, [O] in f32, without a graph. There is a pair.
  torch::Tensor row_norms_O() const;

  // Replaces W by what it is with its pair, DoRA's magnitude included, and takes the pair off.
  void merge_lora();

  int64_t out_width() const { return quantised ? quantised->out_width() : weight_OI.size(0); }
  int64_t in_width() const { return quantised ? quantised->in_width() : weight_OI.size(1); }
};

}  // namespace lmc::model
