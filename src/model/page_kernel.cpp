#include "model/page_kernel.h"

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>

// One version for each width of vectors; the loader takes the widest that the processor has.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define LMC_WIDEST_VECTORS \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LMC_WIDEST_VECTORS
#endif
#define LMC_INLINE inline __attribute__((always_inline))

namespace lmc::model {

namespace {

constexpr int64_t kLanes = 8;
constexpr int64_t kVectors = kPageTokens / kLanes;

using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));
using Integers = int32_t __attribute__((vector_size(kLanes * sizeof(float))));

constexpr float kLowest = -std::numeric_limits<float>::infinity();
constexpr Integers kLaneNumbers = {0, 1, 2, 3, 4, 5, 6, 7};

LMC_INLINE void load(const float* from, Vector& to) { std::memcpy(&to, from, sizeof(to)); }
LMC_INLINE void store(const Vector& from, float* to) { std::memcpy(to, &from, sizeof(from)); }

// exp of scores that are at most 0, to one unit in the last place: 2^n times a polynomial of the
// rest (Taylor coefficients up to the seventh; the rest is at most ln 2 / 2). NaN stays NaN.
LMC_INLINE void exponentiate(Vector& x) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding and taking it away rounds
  x = x < -87.0F ? Vector{} - 87.0F : x;
  const Vector n = (x * 1.44269504F + kRound) - kRound;
  // ln 2 in two parts, the first of which n multiplies exactly.
  const Vector r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
  Vector sum = Vector{} + 1.0F / 5040;
  for (const float coefficient : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F}) {
    sum = sum * r + coefficient;
  }
  const Integers power = (__builtin_convertvector(n, Integers) + 127) << 23;
  Vector scale;
  std::memcpy(&scale, &power, sizeof(scale));
  x = sum * scale;
}

// sum_K = correction * sum_K + the values by their weights, for `kColumns` vectors of columns. Even
// and odd places gather apart, as an addition must wait for the one before.
template <int64_t kColumns>
LMC_INLINE void add_values(const float* weight_P, int64_t visible, const float* values_PK,
                           int64_t head_dim, float correction, float* sum_K) {
  Vector even[kColumns], odd[kColumns];
  for (int64_t c = 0; c < kColumns; ++c) {
    load(sum_K + c * kLanes, even[c]);
    even[c] *= correction;
    odd[c] = Vector{};
  }
  for (int64_t p = 0; p + 1 < visible; p += 2) {
    const float first_weight = weight_P[p], second_weight = weight_P[p + 1];
    const float* row = values_PK + p * head_dim;
    for (int64_t c = 0; c < kColumns; ++c) {
      Vector first, second;
      load(row + c * kLanes, first);
      load(row + head_dim + c * kLanes, second);
      even[c] += first_weight * first;
      odd[c] += second_weight * second;
    }
  }
  for (int64_t c = 0; c < kColumns; ++c) {
    if (visible % 2 != 0) {
      Vector last;
      load(values_PK + (visible - 1) * head_dim + c * kLanes, last);
      even[c] += weight_P[visible - 1] * last;
    }
    store(even[c] + odd[c], sum_K + c * kLanes);
  }
}

LMC_INLINE void add_all_values(const float* weight_P, int64_t visible, const float* values_PK,
                               int64_t head_dim, float correction, float* sum_K) {
  int64_t column = 0;
  for (; column + 4 * kLanes <= head_dim; column += 4 * kLanes) {
    add_values<4>(weight_P, visible, values_PK + column, head_dim, correction, sum_K + column);
  }
  for (; column < head_dim; column += kLanes) {
    add_values<1>(weight_P, visible, values_PK + column, head_dim, correction, sum_K + column);
  }
}

}  // namespace

LMC_WIDEST_VECTORS
void meet_page(const float* keys_KP, const float* values_PK, int64_t head_dim,
               const PageQueries& queries) {
  for (int64_t r = 0; r < queries.count; ++r) {
    const int64_t visible = queries.visible_R[r];
    if (visible <= 0) continue;
    const float* query_K = queries.scaled_query_RK + r * head_dim;
    Vector score[kVectors] = {};
    for (int64_t k = 0; k < head_dim; ++k) {
      const float factor = query_K[k];
      const float* row = keys_KP + k * kPageTokens;
      for (int64_t v = 0; v < kVectors; ++v) {
        Vector key;
        load(row + v * kLanes, key);
        score[v] += factor * key;
      }
    }
    // What lies behind the visible places was never written. NaN is larger than all.
    Vector most = Vector{} + kLowest;
    for (int64_t v = 0; v < kVectors; ++v) {
      const auto count = static_cast<int32_t>(visible - v * kLanes);
      score[v] = kLaneNumbers < count ? score[v] : Vector{} + kLowest;
      most = score[v] <= most ? most : score[v];
    }
    const float before = queries.largest_R[r];
    float largest = before;
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      if (!(most[lane] <= largest)) largest = most[lane];
    }
    const float correction = before == kLowest ? 0.0F : std::exp(before - largest);
    Vector total = {};
    float weight_P[kPageTokens];
    for (int64_t v = 0; v < kVectors; ++v) {
      const auto count = static_cast<int32_t>(visible - v * kLanes);
      score[v] -= largest;
      exponentiate(score[v]);
      score[v] = kLaneNumbers < count ? score[v] : Vector{};
      total += score[v];
      store(score[v], weight_P + v * kLanes);
    }
    float sum = 0;
    for (int64_t lane = 0; lane < kLanes; ++lane) sum += total[lane];
    queries.largest_R[r] = largest;
    queries.total_R[r] = queries.total_R[r] * correction + sum;
    add_all_values(weight_P, visible, values_PK, head_dim, correction,
                   queries.sum_RK + r * head_dim);
  }
}

}  // namespace lmc::model
