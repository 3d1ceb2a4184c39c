#include "model/shared_prefix.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace lmc::model {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Below this the copies of the keys and values cost what the tokens save.
constexpr int64_t kMinSharedTokens = 16;

// Rows of x copied by runs; the gradient of a row that was copied several times is the sum.
struct CopyRuns : torch::autograd::Function<CopyRuns> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const std::vector<int64_t>& runs) {
    context->saved_data["runs"] = runs;
    context->saved_data["rows"] = x.size(0);
    int64_t rows = 0;
    for (size_t i = 0; i < runs.size(); i += 3) rows += runs[i + 2];
    auto shape = x.sizes().vec();
    shape[0] = rows;
    const auto out = at::empty(shape, x.options());
    for (size_t i = 0; i < runs.size(); i += 3) {
      out.narrow(0, runs[i + 1], runs[i + 2]).copy_(x.narrow(0, runs[i], runs[i + 2]));
    }
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto runs = context->saved_data["runs"].toIntVector();
    const torch::Tensor& dout = gradients[0];
    auto shape = dout.sizes().vec();
    shape[0] = context->saved_data["rows"].toInt();
    const auto dx = at::zeros(shape, dout.options());
    for (size_t i = 0; i < runs.size(); i += 3) {
      dx.narrow(0, runs[i], runs[i + 2]).add_(dout.narrow(0, runs[i + 1], runs[i + 2]));
    }
    return {dx, {}};
  }
};

bool same_token(const prompt::ModelInput& a, const prompt::ModelInput& b, size_t i) {
  return a.ids[i] == b.ids[i] && a.positions[0][i] == b.positions[0][i] &&
         a.positions[1][i] == b.positions[1][i] && a.positions[2][i] == b.positions[2][i];
}

}  // namespace

int64_t shared_tokens(const prompt::ModelInput& a, const prompt::ModelInput& b,
                      int32_t image_token_id) {
  if (a.images != b.images) return 0;
  const size_t most = std::min(a.ids.size(), b.ids.size()) - 1;
  size_t count = 0;
  while (count < most && same_token(a, b, count)) ++count;
  const auto has_images_left = [&](const prompt::ModelInput& row) {
    return std::find(row.ids.begin() + static_cast<std::ptrdiff_t>(count), row.ids.end(),
                     image_token_id) != row.ids.end();
  };
  if (static_cast<int64_t>(count) < kMinSharedTokens || has_images_left(a) || has_images_left(b)) {
    return 0;
  }
  return static_cast<int64_t>(count);
}

std::shared_ptr<const SharedPrefix> SharedPrefix::of(
    std::span<const prompt::ModelInput* const> rows, int32_t image_token_id) {
  const std::shared_ptr<SharedPrefix> made(new SharedPrefix());
  // Of each row, the runs of the stream that it is made of: (first place, count).
  std::vector<std::vector<std::pair<int64_t, int64_t>>> runs_of(rows.size());
  int64_t in_stream = 0, in_rows = 0;
  for (size_t row = 0; row < rows.size(); ++row) {
    const auto length = static_cast<int64_t>(rows[row]->ids.size());
    int64_t shared = 0;
    size_t donor = 0;
    for (size_t earlier = 0; earlier < row; ++earlier) {
      const int64_t count = shared_tokens(*rows[earlier], *rows[row], image_token_id);
      if (count > shared) {
        shared = count;
        donor = earlier;
      }
    }
    for (int64_t left = shared; const auto& [from, count] : runs_of[donor]) {
      if (left == 0) break;
      runs_of[row].emplace_back(from, std::min(count, left));
      left -= runs_of[row].back().second;
    }
    runs_of[row].emplace_back(in_stream, length - shared);
    made->first_own_.push_back(shared);
    made->row_lengths_.push_back(length);
    made->own_runs_.insert(made->own_runs_.end(), {in_rows + shared, in_stream, length - shared});
    in_stream += length - shared;
    for (const auto& [from, count] : runs_of[row]) {
      made->gather_runs_.insert(made->gather_runs_.end(), {from, in_rows, count});
      in_rows += count;
    }
  }
  return in_stream < in_rows ? made : nullptr;
}

std::vector<int64_t> SharedPrefix::places() const {
  std::vector<int64_t> places;
  for (size_t i = 0; i < gather_runs_.size(); i += 3) {
    for (int64_t k = 0; k < gather_runs_[i + 2]; ++k) places.push_back(gather_runs_[i] + k);
  }
  return places;
}

torch::Tensor SharedPrefix::gather_rows(const torch::Tensor& stream_N) const {
  return CopyRuns::apply(stream_N, gather_runs_);
}

torch::Tensor SharedPrefix::gather_own(const torch::Tensor& rows_R) const {
  return CopyRuns::apply(rows_R, own_runs_);
}

}  // namespace lmc::model
