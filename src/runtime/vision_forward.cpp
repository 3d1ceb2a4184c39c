#include "runtime/vision_forward.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"         // LMC_CHECK
#include "runtime/page_walk.h"  // PageWalk
#include "runtime/rotary.h"     // VisionRotary, rotate

namespace lmc::runtime {

namespace {

constexpr float kLayerNormEps = 1e-6F;  // fixed in the reference
// Patches whose wide rows are held at a time.
constexpr int64_t kBlockPatches = 512;
// Queries that walk over the pages of a head together.
constexpr int64_t kBlockQueries = 64;

// Row and column of the patches in merge order.
struct Place {
  int64_t row, column;
};

std::vector<Place> places_of(const image::PatchGrid& image, int64_t merge) {
  std::vector<Place> places;
  for (int64_t down = 0; down < image.grid_h; down += merge) {
    for (int64_t across = 0; across < image.grid_w; across += merge) {
      for (int64_t y = 0; y < merge; ++y) {
        for (int64_t x = 0; x < merge; ++x) places.push_back({down + y, across + x});
      }
    }
  }
  return places;
}

// One axis of the interpolation: the table rows below and above each place, and the share of the
// latter. Places are spread as torch.linspace spreads them.
struct AxisTap {
  int64_t low, high;
  float share;
};

std::vector<AxisTap> axis_taps(int64_t side, int64_t count) {
  std::vector<AxisTap> taps;
  const auto last = static_cast<float>(side - 1);
  const float step = count > 1 ? last / static_cast<float>(count - 1) : 0.0F;
  for (int64_t i = 0; i < count; ++i) {
    const float at = i < count / 2 || count == 1 ? step * static_cast<float>(i)
                                                 : last - step * static_cast<float>(count - 1 - i);
    const auto low = static_cast<int64_t>(std::floor(at));
    taps.push_back({low, std::min(low + 1, side - 1), at - static_cast<float>(low)});
  }
  return taps;
}

void gelu_erf(float* x, int64_t count) {
  constexpr float kSqrtHalf = 0.70710678118654752F;
  for (int64_t i = 0; i < count; ++i) {
    // In double: libraries of different processors differ in the last bit of erf() in float.
    const auto erf = static_cast<float>(std::erf(static_cast<double>(x[i] * kSqrtHalf)));
    x[i] = 0.5F * x[i] * (1.0F + erf);
  }
}

class VisionPass {
 public:
  VisionPass(const VisionTower& tower, const spec::VisionConfig& config,
             const image::PatchGrid& image, const Machine& machine)
      : tower_(tower),
        config_(config),
        machine_(machine),
        patches_(image.num_patches()),
        width_(config.hidden_size),
        head_dim_(config.head_dim()),
        value_stride_((head_dim_ + kFloatLanes - 1) / kFloatLanes * kFloatLanes),
        pages_((patches_ + kPlaces - 1) / kPlaces),
        places_(places_of(image, config.spatial_merge_size)),
        x_PD_(static_cast<size_t>(patches_ * width_)),
        qkv_(static_cast<size_t>(patches_ * 3 * width_)),
        attended_PD_(static_cast<size_t>(patches_ * width_)),
        walks_(static_cast<size_t>(machine.pool.num_threads())) {
    LMC_CHECK(image.values_per_patch == config.values_per_patch(), "patches of ",
              image.values_per_patch, " values");
    const VisionRotary rotary(config);
    pairs_ = rotary.pairs();
    cos_PJ_.resize(static_cast<size_t>(patches_ * pairs_));
    sin_PJ_.resize(cos_PJ_.size());
    for (int64_t p = 0; p < patches_; ++p) {
      const Place& place = places_[static_cast<size_t>(p)];
      rotary.angles(place.row, place.column, &cos_PJ_[static_cast<size_t>(p * pairs_)],
                    &sin_PJ_[static_cast<size_t>(p * pairs_)]);
    }
    keys_.resize(static_cast<size_t>(config.num_heads * pages_ * key_size()));
    values_.resize(static_cast<size_t>(config.num_heads * pages_ * value_size()));
  }

  VisionFeatures run(const image::PatchGrid& image, const Tap& tap) {
    embed(image, tap);
    VisionFeatures features;
    for (size_t i = 0; i < tower_.blocks.size(); ++i) {
      const VisionBlock& block = tower_.blocks[i];
      add_attention(block);
      add_feed_forward(block);
      if (tap) tap(cat("vision.block.", i), x_PD_);
      const size_t taps = features.deepstack_MH.size();
      if (taps < config_.deepstack_indexes.size() &&
          config_.deepstack_indexes[taps] == static_cast<int64_t>(i)) {
        features.deepstack_MH.push_back(merged(tower_.deepstack[taps]));
        if (tap) tap(cat("vision.deepstack.", taps), features.deepstack_MH.back());
      }
    }
    features.merged_MH = merged(tower_.merger);
    if (tap) tap("vision.merger", features.merged_MH);
    return features;
  }

 private:
  int64_t key_size() const { return head_dim_ * kPlaces; }
  int64_t value_size() const { return value_stride_ * kPlaces; }
  float* x(int64_t patch) { return x_PD_.data() + patch * width_; }
  Rows rows_of(std::vector<float>& all, int64_t first, int64_t count, int64_t width) const {
    Rows rows(all, count, width);
    rows.values += first * width;
    return rows;
  }

  void embed(const image::PatchGrid& image, const Tap& tap) {
    const int64_t values = image.values_per_patch;
    operand_.prepare(machine_.kernels, tower_.patch_embed.weight.layout(), patches_);
    machine_.pool.run(patches_, [&](int64_t p, int64_t) {
      operand_.fill(machine_.kernels, p, image.pixel_values_PF.data() + p * values);
    });
    multiply(machine_, operand_,
             {{tower_.patch_embed.weight, Rows(x_PD_, patches_, width_),
               tower_.patch_embed.bias_O.data()}});
    if (tap) tap("vision.patch_embed", x_PD_);
    int64_t side = 1;
    while (side * side < config_.num_position_embeddings) ++side;
    const std::vector<AxisTap> down = axis_taps(side, image.grid_h);
    const std::vector<AxisTap> across = axis_taps(side, image.grid_w);
    machine_.pool.run(patches_, [&](int64_t p, int64_t) {
      const AxisTap& y = down[static_cast<size_t>(places_[static_cast<size_t>(p)].row)];
      const AxisTap& x_tap = across[static_cast<size_t>(places_[static_cast<size_t>(p)].column)];
      const auto corner = [&](int64_t row, int64_t column) {
        return tower_.positions_GD.data() + (row * side + column) * width_;
      };
      const float* corners[4] = {corner(y.low, x_tap.low), corner(y.low, x_tap.high),
                                 corner(y.high, x_tap.low), corner(y.high, x_tap.high)};
      const float weights[4] = {(1 - y.share) * (1 - x_tap.share), (1 - y.share) * x_tap.share,
                                y.share * (1 - x_tap.share), y.share * x_tap.share};
      float* out = x(p);
      for (int64_t d = 0; d < width_; ++d) {
        out[d] += corners[0][d] * weights[0] + corners[1][d] * weights[1] +
                  corners[2][d] * weights[2] + corners[3][d] * weights[3];
      }
    });
  }

  // Rows [first, first + count) normalised, as the operand of a product.
  void fill_normed(const LayerNorm& norm, const MatrixLayout& layout, int64_t first,
                   int64_t count) {
    operand_.prepare(machine_.kernels, layout, count);
    normed_.resize(static_cast<size_t>(count * width_));
    machine_.pool.run(count, [&](int64_t p, int64_t) {
      float* row = normed_.data() + p * width_;
      machine_.kernels.layer_norm(x(first + p), norm.weight.data(), norm.bias.data(), width_,
                                  kLayerNormEps, row);
      operand_.fill(machine_.kernels, p, row);
    });
  }

  void add_attention(const VisionBlock& block) {
    for (int64_t first = 0; first < patches_; first += kBlockPatches) {
      const int64_t count = std::min(kBlockPatches, patches_ - first);
      fill_normed(block.norm1, block.qkv.weight.layout(), first, count);
      multiply(
          machine_, operand_,
          {{block.qkv.weight, rows_of(qkv_, first, count, 3 * width_), block.qkv.bias_O.data()}});
    }
    machine_.pool.run(patches_, [&](int64_t p, int64_t) { rotate_and_place(p); });
    const int64_t blocks = (patches_ + kBlockQueries - 1) / kBlockQueries;
    machine_.pool.run(config_.num_heads * blocks, [&](int64_t task, int64_t thread) {
      attend(task / blocks, task % blocks * kBlockQueries, walks_[static_cast<size_t>(thread)]);
    });
    operand_.prepare(machine_.kernels, block.proj.weight.layout(), patches_);
    operand_.fill(machine_, Rows(attended_PD_, patches_, width_));
    multiply(machine_, operand_,
             {{block.proj.weight, Rows(x_PD_, patches_, width_), block.proj.bias_O.data(), true}});
  }

  // The patch's queries and keys turned, its keys and values put where attention reads them.
  void rotate_and_place(int64_t patch) {
    float* row = qkv_.data() + patch * 3 * width_;
    const float* cos = &cos_PJ_[static_cast<size_t>(patch * pairs_)];
    const float* sin = &sin_PJ_[static_cast<size_t>(patch * pairs_)];
    const int64_t page = patch / kPlaces, place = patch % kPlaces;
    for (int64_t head = 0; head < config_.num_heads; ++head) {
      float* query = row + head * head_dim_;
      float* key = query + width_;
      const float* value = key + width_;
      rotate(query, cos, sin, pairs_);
      rotate(key, cos, sin, pairs_);
      float* keys = keys_.data() + (head * pages_ + page) * key_size();
      for (int64_t k = 0; k < head_dim_; ++k) keys[k * kPlaces + place] = key[k];
      std::copy_n(value, head_dim_,
                  values_.data() + (head * pages_ + page) * value_size() + place * value_stride_);
    }
  }

  void attend(int64_t head, int64_t first, PageWalk& walk) {
    const int64_t count = std::min(kBlockQueries, patches_ - first);
    const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim_));
    walk.begin(count, head_dim_);
    for (int64_t r = 0; r < count; ++r) {
      walk.set_query(r, qkv_.data() + (first + r) * 3 * width_ + head * head_dim_, scale);
    }
    for (int64_t page = 0; page < pages_; ++page) {
      for (int64_t r = 0; r < count; ++r) walk.set_visible(r, patches_ - page * kPlaces);
      walk.meet(machine_.kernels, keys_.data() + (head * pages_ + page) * key_size(),
                values_.data() + (head * pages_ + page) * value_size());
    }
    for (int64_t r = 0; r < count; ++r) {
      walk.take(r, attended_PD_.data() + (first + r) * width_ + head * head_dim_);
    }
  }

  void add_feed_forward(const VisionBlock& block) {
    const int64_t wide = config_.intermediate_size;
    for (int64_t first = 0; first < patches_; first += kBlockPatches) {
      const int64_t count = std::min(kBlockPatches, patches_ - first);
      fill_normed(block.norm2, block.fc1.weight.layout(), first, count);
      wide_.resize(static_cast<size_t>(count * wide));
      multiply(machine_, operand_,
               {{block.fc1.weight, Rows(wide_, count, wide), block.fc1.bias_O.data()}});
      operand_.prepare(machine_.kernels, block.fc2.weight.layout(), count);
      machine_.pool.run(count, [&](int64_t p, int64_t) {
        machine_.kernels.gelu_tanh(wide_.data() + p * wide, wide);
        operand_.fill(machine_.kernels, p, wide_.data() + p * wide);
      });
      multiply(machine_, operand_,
               {{block.fc2.weight, rows_of(x_PD_, first, count, width_), block.fc2.bias_O.data(),
                 true}});
    }
  }

  // Blocks of merge x merge patches, which lie one after the other, as rows of the language model.
  std::vector<float> merged(const Merger& merger) {
    const int64_t in_block = config_.spatial_merge_size * config_.spatial_merge_size;
    const int64_t joined = width_ * in_block, tokens = patches_ / in_block;
    const int64_t out = config_.out_hidden_size;
    std::vector<float> result(static_cast<size_t>(tokens * out));
    for (int64_t first = 0; first < tokens; first += kBlockPatches) {
      const int64_t count = std::min(kBlockPatches, tokens - first);
      operand_.prepare(machine_.kernels, merger.fc1.weight.layout(), count);
      normed_.resize(static_cast<size_t>(count * joined));
      machine_.pool.run(count, [&](int64_t m, int64_t) {
        const float* in = x((first + m) * in_block);
        float* row = normed_.data() + m * joined;
        const int64_t norm_width = merger.normalises_joined ? joined : width_;
        for (int64_t begin = 0; begin < joined; begin += norm_width) {
          machine_.kernels.layer_norm(in + begin, merger.norm.weight.data(),
                                      merger.norm.bias.data(), norm_width, kLayerNormEps,
                                      row + begin);
        }
        operand_.fill(machine_.kernels, m, row);
      });
      wide_.resize(static_cast<size_t>(count * joined));
      multiply(machine_, operand_,
               {{merger.fc1.weight, Rows(wide_, count, joined), merger.fc1.bias_O.data()}});
      operand_.prepare(machine_.kernels, merger.fc2.weight.layout(), count);
      machine_.pool.run(count, [&](int64_t m, int64_t) {
        gelu_erf(wide_.data() + m * joined, joined);
        operand_.fill(machine_.kernels, m, wide_.data() + m * joined);
      });
      multiply(machine_, operand_,
               {{merger.fc2.weight, rows_of(result, first, count, out), merger.fc2.bias_O.data()}});
    }
    return result;
  }

  const VisionTower& tower_;
  const spec::VisionConfig& config_;
  const Machine& machine_;
  int64_t patches_, width_, head_dim_, value_stride_, pages_;
  int64_t pairs_ = 0;
  std::vector<Place> places_;
  std::vector<float> cos_PJ_, sin_PJ_;
  std::vector<float> x_PD_, qkv_, attended_PD_;
  std::vector<float> normed_, wide_;
  std::vector<float> keys_, values_;  // [heads, pages, ...], as the kernels take them
  Operand operand_;
  std::vector<PageWalk> walks_;  // of each thread
};

}  // namespace

VisionFeatures vision_forward(const VisionTower& tower, const spec::VisionConfig& config,
                              const image::PatchGrid& image, const Machine& machine,
                              const Tap& tap) {
  return VisionPass(tower, config, image, machine).run(image, tap);
}

}  // namespace lmc::runtime
