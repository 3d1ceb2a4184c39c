#include "model/torch_engine.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"            // LMC_CHECK
#include "model/device_memory.h"   // device_memory
#include "model/gemm.h"            // gemm_transposed
#include "model/padded_rows.h"     // padded_decode_rows
#include "model/torch_features.h"  // TorchFeatures

namespace lmc::model {

namespace {

// Whether a product gives a row the same bits however many rows there are. Libraries choose by shape,
// and by processor, so it is looked at: the products of a decoder layer and of the head, with the
// numbers of rows that streams are padded to.
bool rounds_rows_alike(Qwen3Vl& model) {
  const c10::NoGradGuard no_grad;
  constexpr int64_t kRows[] = {2, 4, 8, 16, 32, 48, 64};
  constexpr int64_t kMaxRows = 128;
  const auto is_alike = [&](int64_t width, const auto& product) {
    // Any numbers that do not sum exactly.
    const auto x_NI = at::arange(kMaxRows * width, torch::kFloat32).sin_().view({kMaxRows, width});
    const torch::Tensor all_NO = product(x_NI);
    return std::all_of(std::begin(kRows), std::end(kRows), [&](int64_t rows) {
      return product(x_NI.narrow(0, 0, rows).contiguous()).equal(all_NO.narrow(0, 0, rows));
    });
  };
  for (const auto& [path, linear] : model.linears()) {
    if (path.find("language_model.layers.0.") == path.npos) continue;
    const auto forward = [&](const torch::Tensor& x_NI) { return linear->forward(x_NI); };
    if (!is_alike(linear->in_width(), forward)) return false;
  }
  const auto head_VH = model.head_VH().to(torch::kFloat32);
  return is_alike(head_VH.size(1),
                  [&](const torch::Tensor& x_NH) { return gemm_transposed(x_NH, head_VH); });
}

infer::EngineInfo info_of(Qwen3Vl& model, const KvPages& pages) {
  infer::EngineInfo info;
  info.name = "torch";
  info.dtype = c10::toString(model.dtype());
  info.device = model.device().str();
  info.vocab_size = model.config().text.vocab_size;
  info.max_positions = model.config().text.max_positions;
  info.kv_bytes_per_token = pages.bytes_per_token();
  // Half of what is free: images, the forward pass and other programs want the rest.
  const int64_t free = device_memory(model.device()).free;
  if (free > 0) info.max_kv_tokens = std::max<int64_t>(1, free / 2 / info.kv_bytes_per_token);
  info.image_token_id = model.config().image_token_id;
  info.is_batch_invariant =
      model.dtype() == torch::kFloat32 &&
      has_page_kernel(model.device(), model.dtype(), model.config().text.head_dim) &&
      rounds_rows_alike(model);
  return info;
}

size_t pages_for(int64_t tokens) {
  return static_cast<size_t>((tokens + kPageTokens - 1) / kPageTokens);
}

}  // namespace

TorchEngine::TorchEngine(std::unique_ptr<Qwen3Vl> model) : TorchEngine(*model) {
  owned_ = std::move(model);
}

TorchEngine::TorchEngine(Qwen3Vl& model)
    : model_(&model),
      explainer_(model),
      pages_(model.config().text, model.dtype(), model.device()),
      info_(info_of(model, pages_)) {}

std::vector<infer::SharedFeatures> TorchEngine::encode(
    std::span<const image::PatchGrid* const> images) {
  std::vector<infer::SharedFeatures> encoded;
  for (VisionFeatures& features : model_->features_of(images)) {
    auto made = std::make_shared<TorchFeatures>();
    made->features = std::move(features);
    encoded.push_back(std::move(made));
  }
  return encoded;
}

infer::SequenceId TorchEngine::open() {
  sequences_[next_id_];
  return next_id_++;
}

infer::SequenceId TorchEngine::fork(infer::SequenceId sequence, int64_t length) {
  const Sequence& source = sequences_.at(sequence);
  LMC_CHECK(length >= 0 && length <= std::ssize(source.next_position), "a fork of ", length, " of ",
            source.next_position.size(), " tokens");
  Sequence made;
  made.next_position.assign(source.next_position.begin(), source.next_position.begin() + length);
  made.pages.assign(source.pages.begin(),
                    source.pages.begin() + static_cast<std::ptrdiff_t>(pages_for(length)));
  for (const PageId page : made.pages) pages_.share(page);
  sequences_[next_id_] = std::move(made);
  return next_id_++;
}

void TorchEngine::truncate(infer::SequenceId sequence, int64_t length) {
  Sequence& cut = sequences_.at(sequence);
  LMC_CHECK(length >= 0 && length <= std::ssize(cut.next_position));
  cut.next_position.resize(static_cast<size_t>(length));
  for (; cut.pages.size() > pages_for(length); cut.pages.pop_back()) {
    pages_.release(cut.pages.back());
  }
}

void TorchEngine::close(infer::SequenceId sequence) {
  truncate(sequence, 0);
  sequences_.erase(sequence);
}

int64_t TorchEngine::length(infer::SequenceId sequence) const {
  return std::ssize(sequences_.at(sequence).next_position);
}

std::vector<PageId> TorchEngine::pages_with_room(const Sequence& sequence, int64_t count) {
  const auto length = std::ssize(sequence.next_position);
  std::vector<PageId> pages = sequence.pages;
  for (const PageId page : pages) pages_.share(page);
  const bool writes_into_last = length % kPageTokens != 0;
  // Held by the sequence and, since just now, by the list: more holders are other sequences.
  if (writes_into_last && pages_.num_holders(pages.back()) > 2) {
    const PageId own = pages_.take();
    pages_.copy(pages.back(), own);
    pages_.release(pages.back());
    pages.back() = own;
  }
  while (pages.size() < pages_for(length + count)) pages.push_back(pages_.take());
  return pages;
}

infer::Logits TorchEngine::forward(std::span<const infer::Feed> feeds) {
  LMC_CHECK(!feeds.empty());
  PagedBatch cache{&pages_, {}};
  const auto release = [&](const std::vector<PageId>& pages) {
    for (const PageId page : pages) pages_.release(page);
  };
  std::vector<std::vector<int32_t>> next_positions;
  try {
    int64_t row = 0;
    for (const infer::Feed& feed : feeds) {
      const Sequence& sequence = sequences_.at(feed.sequence);
      const auto count = std::ssize(feed.ids);
      LMC_CHECK(count > 0 && feed.num_logits <= count, feed.num_logits, " logits of ", count,
                " tokens");
      cache.segments.push_back({row, count, std::ssize(sequence.next_position), {}});
      cache.segments.back().pages = pages_with_room(sequence, count);
      row += count;
    }
    infer::Logits logits = run(feeds, cache, next_positions);
    for (size_t i = 0; i < feeds.size(); ++i) {
      Sequence& sequence = sequences_.at(feeds[i].sequence);
      release(sequence.pages);
      sequence.pages = std::move(cache.segments[i].pages);
      sequence.next_position.insert(sequence.next_position.end(), next_positions[i].begin(),
                                    next_positions[i].end());
    }
    return logits;
  } catch (...) {
    for (const PagedSegment& segment : cache.segments) release(segment.pages);
    throw;
  }
}

infer::Logits TorchEngine::run(std::span<const infer::Feed> feeds, const PagedBatch& cache,
                               std::vector<std::vector<int32_t>>& next_positions) {
  const c10::NoGradGuard no_grad;
  Batch batch;
  std::vector<int64_t> ids, positions[3], wanted;
  std::vector<size_t> first_rows;
  for (size_t i = 0; i < feeds.size(); ++i) {
    const infer::Feed& feed = feeds[i];
    const Sequence& sequence = sequences_.at(feed.sequence);
    int32_t next = sequence.next_position.empty() ? 0 : sequence.next_position.back();
    std::vector<int32_t>& behind = next_positions.emplace_back();
    for (size_t t = 0; t < feed.ids.size(); ++t) {
      ids.push_back(feed.ids[t]);
      for (size_t axis = 0; axis < 3; ++axis) {
        const int32_t position = feed.positions[axis].empty() ? next : feed.positions[axis][t];
        positions[axis].push_back(position);
      }
      for (size_t axis = 0; axis < 3; ++axis) {
        next = std::max(next, static_cast<int32_t>(positions[axis].back() + 1));
      }
      behind.push_back(next);
    }
    for (const infer::SharedFeatures& image : feed.images) {
      batch.features.push_back(static_cast<const TorchFeatures&>(*image).features);
    }
    batch.segment_lengths.push_back(std::ssize(feed.ids));
    first_rows.push_back(wanted.size());
    const auto end = static_cast<int64_t>(ids.size());
    for (int64_t row = end - feed.num_logits; row < end; ++row) wanted.push_back(row);
  }
  const torch::Device device = model_->device();
  batch.ids_N = at::tensor(ids, torch::kInt64).to(device);
  std::vector<int64_t> all_positions;
  for (const std::vector<int64_t>& axis : positions) {
    all_positions.insert(all_positions.end(), axis.begin(), axis.end());
  }
  batch.positions_3N =
      at::tensor(all_positions, torch::kInt64).reshape({3, std::ssize(ids)}).to(device);
  auto hidden = model_->hidden_NH(batch, &cache);
  const auto num_wanted = std::ssize(wanted);
  if (num_wanted == 0) return {{}, info_.vocab_size, std::move(first_rows)};
  if (num_wanted < hidden.size(0)) {
    hidden = hidden.index_select(0, at::tensor(wanted, torch::kInt64).to(device));
  }
  const auto head_VH = model_->head_VH().to(hidden.scalar_type());
  const auto logits_RV = gemm_transposed(pad_rows(hidden, padded_decode_rows(hidden)), head_VH)
                             .narrow(0, 0, num_wanted)
                             .to(torch::kCPU, torch::kFloat32)
                             .contiguous();
  const auto* values = logits_RV.const_data_ptr<float>();
  return {std::vector<float>(values, values + logits_RV.numel()), logits_RV.size(1),
          std::move(first_rows)};
}

}  // namespace lmc::model
