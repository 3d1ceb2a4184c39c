#include "model/paged_attention.h"

#include <ATen/Parallel.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <c10/util/BFloat16.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "model/page_kernel.h"  // meet_page

namespace lmc::model {

namespace {

constexpr int64_t kQueriesOfTask = 32;  // tokens; each with the heads that share keys

int64_t pages_for(int64_t places) { return (places + kPageTokens - 1) / kPageTokens; }

// Keys and values of one key/value head, for places [before, before + count).
template <class Number>
void store_head(const torch::Tensor& k_NGK, const torch::Tensor& v_NGK, size_t layer, int64_t head,
                const PagedSegment& segment, const KvPages& pages) {
  const int64_t width = k_NGK.size(2), stride = k_NGK.size(1) * width;
  const auto* k = k_NGK.const_data_ptr<Number>() + segment.first_row * stride + head * width;
  const auto* v = v_NGK.const_data_ptr<Number>() + segment.first_row * stride + head * width;
  for (int64_t i = 0; i < segment.count; ++i, k += stride, v += stride) {
    const int64_t place = segment.before + i;
    const PageId page = segment.pages[static_cast<size_t>(place / kPageTokens)];
    const int64_t within = place % kPageTokens;
    auto* keys_KP = static_cast<Number*>(pages.key_data(layer, page, head)) + within;
    for (int64_t d = 0; d < width; ++d) keys_KP[d * kPageTokens] = k[d];
    std::copy_n(v, width,
                static_cast<Number*>(pages.value_data(layer, page, head)) + within * width);
  }
}

// What one thread works in.
struct Workspace {
  std::vector<float> query_RK, largest_R, total_R, sum_RK, keys_KP, values_PK;
  std::vector<int64_t> visible_R;

  void begin(int64_t rows, int64_t width) {
    query_RK.resize(static_cast<size_t>(rows * width));
    largest_R.assign(static_cast<size_t>(rows), -std::numeric_limits<float>::infinity());
    total_R.assign(static_cast<size_t>(rows), 0.0F);
    sum_RK.assign(static_cast<size_t>(rows * width), 0.0F);
    visible_R.resize(static_cast<size_t>(rows));
  }
};

// Numbers in f32: where they lie, or as a copy in `wide`.
const float* as_floats(const float* numbers, int64_t, std::vector<float>&) { return numbers; }
const float* as_floats(const c10::BFloat16* numbers, int64_t count, std::vector<float>& wide) {
  wide.resize(static_cast<size_t>(count));
  std::copy_n(numbers, count, wide.begin());
  return wide.data();
}

// Queries [begin, end) of a segment, those of the heads that use one key/value head.
template <class Number>
void attend_head(const torch::Tensor& q_NAK, size_t layer, int64_t kv_head,
                 const PagedSegment& segment, int64_t begin, int64_t end, const KvPages& pages,
                 const torch::Tensor& out_NAK) {
  const int64_t heads = q_NAK.size(1), width = q_NAK.size(2);
  const int64_t sharing = heads / pages.num_kv_heads();
  const int64_t rows = (end - begin) * sharing;
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(width)));
  const auto at = [&](int64_t row) {  // in q and in the output
    const int64_t token = segment.first_row + begin + row / sharing;
    return (token * heads + kv_head * sharing + row % sharing) * width;
  };
  thread_local Workspace space;
  space.begin(rows, width);
  const auto* q = q_NAK.const_data_ptr<Number>();
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t d = 0; d < width; ++d) {
      space.query_RK[static_cast<size_t>(row * width + d)] =
          static_cast<float>(q[at(row) + d]) * scale;
    }
  }
  const int64_t last_place = segment.before + end - 1;
  for (int64_t p = 0; p <= last_place / kPageTokens; ++p) {
    const PageId page = segment.pages[static_cast<size_t>(p)];
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t place = segment.before + begin + row / sharing;
      space.visible_R[static_cast<size_t>(row)] =
          std::clamp<int64_t>(place + 1 - p * kPageTokens, 0, kPageTokens);
    }
    const int64_t count = kPageTokens * width;
    const auto* keys = static_cast<const Number*>(pages.key_data(layer, page, kv_head));
    const auto* values = static_cast<const Number*>(pages.value_data(layer, page, kv_head));
    meet_page(as_floats(keys, count, space.keys_KP), as_floats(values, count, space.values_PK),
              width,
              {rows, space.query_RK.data(), space.visible_R.data(), space.largest_R.data(),
               space.total_R.data(), space.sum_RK.data()});
  }
  auto* out = out_NAK.data_ptr<Number>();
  for (int64_t row = 0; row < rows; ++row) {
    const float factor = 1 / space.total_R[static_cast<size_t>(row)];
    for (int64_t d = 0; d < width; ++d) {
      out[at(row) + d] =
          static_cast<Number>(space.sum_RK[static_cast<size_t>(row * width + d)] * factor);
    }
  }
}

template <class Number>
torch::Tensor attend_on_cpu(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                            const torch::Tensor& v_NGK, size_t layer, const PagedBatch& batch) {
  struct Task {
    const PagedSegment* segment;
    int64_t kv_head, begin, end;
  };
  const int64_t kv_heads = k_NGK.size(1);
  std::vector<Task> stores, tasks;
  for (const PagedSegment& segment : batch.segments) {
    for (int64_t head = 0; head < kv_heads; ++head) {
      stores.push_back({&segment, head, 0, segment.count});
      for (int64_t begin = 0; begin < segment.count; begin += kQueriesOfTask) {
        const int64_t end = std::min(begin + kQueriesOfTask, segment.count);
        tasks.push_back({&segment, head, begin, end});
      }
    }
  }
  const auto each = [](const std::vector<Task>& list, const auto& work) {
    at::parallel_for(0, std::ssize(list), 1, [&](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; ++i) work(list[static_cast<size_t>(i)]);
    });
  };
  each(stores, [&](const Task& task) {
    store_head<Number>(k_NGK, v_NGK, layer, task.kv_head, *task.segment, *batch.pages);
  });
  const auto out_NAK = at::empty(q_NAK.sizes(), q_NAK.options());
  each(tasks, [&](const Task& task) {
    attend_head<Number>(q_NAK, layer, task.kv_head, *task.segment, task.begin, task.end,
                        *batch.pages, out_NAK);
  });
  return out_NAK.reshape({q_NAK.size(0), -1});
}

void store_gathered(const torch::Tensor& k_NGK, const torch::Tensor& v_NGK, size_t layer,
                    const PagedSegment& segment, const KvPages& pages) {
  for (int64_t done = 0; done < segment.count;) {
    const int64_t place = segment.before + done, within = place % kPageTokens;
    const int64_t count = std::min(segment.count - done, kPageTokens - within);
    const PageId page = segment.pages[static_cast<size_t>(place / kPageTokens)];
    const int64_t row = segment.first_row + done;
    pages.keys(layer, page)
        .narrow(2, within, count)
        .copy_(k_NGK.narrow(0, row, count).permute({1, 2, 0}));
    pages.values(layer, page)
        .narrow(1, within, count)
        .copy_(v_NGK.narrow(0, row, count).transpose(0, 1));
    done += count;
  }
}

torch::Tensor attend_gathered(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                              const torch::Tensor& v_NGK, size_t layer, const PagedBatch& batch) {
  std::vector<torch::Tensor> parts;
  const auto options = torch::TensorOptions(torch::kInt64).device(q_NAK.device());
  for (const PagedSegment& segment : batch.segments) {
    store_gathered(k_NGK, v_NGK, layer, segment, *batch.pages);
    const int64_t places = segment.before + segment.count;
    const auto pages = std::span(segment.pages).first(static_cast<size_t>(pages_for(places)));
    const auto mask = at::arange(places, options).unsqueeze(0) <=
                      at::arange(segment.before, places, options).unsqueeze(1);
    const auto out_AnK = at::scaled_dot_product_attention(
        q_NAK.narrow(0, segment.first_row, segment.count).transpose(0, 1).unsqueeze(0),
        batch.pages->gathered_keys(layer, pages, places).unsqueeze(0),
        batch.pages->gathered_values(layer, pages, places).unsqueeze(0), mask, 0.0, false,
        std::nullopt, q_NAK.size(1) != k_NGK.size(1));
    parts.push_back(out_AnK.squeeze(0).transpose(0, 1).reshape({segment.count, -1}));
  }
  return at::cat(parts);
}

}  // namespace

bool has_page_kernel(torch::Device device, torch::Dtype dtype, int64_t head_dim) {
  constexpr int64_t kVectorWidth = 8;  // of meet_page
  return device.is_cpu() && (dtype == torch::kFloat32 || dtype == torch::kBFloat16) &&
         head_dim % kVectorWidth == 0;
}

torch::Tensor paged_attention(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                              const torch::Tensor& v_NGK, size_t layer, const PagedBatch& batch) {
  if (!has_page_kernel(q_NAK.device(), q_NAK.scalar_type(), q_NAK.size(2))) {
    return attend_gathered(q_NAK, k_NGK, v_NGK, layer, batch);
  }
  const auto q = q_NAK.contiguous(), k = k_NGK.contiguous(), v = v_NGK.contiguous();
  return q.scalar_type() == torch::kFloat32 ? attend_on_cpu<float>(q, k, v, layer, batch)
                                            : attend_on_cpu<c10::BFloat16>(q, k, v, layer, batch);
}

}  // namespace lmc::model
