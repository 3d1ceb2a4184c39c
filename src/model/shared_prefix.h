// Tokens that several rows of a batch begin with, in the stream once.
//
// Questions about one image begin with the same tokens at the same positions, and what a causal
// model makes of a token depends on nothing behind it. So norms, projections and feed-forward run
// over such tokens once, whatever the number of rows; their gradients are the sums over the rows.
// Attention alone takes whole rows, spread out from the stream for the time of the call.
// Letters: N tokens of the stream, R tokens of all rows; further axes stay as they are.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "prompt/model_input.h"  // ModelInput

namespace lmc::model {

// How many tokens `a` and `b` begin with alike; 0 when that is too few to matter or leaves out a
// part of their images. At least the last token of each is its own.
int64_t shared_tokens(const prompt::ModelInput& a, const prompt::ModelInput& b,
                      int32_t image_token_id);

class SharedPrefix {
 public:
  // Each row shares what it can with an earlier one. Null: nothing is shared.
  static std::shared_ptr<const SharedPrefix> of(std::span<const prompt::ModelInput* const> rows,
                                                int32_t image_token_id);

  // Where a row's own tokens begin; those before lie in the stream already.
  int64_t first_own(size_t row) const { return first_own_[row]; }
  const std::vector<int64_t>& row_lengths() const { return row_lengths_; }

  // Where in the stream each token lies, the rows one after the other, [R].
  std::vector<int64_t> places() const;

  torch::Tensor gather_rows(const torch::Tensor& stream_N) const;  // [N, *] -> [R, *]
  torch::Tensor gather_own(const torch::Tensor& rows_R) const;     // [R, *] -> [N, *]

 private:
  SharedPrefix() = default;

  std::vector<int64_t> first_own_, row_lengths_;
  // Runs of (first place in the source, first place in the result, count), flat.
  std::vector<int64_t> gather_runs_, own_runs_;
};

}  // namespace lmc::model
