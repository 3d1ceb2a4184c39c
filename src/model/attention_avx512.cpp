#include "model/attention_avx512.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"  // LMC_CHECK

#if defined(__x86_64__)
// GCC 12 takes the intrinsics' undefined lanes, which nothing reads, for a mistake of ours.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#define LMC_AVX512 __attribute__((target("avx512f")))
#endif

namespace lmc::model {

#if defined(__x86_64__)

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kLanes = 16;
constexpr int64_t kQueries = 32;  // of a block
constexpr int64_t kTileRows = 8;

int64_t rounded_up(int64_t count, int64_t step) { return (count + step - 1) / step * step; }

// A matrix in memory. Those in the workspace have sizes that are multiples of the tile's, padded
// with zeros.
struct Matrix {
  float* data;
  int64_t stride;
};

// 8 rows and `kVectors` * 16 columns of c = a b, or of c += a b. `a` by row and column strides, so
// that it may be the transpose of what is stored.
template <int kVectors, bool kAdd>
LMC_AVX512 void multiply_tile(const float* a, int64_t a_row, int64_t a_column, const float* b,
                              int64_t b_row, float* c, int64_t c_row, int64_t depth) {
  __m512 sum[kTileRows][kVectors];
#pragma GCC unroll 8
  for (int64_t i = 0; i < kTileRows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      sum[i][v] = kAdd ? _mm512_loadu_ps(c + i * c_row + v * kLanes) : _mm512_setzero_ps();
    }
  }
  for (int64_t k = 0; k < depth; ++k) {
    __m512 row[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) row[v] = _mm512_loadu_ps(b + k * b_row + v * kLanes);
#pragma GCC unroll 8
    for (int64_t i = 0; i < kTileRows; ++i) {
      const __m512 factor = _mm512_set1_ps(a[i * a_row + k * a_column]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sum[i][v] = _mm512_fmadd_ps(factor, row[v], sum[i][v]);
    }
  }
#pragma GCC unroll 8
  for (int64_t i = 0; i < kTileRows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(c + i * c_row + v * kLanes, sum[i][v]);
  }
}

template <bool kAdd>
LMC_AVX512 void multiply(const float* a, int64_t a_row, int64_t a_column, Matrix b, Matrix c,
                         int64_t rows, int64_t columns, int64_t depth) {
  for (int64_t j = 0; j < columns; j += 2 * kLanes) {
    for (int64_t i = 0; i < rows; i += kTileRows) {
      const auto tile = columns - j > kLanes ? multiply_tile<2, kAdd> : multiply_tile<1, kAdd>;
      tile(a + i * a_row, a_row, a_column, b.data + j, b.stride, c.data + i * c.stride + j,
           c.stride, depth);
    }
  }
}

// c = a b
void multiply(Matrix a, Matrix b, Matrix c, int64_t rows, int64_t columns, int64_t depth) {
  multiply<false>(a.data, a.stride, 1, b, c, rows, columns, depth);
}

// c += a^T b
void add_transposed_gemm(Matrix a, Matrix b, Matrix c, int64_t rows, int64_t columns,
                         int64_t depth) {
  multiply<true>(a.data, 1, a.stride, b, c, rows, columns, depth);
}

// exp(x) for x <= 0 to one unit in the last place: 2^n times a polynomial of the rest (the Taylor
// coefficients up to the seventh; the rest is at most ln 2 / 2).
LMC_AVX512 inline __m512 exp_of_negative(__m512 x) {
  x = _mm512_max_ps(_mm512_set1_ps(-87.0F), x);  // in this order NaN stays
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504F)),
                                        _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  // ln 2 in two parts, the first of which n multiplies exactly.
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375F), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4F), r);
  __m512 sum = _mm512_set1_ps(1.0F / 5040);
  for (const float coefficient : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F}) {
    sum = _mm512_fmadd_ps(sum, r, _mm512_set1_ps(coefficient));
  }
  return _mm512_scalef_ps(sum, n);
}

LMC_AVX512 inline __mmask16 lanes_below(int64_t count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xFFFF : count <= 0 ? 0 : (1U << count) - 1);
}

// The first `count` of `columns` scores become their softmax, the others 0.
LMC_AVX512 void softmax_row(float* row, int64_t count, int64_t columns) {
  const __m512 lowest = _mm512_set1_ps(-INFINITY);
  __m512 most = lowest;
  for (int64_t j = 0; j < count; j += kLanes) {
    most = _mm512_max_ps(most, _mm512_mask_loadu_ps(lowest, lanes_below(count - j), row + j));
  }
  most = _mm512_set1_ps(_mm512_reduce_max_ps(most));
  __m512 sum = _mm512_setzero_ps();
  for (int64_t j = 0; j < columns; j += kLanes) {
    const __m512 shifted = _mm512_sub_ps(_mm512_loadu_ps(row + j), most);
    const __m512 value = _mm512_maskz_mov_ps(lanes_below(count - j), exp_of_negative(shifted));
    _mm512_storeu_ps(row + j, value);
    sum = _mm512_add_ps(sum, value);
  }
  const __m512 factor = _mm512_set1_ps(1 / _mm512_reduce_add_ps(sum));
  for (int64_t j = 0; j < count; j += kLanes) {
    _mm512_storeu_ps(row + j, _mm512_mul_ps(_mm512_loadu_ps(row + j), factor));
  }
}

// The gradient by the scores from that by their softmax, in its place.
LMC_AVX512 void softmax_backward_row(const float* share, float* gradient, int64_t columns) {
  __m512 along = _mm512_setzero_ps();
  for (int64_t j = 0; j < columns; j += kLanes) {
    along = _mm512_fmadd_ps(_mm512_loadu_ps(share + j), _mm512_loadu_ps(gradient + j), along);
  }
  const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(along));
  for (int64_t j = 0; j < columns; j += kLanes) {
    const __m512 beyond = _mm512_sub_ps(_mm512_loadu_ps(gradient + j), mean);
    _mm512_storeu_ps(gradient + j, _mm512_mul_ps(_mm512_loadu_ps(share + j), beyond));
  }
}

// What one thread works in; grows, and is kept for the next call.
class Workspace {
 public:
  static Workspace& of_thread() {
    thread_local Workspace workspace;
    workspace.used_ = 0;
    return workspace;
  }
  void reserve(int64_t floats) {
    if (static_cast<int64_t>(memory_.size()) < floats) {
      memory_.resize(static_cast<size_t>(floats));
    }
  }
  Matrix matrix(int64_t rows, int64_t columns) {
    float* const data = memory_.data() + used_;
    used_ += rows * columns;
    LMC_CHECK(used_ <= static_cast<int64_t>(memory_.size()), "reserved too little");
    std::fill_n(data, rows * columns, 0.0F);
    return {data, columns};
  }

 private:
  std::vector<float> memory_;
  int64_t used_ = 0;
};

// Rows `from` on of one head of a [N, heads, width] tensor.
Matrix head_of(const torch::Tensor& x_NHK, int64_t from, int64_t head) {
  const int64_t stride = x_NHK.size(1) * x_NHK.size(2);
  return {x_NHK.data_ptr<float>() + from * stride + head * x_NHK.size(2), stride};
}

void copy(Matrix from, Matrix to, int64_t rows, int64_t width, float factor = 1) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t k = 0; k < width; ++k) {
      to.data[i * to.stride + k] = from.data[i * from.stride + k] * factor;
    }
  }
}

void copy_transposed(Matrix from, Matrix to, int64_t rows, int64_t width) {
  for (int64_t k = 0; k < width; ++k) {
    for (int64_t i = 0; i < rows; ++i) {
      to.data[k * to.stride + i] = from.data[i * from.stride + k];
    }
  }
}

// The tensors of a call, f32 and contiguous; the gradients only in the backward pass.
struct Call {
  torch::Tensor q_NAK, k_NGK, v_NGK;
  bool causal;
  torch::Tensor out_NAK = {};
  torch::Tensor dout_NAK = {}, dq_NAK = {}, dk_NGK = {}, dv_NGK = {};

  bool is_backward() const { return dout_NAK.defined(); }
};

// One key/value head of one segment with all its query heads. Backward: with the shares P of
// softmax and their gradient dP = dO V^T, dV = P^T dO, dS = P (dP - sum(P dP)), dQ = dS K, dK =
// dS^T Q.
void attend(const Call& call, int64_t from, int64_t length, int64_t group) {
  const int64_t width = call.q_NAK.size(2);
  const int64_t queries_per_key = call.q_NAK.size(1) / call.k_NGK.size(1);
  const int64_t columns = rounded_up(width, kLanes);
  const int64_t keys = rounded_up(length, kQueries);
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  Workspace& workspace = Workspace::of_thread();
  workspace.reserve(5 * keys * columns + 2 * kQueries * keys + 3 * kQueries * columns);

  const Matrix k_head = head_of(call.k_NGK, from, group), v_head = head_of(call.v_NGK, from, group);
  const Matrix kt_KT = workspace.matrix(columns, keys);
  copy_transposed(k_head, kt_KT, length, width);
  Matrix k_TK{}, v_TK{}, vt_KT{}, dk_TK{}, dv_TK{}, dout_QK{}, gradient_QT{};
  if (call.is_backward()) {
    k_TK = workspace.matrix(keys, columns);
    copy(k_head, k_TK, length, width);
    vt_KT = workspace.matrix(columns, keys);
    copy_transposed(v_head, vt_KT, length, width);
    dk_TK = workspace.matrix(keys, columns);
    dv_TK = workspace.matrix(keys, columns);
    dout_QK = workspace.matrix(kQueries, columns);
    gradient_QT = workspace.matrix(kQueries, keys);
  } else {
    v_TK = workspace.matrix(keys, columns);
    copy(v_head, v_TK, length, width);
  }
  const Matrix q_QK = workspace.matrix(kQueries, columns);
  const Matrix result_QK = workspace.matrix(kQueries, columns);
  const Matrix probs_QT = workspace.matrix(kQueries, keys);

  for (int64_t i = 0; i < queries_per_key; ++i) {
    const int64_t head = group * queries_per_key + i;
    for (int64_t begin = 0; begin < length; begin += kQueries) {
      const int64_t rows = std::min(kQueries, length - begin);
      const int64_t seen = call.causal ? begin + kQueries : keys;
      // Rows behind the last query keep what an earlier block left: their shares are zeros.
      copy(head_of(call.q_NAK, from + begin, head), q_QK, rows, width, scale);
      multiply(q_QK, kt_KT, probs_QT, kQueries, seen, columns);
      for (int64_t row = 0; row < kQueries; ++row) {
        const int64_t visible = row >= rows ? 0 : call.causal ? begin + row + 1 : length;
        float* const scores = probs_QT.data + row * probs_QT.stride;
        if (visible > 0) {
          softmax_row(scores, visible, seen);
        } else {
          std::fill_n(scores, seen, 0.0F);
        }
      }
      if (!call.is_backward()) {
        multiply(probs_QT, v_TK, result_QK, kQueries, columns, seen);
        copy(result_QK, head_of(call.out_NAK, from + begin, head), rows, width);
        continue;
      }
      copy(head_of(call.dout_NAK, from + begin, head), dout_QK, rows, width);
      add_transposed_gemm(probs_QT, dout_QK, dv_TK, seen, columns, kQueries);
      multiply(dout_QK, vt_KT, gradient_QT, kQueries, seen, columns);
      for (int64_t row = 0; row < kQueries; ++row) {
        softmax_backward_row(probs_QT.data + row * keys, gradient_QT.data + row * keys, seen);
      }
      multiply(gradient_QT, k_TK, result_QK, kQueries, columns, seen);
      copy(result_QK, head_of(call.dq_NAK, from + begin, head), rows, width, scale);
      add_transposed_gemm(gradient_QT, q_QK, dk_TK, seen, columns, kQueries);
    }
  }
  if (call.is_backward()) {
    copy(dk_TK, head_of(call.dk_NGK, from, group), length, width);
    copy(dv_TK, head_of(call.dv_NGK, from, group), length, width);
  }
}

void attend_all(const Call& call, const std::vector<int64_t>& segment_lengths) {
  const int64_t groups = call.k_NGK.size(1);
  std::vector<int64_t> begins;
  int64_t from = 0;
  for (const int64_t length : segment_lengths) {
    begins.push_back(from);
    from += length;
  }
  LMC_CHECK(from == call.q_NAK.size(0), "segments hold ", from, " tokens of ", call.q_NAK.size(0));
  at::parallel_for(0, std::ssize(segment_lengths) * groups, 1, [&](int64_t first, int64_t last) {
    for (int64_t unit = first; unit < last; ++unit) {
      const auto segment = static_cast<size_t>(unit / groups);
      attend(call, begins[segment], segment_lengths[segment], unit % groups);
    }
  });
}

torch::Tensor wide(const torch::Tensor& x) { return x.to(torch::kFloat32).contiguous(); }

struct Avx512Attention : torch::autograd::Function<Avx512Attention> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& q_NAK,
                               const torch::Tensor& k_NGK, const torch::Tensor& v_NGK,
                               const std::vector<int64_t>& segment_lengths, bool causal) {
    context->save_for_backward({q_NAK, k_NGK, v_NGK});
    context->saved_data["segments"] = segment_lengths;
    context->saved_data["causal"] = causal;
    Call call{.q_NAK = wide(q_NAK), .k_NGK = wide(k_NGK), .v_NGK = wide(v_NGK), .causal = causal};
    call.out_NAK = at::empty_like(call.q_NAK);
    attend_all(call, segment_lengths);
    return call.out_NAK.to(q_NAK.scalar_type()).reshape({q_NAK.size(0), -1});
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto dtype = saved[0].scalar_type();
    Call call{.q_NAK = wide(saved[0]),
              .k_NGK = wide(saved[1]),
              .v_NGK = wide(saved[2]),
              .causal = context->saved_data["causal"].toBool()};
    call.dout_NAK = wide(gradients[0]).reshape(saved[0].sizes());
    call.dq_NAK = at::empty_like(call.q_NAK);
    call.dk_NGK = at::empty_like(call.k_NGK);
    call.dv_NGK = at::empty_like(call.v_NGK);
    attend_all(call, context->saved_data["segments"].toIntVector());
    return {call.dq_NAK.to(dtype), call.dk_NGK.to(dtype), call.dv_NGK.to(dtype), {}, {}};
  }
};

}  // namespace

bool has_avx512_attention(const torch::Tensor& q_NAK) {
  static const bool can = __builtin_cpu_supports("avx512f") != 0;
  const auto dtype = q_NAK.scalar_type();
  return can && q_NAK.device().is_cpu() && (dtype == torch::kFloat32 || dtype == torch::kBFloat16);
}

torch::Tensor avx512_attention(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                               const torch::Tensor& v_NGK, std::span<const int64_t> segment_lengths,
                               bool causal) {
  return Avx512Attention::apply(
      q_NAK, k_NGK, v_NGK, std::vector<int64_t>(segment_lengths.begin(), segment_lengths.end()),
      causal);
}

#else

bool has_avx512_attention(const torch::Tensor&) { return false; }

torch::Tensor avx512_attention(const torch::Tensor&, const torch::Tensor&, const torch::Tensor&,
                               std::span<const int64_t>, bool) {
  LMC_CHECK(false, "not on this processor");
}

#endif

}  // namespace lmc::model
