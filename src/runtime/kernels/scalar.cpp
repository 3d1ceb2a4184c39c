// The tier of plain C++: the definition that the others are tested against, and what a processor
// without any of their instructions runs.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/kernels/tiers.h"
#include "tensorio/dtype.h"  // float_from_bf16, f16_from_float, float_from_f16

namespace lmc::runtime {

namespace {

using tensorio::float_from_bf16;

template <class Weight>
void float_panel(const Weight* panel_KO, const FloatRows& x, int64_t width, float* out_RO) {
  for (int64_t r = 0; r < x.count; ++r) {
    const float* row = x.values + r * x.stride;
    float* out = out_RO + r * kPanelOutputs;
    std::fill_n(out, kPanelOutputs, 0.0F);
    for (int64_t k = 0; k < width; ++k) {
      for (int64_t o = 0; o < kPanelOutputs; ++o) {
        const Weight stored = panel_KO[k * kPanelOutputs + o];
        float weight = 0;
        if constexpr (sizeof(Weight) == 4) {
          weight = stored;
        } else {
          weight = float_from_bf16(stored);
        }
        out[o] = std::fma(row[k], weight, out[o]);
      }
    }
  }
}

void panel_f32(const float* panel_KO, const FloatRows& x, int64_t width, float* out_RO) {
  float_panel(panel_KO, x, width, out_RO);
}

void panel_bf16(const uint16_t* panel_KO, const FloatRows& x, int64_t width, float* out_RO) {
  float_panel(panel_KO, x, width, out_RO);
}

// `weight(k, o)`: the stored integer of input k and output o; `offset`: what it is too large by.
template <class WeightAt>
void integer_panel(const WeightAt& weight, int32_t offset, const uint16_t* scales,
                   const ByteRows& x, int64_t group, float* out_RO) {
  for (int64_t r = 0; r < x.count; ++r) {
    const int8_t* bytes = x.bytes + r * x.stride;
    float* out = out_RO + r * kPanelOutputs;
    std::fill_n(out, kPanelOutputs, 0.0F);
    for (int64_t g = 0; g < x.groups; ++g) {
      for (int64_t o = 0; o < kPanelOutputs; ++o) {
        int32_t sum = -offset * x.sums[r * x.groups + g];
        for (int64_t k = g * group; k < (g + 1) * group; ++k) sum += weight(k, o) * bytes[k];
        const float scale =
            float_from_bf16(scales[g * kPanelOutputs + o]) * x.scales[r * x.groups + g];
        out[o] = std::fma(static_cast<float>(sum), scale, out[o]);
      }
    }
  }
}

void panel_int8(const int8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                float* out_RO) {
  const auto weight = [panel](int64_t k, int64_t o) -> int32_t {
    return panel[(k / 4 * kPanelOutputs + o) * 4 + k % 4];
  };
  integer_panel(weight, 0, scales, x, group, out_RO);
}

void panel_int4(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                float* out_RO) {
  const auto weight = [panel](int64_t k, int64_t o) -> int32_t {
    const uint8_t pair = panel[(k / 8 * kPanelOutputs + o) * 4 + k % 4];
    return k % 8 < 4 ? pair & 15 : pair >> 4;
  };
  integer_panel(weight, 8, scales, x, group, out_RO);
}

void to_bytes(const float* x_K, int64_t width, int64_t group, int8_t* bytes, int16_t* shorts,
              float* scales, int32_t* sums) {
  for (int64_t begin = 0; begin < width; begin += group) {
    const int64_t end = std::min(width, begin + group);
    float largest = 0;
    for (int64_t k = begin; k < end; ++k) largest = std::max(largest, std::abs(x_K[k]));
    const float inverse = largest > 0 ? 127.0F / largest : 0.0F;
    int32_t sum = 0;
    for (int64_t k = begin; k < begin + group; ++k) {
      const float value = k < end ? std::nearbyint(x_K[k] * inverse) : 0.0F;
      bytes[k] = static_cast<int8_t>(std::clamp(value, -127.0F, 127.0F));
      if (shorts != nullptr) shorts[k] = bytes[k];
      sum += bytes[k];
    }
    *scales++ = largest / 127.0F;
    *sums++ = sum;
  }
}

void rms_norm(const float* x_K, const float* weight_K, int64_t width, float eps, float* out_K) {
  float squares = 0;
  for (int64_t k = 0; k < width; ++k) squares += x_K[k] * x_K[k];
  const float factor = 1.0F / std::sqrt(squares / static_cast<float>(width) + eps);
  for (int64_t k = 0; k < width; ++k) out_K[k] = x_K[k] * factor * weight_K[k];
}

void layer_norm(const float* x_K, const float* weight_K, const float* bias_K, int64_t width,
                float eps, float* out_K) {
  float sum = 0;
  for (int64_t k = 0; k < width; ++k) sum += x_K[k];
  const float mean = sum / static_cast<float>(width);
  float squares = 0;
  for (int64_t k = 0; k < width; ++k) squares += (x_K[k] - mean) * (x_K[k] - mean);
  const float factor = 1.0F / std::sqrt(squares / static_cast<float>(width) + eps);
  for (int64_t k = 0; k < width; ++k) {
    out_K[k] = (x_K[k] - mean) * factor * weight_K[k] + bias_K[k];
  }
}

void swiglu(float* gate, const float* up, int64_t count) {
  for (int64_t i = 0; i < count; ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
}

// 0.5 x (1 + tanh(u)) = x / (1 + exp(-2u))
void gelu_tanh(float* x, int64_t count) {
  constexpr float kTwiceSqrtTwoOverPi = 1.5957691216057308F;
  for (int64_t i = 0; i < count; ++i) {
    const float twice_u = kTwiceSqrtTwoOverPi * (x[i] + 0.044715F * x[i] * x[i] * x[i]);
    x[i] = x[i] / (1 + std::exp(-twice_u));
  }
}

void to_f16(const float* in, int64_t count, uint16_t* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = tensorio::f16_from_float(in[i]);
}

void from_f16(const uint16_t* in, int64_t count, float* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = tensorio::float_from_f16(in[i]);
}

void keys_from_bytes(const int8_t* keys_KP, const float* scales_P, int64_t head_dim,
                     float* out_KP) {
  for (int64_t i = 0; i < head_dim * kPlaces; ++i) {
    out_KP[i] = static_cast<float>(keys_KP[i]) * scales_P[i % kPlaces];
  }
}

void values_from_bytes(const int8_t* values_PK, const float* scales_P, int64_t stride,
                       float* out_PK) {
  for (int64_t i = 0; i < kPlaces * stride; ++i) {
    out_PK[i] = static_cast<float>(values_PK[i]) * scales_P[i / stride];
  }
}

float as_float(float value) { return value; }
float as_float(uint16_t half) { return tensorio::float_from_f16(half); }

template <class Value>
void meet(const Value* keys_KP, const Value* values_PK, int64_t head_dim,
          const PageQueries& queries) {
  for (int64_t r = 0; r < queries.count; ++r) {
    const int64_t visible = queries.visible_R[r];
    if (visible <= 0) continue;
    const float* query = queries.queries_RK + r * queries.stride;
    float scores[kPlaces] = {};
    for (int64_t k = 0; k < head_dim; ++k) {
      for (int64_t p = 0; p < kPlaces; ++p)
        scores[p] += query[k] * as_float(keys_KP[k * kPlaces + p]);
    }
    const float largest =
        std::max(queries.largest_R[r], *std::max_element(scores, scores + visible));
    const float shrink = std::exp(queries.largest_R[r] - largest);
    queries.largest_R[r] = largest;
    float total = 0;
    for (int64_t p = 0; p < visible; ++p) total += scores[p] = std::exp(scores[p] - largest);
    queries.total_R[r] = queries.total_R[r] * shrink + total;
    float* sum = queries.sum_RK + r * queries.stride;
    for (int64_t k = 0; k < head_dim; ++k) sum[k] *= shrink;
    for (int64_t p = 0; p < visible; ++p) {
      for (int64_t k = 0; k < head_dim; ++k)
        sum[k] += scores[p] * as_float(values_PK[p * queries.stride + k]);
    }
  }
}

void meet_page(const float* keys_KP, const float* values_PK, int64_t head_dim,
               const PageQueries& queries) {
  meet(keys_KP, values_PK, head_dim, queries);
}

void meet_f16_page(const uint16_t* keys_KP, const uint16_t* values_PK, int64_t head_dim,
                   const PageQueries& queries) {
  meet(keys_KP, values_PK, head_dim, queries);
}

}  // namespace

constinit const Kernels kScalarKernels = {
    "scalar", false,           panel_f32,         panel_bf16, panel_int8,   panel_int4,
    to_bytes, rms_norm,        layer_norm,        swiglu,     gelu_tanh,    to_f16,
    from_f16, keys_from_bytes, values_from_bytes, meet_page,  meet_f16_page};

}  // namespace lmc::runtime
