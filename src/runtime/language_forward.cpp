#include "runtime/language_forward.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"  // cat, LMC_CHECK

namespace lmc::runtime {

namespace {

// Tokens whose queries walk over the pages together.
constexpr int64_t kBlockTokens = 32;
// Queries that read a page in f16 as it is kept; more of them share its floats.
constexpr int64_t kFewQueries = 4;

}  // namespace

LanguageForward::LanguageForward(const LanguageModel& model, const spec::TextConfig& config,
                                 const Machine& machine)
    : model_(model),
      config_(config),
      machine_(machine),
      rotary_(config),
      scratch_(static_cast<size_t>(machine.pool.num_threads())) {
  for (Scratch& scratch : scratch_) scratch.row.resize(static_cast<size_t>(config.hidden_size));
}

std::span<const float> LanguageForward::run(std::span<const StreamToken> tokens,
                                            std::span<const StreamSegment> segments, KvPages& pages,
                                            const Tap& tap, AttentionProbe* probe) {
  LMC_CHECK(probe == nullptr || segments.size() == 1, "a probe is of one sequence");
  probe_ = probe;
  tokens_ = std::ssize(tokens);
  const auto rows = static_cast<size_t>(tokens_);
  const auto heads = static_cast<size_t>(config_.num_heads * config_.head_dim);
  const auto kv_heads = static_cast<size_t>(config_.num_kv_heads * config_.head_dim);
  const auto wide = static_cast<size_t>(config_.intermediate_size);
  x_NH_.resize(rows * static_cast<size_t>(config_.hidden_size));
  q_.resize(rows * heads);
  k_.resize(rows * kv_heads);
  v_.resize(rows * kv_heads);
  attended_.resize(rows * heads);
  gate_.resize(rows * wide);
  up_.resize(rows * wide);
  share_out(segments);
  embed(tokens);
  for (int64_t i = 0; i < std::ssize(model_.layers); ++i) {
    add_attention(i, pages);
    add_feed_forward(model_.layers[static_cast<size_t>(i)]);
    add_deepstack(i, tokens);
    if (tap) tap(cat("language.layer.", i), x_NH_);
  }
  return x_NH_;
}

// Who does what in the attention of every layer.
void LanguageForward::share_out(std::span<const StreamSegment> segments) {
  places_.clear();
  tasks_.clear();
  for (const StreamSegment& segment : segments) {
    for (int64_t token = 0; token < segment.count; ++token) places_.push_back({&segment, token});
    for (int64_t begin = 0; begin < segment.count; begin += kBlockTokens) {
      const int64_t count = std::min(kBlockTokens, segment.count - begin);
      for (int64_t head = 0; head < config_.num_kv_heads; ++head) {
        tasks_.push_back({&segment, head, begin, count, {}});
      }
    }
  }
}

void LanguageForward::embed(std::span<const StreamToken> tokens) {
  const auto width = static_cast<size_t>(config_.hidden_size);
  const auto pairs = static_cast<size_t>(rotary_.pairs());
  cos_NJ_.resize(tokens.size() * pairs);
  sin_NJ_.resize(cos_NJ_.size());
  machine_.pool.run(tokens_, [&](int64_t n, int64_t) {
    const StreamToken& token = tokens[static_cast<size_t>(n)];
    if (token.merged_H != nullptr) {
      std::copy_n(token.merged_H, width, x(n));
    } else {
      model_.embedding_VH.read_row(token.id, {x(n), width});
    }
    rotary_.angles(token.position, &cos_NJ_[static_cast<size_t>(n) * pairs],
                   &sin_NJ_[static_cast<size_t>(n) * pairs]);
  });
}

void LanguageForward::fill_normed(std::span<const float> weight_H, const MatrixLayout& layout) {
  operand_.prepare(machine_.kernels, layout, tokens_);
  machine_.pool.run(tokens_, [&](int64_t n, int64_t thread) {
    float* row = scratch_[static_cast<size_t>(thread)].row.data();
    machine_.kernels.rms_norm(x(n), weight_H.data(), config_.hidden_size,
                              static_cast<float>(config_.rms_norm_eps), row);
    operand_.fill(machine_.kernels, n, row);
  });
}

void LanguageForward::add_attention(int64_t index, KvPages& pages) {
  const DecoderLayer& layer = model_.layers[static_cast<size_t>(index)];
  fill_normed(layer.input_norm_H, layer.q.layout());
  multiply(machine_, operand_,
           {{layer.q, Rows(q_, tokens_, layer.q.outputs())},
            {layer.k, Rows(k_, tokens_, layer.k.outputs())},
            {layer.v, Rows(v_, tokens_, layer.v.outputs())}});
  machine_.pool.run(std::ssize(places_), [&](int64_t place, int64_t) {
    place_token(index, places_[static_cast<size_t>(place)], pages);
  });
  machine_.pool.run(std::ssize(tasks_), [&](int64_t task, int64_t thread) {
    attend(index, tasks_[static_cast<size_t>(task)], pages, thread);
  });
  if (probe_ != nullptr) gather_weights(index);
  operand_.prepare(machine_.kernels, layer.o.layout(), tokens_);
  operand_.fill(machine_, Rows(attended_, tokens_, layer.o.inputs()));
  multiply(machine_, operand_,
           {{layer.o, Rows(x_NH_, tokens_, config_.hidden_size), nullptr, true}});
}

// A token's queries and key normalised and turned, its key and value put into its page.
void LanguageForward::place_token(int64_t index, const Place& place, KvPages& pages) {
  const auto& [segment, token] = place;
  const DecoderLayer& layer = model_.layers[static_cast<size_t>(index)];
  const int64_t n = segment->first + token, width = config_.head_dim;
  const auto eps = static_cast<float>(config_.rms_norm_eps);
  const float* cos = cos_NJ_.data() + n * rotary_.pairs();
  const float* sin = sin_NJ_.data() + n * rotary_.pairs();
  for (int64_t a = 0; a < config_.num_heads; ++a) {
    float* query = q_.data() + (n * config_.num_heads + a) * width;
    machine_.kernels.rms_norm(query, layer.q_norm_K.data(), width, eps, query);
    rotate(query, cos, sin, rotary_.pairs());
  }
  const int64_t at = segment->length + token;
  const PageId page = segment->pages[static_cast<size_t>(at / kPlaces)];
  for (int64_t g = 0; g < config_.num_kv_heads; ++g) {
    float* key = k_.data() + (n * config_.num_kv_heads + g) * width;
    machine_.kernels.rms_norm(key, layer.k_norm_K.data(), width, eps, key);
    rotate(key, cos, sin, rotary_.pairs());
    pages.put(machine_.kernels, page, index, g, at % kPlaces, key,
              v_.data() + (n * config_.num_kv_heads + g) * width);
  }
}

void LanguageForward::attend(int64_t index, Task& task, const KvPages& pages, int64_t thread) {
  Scratch& scratch = scratch_[static_cast<size_t>(thread)];
  scratch.page.resize(static_cast<size_t>(pages.room_size()));
  const int64_t sharing = config_.num_heads / config_.num_kv_heads;
  const int64_t width = config_.head_dim;
  const float scale = 1.0F / std::sqrt(static_cast<float>(width));
  const int64_t first = task.segment->first + task.begin;
  const auto row_of = [&](std::vector<float>& all, int64_t row) {
    const int64_t head = task.head * sharing + row % sharing;
    return all.data() + ((first + row / sharing) * config_.num_heads + head) * width;
  };
  const int64_t rows = task.count * sharing;
  scratch.walk.begin(rows, width);
  for (int64_t row = 0; row < rows; ++row) scratch.walk.set_query(row, row_of(q_, row), scale);
  const int64_t seen = task.segment->length + task.begin;  // by none but the block's first token
  for (int64_t page = 0; page * kPlaces < seen + task.count; ++page) {
    for (int64_t row = 0; row < rows; ++row) {
      scratch.walk.set_visible(row, seen + row / sharing + 1 - page * kPlaces);
    }
    const PageId id = task.segment->pages[static_cast<size_t>(page)];
    if (pages.form() == KvForm::kF16 && rows <= kFewQueries) {
      const KvPages::Halves halves = pages.halves(id, index, task.head);
      scratch.walk.meet(machine_.kernels, halves.keys_KP, halves.values_PK);
      continue;
    }
    const KvPages::Floats floats =
        pages.floats(machine_.kernels, id, index, task.head, scratch.page.data());
    scratch.walk.meet(machine_.kernels, floats.keys_KP, floats.values_PK);
  }
  for (int64_t row = 0; row < rows; ++row) scratch.walk.take(row, row_of(attended_, row));
  if (probe_ != nullptr) probe_weights(index, task, pages, scratch);
}

// Once more over the pages of the probed places, for the queries of its texts.
void LanguageForward::probe_weights(int64_t index, Task& task, const KvPages& pages,
                                    Scratch& scratch) {
  const int64_t sharing = config_.num_heads / config_.num_kv_heads;
  const int64_t places = probe_->num_places;
  const int64_t first_token = task.segment->length + task.begin;
  task.weights_TM.assign(probe_->texts.size() * static_cast<size_t>(places), 0);
  for (size_t t = 0; t < probe_->texts.size(); ++t) {
    const AttentionProbe::Text& text = probe_->texts[t];
    const int64_t begin = std::max(text.first, first_token);
    const int64_t end = std::min(text.first + text.count, first_token + task.count);
    for (int64_t done = 0; begin < end && done < places;) {
      const int64_t at = probe_->first_place + done;
      const int64_t count = std::min(places - done, kPlaces - at % kPlaces);
      const PageId page = task.segment->pages[static_cast<size_t>(at / kPlaces)];
      const KvPages::Floats floats =
          pages.floats(machine_.kernels, page, index, task.head, scratch.page.data());
      double* weights_M = task.weights_TM.data() + static_cast<int64_t>(t) * places + done;
      for (int64_t row = (begin - first_token) * sharing; row < (end - first_token) * sharing;
           ++row) {
        scratch.walk.add_weights(row, floats.keys_KP, at % kPlaces, count, weights_M);
      }
      done += count;
    }
  }
}

// The tasks' sums in their order, whichever thread had them.
void LanguageForward::gather_weights(int64_t index) {
  const auto places = static_cast<size_t>(probe_->num_places);
  for (size_t t = 0; t < probe_->texts.size(); ++t) {
    std::vector<double>& sums_LM = probe_->texts[t].weights_LM;
    sums_LM.resize(model_.layers.size() * places, 0);
    for (const Task& task : tasks_) {
      for (size_t m = 0; m < places; ++m) {
        sums_LM[static_cast<size_t>(index) * places + m] += task.weights_TM[t * places + m];
      }
    }
  }
}

void LanguageForward::add_feed_forward(const DecoderLayer& layer) {
  const int64_t wide = config_.intermediate_size;
  fill_normed(layer.post_attention_norm_H, layer.gate.layout());
  multiply(machine_, operand_,
           {{layer.gate, Rows(gate_, tokens_, wide)}, {layer.up, Rows(up_, tokens_, wide)}});
  operand_.prepare(machine_.kernels, layer.down.layout(), tokens_);
  machine_.pool.run(tokens_, [&](int64_t n, int64_t) {
    float* gate = gate_.data() + n * wide;
    machine_.kernels.swiglu(gate, up_.data() + n * wide, wide);
    operand_.fill(machine_.kernels, n, gate);
  });
  multiply(machine_, operand_,
           {{layer.down, Rows(x_NH_, tokens_, config_.hidden_size), nullptr, true}});
}

void LanguageForward::add_deepstack(int64_t index, std::span<const StreamToken> tokens) {
  const auto has_more = [&](const StreamToken& token) {
    return index < std::ssize(token.deepstack_H);
  };
  if (std::none_of(tokens.begin(), tokens.end(), has_more)) return;
  machine_.pool.run(tokens_, [&](int64_t n, int64_t) {
    const StreamToken& token = tokens[static_cast<size_t>(n)];
    if (!has_more(token)) return;
    const float* more = token.deepstack_H[static_cast<size_t>(index)];
    for (int64_t h = 0; h < config_.hidden_size; ++h) x(n)[h] += more[h];
  });
}

void LanguageForward::logits(std::span<const float* const> hidden_H, float* logits_RV) {
  const auto count = std::ssize(hidden_H);
  if (count == 0) return;
  operand_.prepare(machine_.kernels, model_.head_VH.layout(), count);
  machine_.pool.run(count, [&](int64_t r, int64_t thread) {
    float* row = scratch_[static_cast<size_t>(thread)].row.data();
    machine_.kernels.rms_norm(hidden_H[static_cast<size_t>(r)], model_.norm_H.data(),
                              config_.hidden_size, static_cast<float>(config_.rms_norm_eps), row);
    operand_.fill(machine_.kernels, r, row);
  });
  Rows out;
  out.values = logits_RV;
  out.count = count;
  out.width = out.stride = config_.vocab_size;
  multiply(machine_, operand_, {{model_.head_VH, out}});
}

}  // namespace lmc::runtime
