#include "model/gemm.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "base/heap.h"  // heap_in_use

namespace lmc::model {

namespace {

// What TorchInductor compiles linear layers to; a libtorch without oneDNN has none.
using OneDnnLinear = torch::Tensor(const torch::Tensor& x, const torch::Tensor& weight,
                                   const std::optional<torch::Tensor>& bias,
                                   std::string_view activation,
                                   c10::List<std::optional<at::Scalar>> scalars,
                                   std::optional<std::string_view> algorithm);

const std::optional<c10::TypedOperatorHandle<OneDnnLinear>>& one_dnn_linear() {
  static const auto found = []() -> std::optional<c10::TypedOperatorHandle<OneDnnLinear>> {
    const auto schema = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    if (!schema) return std::nullopt;
    return schema->typed<OneDnnLinear>();
  }();
  return found;
}

}  // namespace

torch::Tensor gemm_transposed(const torch::Tensor& x_NI, const torch::Tensor& weight_OI,
                              const torch::Tensor& bias_O) {
  const c10::NoGradGuard no_grad;
  if (!x_NI.device().is_cpu() || x_NI.scalar_type() != torch::kFloat32 || !one_dnn_linear()) {
    return at::linear(x_NI, weight_OI, bias_O);
  }
  const auto bias = bias_O.defined() ? std::optional(bias_O) : std::nullopt;
  return one_dnn_linear()->call(x_NI, weight_OI, bias, "none",
                                c10::List<std::optional<at::Scalar>>(), std::nullopt);
}

torch::Tensor gemm(const torch::Tensor& y_NO, const torch::Tensor& weight_OI) {
  return gemm_transposed(y_NO, weight_OI.t());
}

void limit_matmul_cache() {
  ::setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", std::to_string(kMaxCachedMatmuls).c_str(), 0);
  ::setenv("LRU_CACHE_CAPACITY", "1", 0);
}

int64_t bytes_per_cached_matmul(torch::Dtype dtype) {
  // Rows, of which no model's products have as few, and a width that is no multiple of a register.
  constexpr int64_t kMade = 16, kWidth = 136;
  const auto x_NI = at::zeros({kMade + 1, kWidth}, dtype);
  const auto weight_OI = at::zeros({kWidth, kWidth}, dtype);
  gemm_transposed(x_NI, weight_OI);  // what comes with the first of all
  const int64_t before = heap_in_use();
  for (int64_t rows = 1; rows <= kMade; ++rows) {
    gemm_transposed(x_NI.narrow(0, 0, rows), weight_OI);
  }
  return std::max<int64_t>(0, heap_in_use() - before) / kMade;
}

}  // namespace lmc::model
