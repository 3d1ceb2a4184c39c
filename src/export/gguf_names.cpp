#include "export/gguf_names.h"

#include <span>
#include <string_view>
#include <utility>

#include "base/check.h"  // InputError, LMC_CHECK

namespace lmc::exporting {

namespace {

using spec::TensorRole;

constexpr std::string_view kText = "model.language_model.", kVision = "model.visual.";

// Parts of names, ours and theirs.
using Name = std::pair<std::string_view, std::string_view>;
using Names = std::span<const Name>;

constexpr Name kTextNames[] = {
    {"embed_tokens", "token_embd"},
    {"norm", "output_norm"},
};
constexpr Name kLayerNames[] = {
    {"input_layernorm", "attn_norm"},    {"post_attention_layernorm", "ffn_norm"},
    {"self_attn.q_proj", "attn_q"},      {"self_attn.k_proj", "attn_k"},
    {"self_attn.v_proj", "attn_v"},      {"self_attn.o_proj", "attn_output"},
    {"self_attn.q_norm", "attn_q_norm"}, {"self_attn.k_norm", "attn_k_norm"},
    {"mlp.gate_proj", "ffn_gate"},       {"mlp.up_proj", "ffn_up"},
    {"mlp.down_proj", "ffn_down"},
};
constexpr Name kVisionNames[] = {
    {"patch_embed.proj", "v.patch_embd"}, {"pos_embed", "v.position_embd"},
    {"merger.norm", "v.post_ln"},         {"merger.linear_fc1", "mm.0"},
    {"merger.linear_fc2", "mm.2"},
};
constexpr Name kBlockNames[] = {
    {"norm1", "ln1"},
    {"norm2", "ln2"},
    {"attn.qkv", "attn_qkv"},
    {"attn.proj", "attn_out"},
    {"mlp.linear_fc1", "ffn_up"},
    {"mlp.linear_fc2", "ffn_down"},
};
constexpr Name kDeepstackNames[] = {{"norm", "norm"}, {"linear_fc1", "fc1"}, {"linear_fc2", "fc2"}};

// Takes `prefix` off the front.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes a number and the dot behind it off the front.
int64_t take_index(std::string_view& text) {
  int64_t index = 0;
  while (!text.empty() && text.front() != '.') {
    index = 10 * index + (text.front() - '0');
    text.remove_prefix(1);
  }
  take(text, ".");
  return index;
}

// "<ours>.weight" as "<theirs>.weight".
std::string renamed(Names names, std::string_view name) {
  const size_t dot = name.rfind('.');
  for (const auto& [ours, theirs] : names) {
    if (name.substr(0, dot) == ours) return cat(theirs, name.substr(dot));
  }
  LMC_CHECK(false, "no name for ", name);
}

std::string gguf_name(std::string_view name, const spec::VisionConfig& vision) {
  if (name == "lm_head.weight") return "output.weight";
  if (take(name, kText)) {
    if (!take(name, "layers.")) return renamed(kTextNames, name);
    const int64_t layer = take_index(name);
    return cat("blk.", layer, ".", renamed(kLayerNames, name));
  }
  LMC_CHECK(take(name, kVision), "no name for ", name);
  if (take(name, "blocks.")) {
    const int64_t block = take_index(name);
    return cat("v.blk.", block, ".", renamed(kBlockNames, name));
  }
  if (take(name, "deepstack_merger_list.")) {
    // Counted by the block whose output it reads.
    const int64_t block = vision.deepstack_indexes.at(static_cast<size_t>(take_index(name)));
    return cat("v.deepstack.", block, ".", renamed(kDeepstackNames, name));
  }
  return renamed(kVisionNames, name);
}

GgufType type_of(GgufWeights weights) {
  switch (weights) {
    case GgufWeights::kF32:
      return GgufType::kF32;
    case GgufWeights::kF16:
      return GgufType::kF16;
    case GgufWeights::kBF16:
      return GgufType::kBF16;
    case GgufWeights::kQ8_0:
      return GgufType::kQ8_0;
    case GgufWeights::kQ4_0:
      return GgufType::kQ4_0;
  }
  LMC_CHECK(false, "no such weights");
}

GgufType type_for(const spec::TensorSpec& tensor, bool is_vision, GgufWeights weights) {
  if (tensor.role == TensorRole::kPatchEmbed) {
    return weights == GgufWeights::kF16 ? GgufType::kF16 : GgufType::kF32;
  }
  if (tensor.role != TensorRole::kLinear && tensor.role != TensorRole::kEmbedding) {
    return GgufType::kF32;
  }
  GgufType type = type_of(weights);
  const bool is_of_layers =
      !is_vision && tensor.role == TensorRole::kLinear && tensor.name != "lm_head.weight";
  if (type == GgufType::kQ4_0 && !is_of_layers) type = GgufType::kQ8_0;
  const bool has_blocks = type == GgufType::kQ4_0 || type == GgufType::kQ8_0;
  return has_blocks && tensor.shape.back() % kGgufBlock != 0 ? GgufType::kF16 : type;
}

}  // namespace

std::vector<GgufSource> gguf_sources(const spec::TensorSpec& tensor,
                                     const spec::VisionConfig& vision, GgufWeights weights) {
  GgufSource source;
  source.from = tensor;
  source.is_vision = tensor.name.starts_with(kVision);
  source.tensor = {gguf_name(tensor.name, vision), tensor.shape,
                   type_for(tensor, source.is_vision, weights)};
  if (tensor.role != TensorRole::kPatchEmbed) return {source};
  constexpr int64_t kFrames = 2;
  if (tensor.shape[2] != kFrames) {
    throw InputError(tensor.name, cat("has ", tensor.shape[2], " frames; llama.cpp knows two"));
  }
  std::vector<GgufSource> frames(kFrames, source);
  for (int64_t frame = 0; frame < kFrames; ++frame) {
    GgufSource& one = frames[static_cast<size_t>(frame)];
    one.frame = frame;
    one.tensor.shape.erase(one.tensor.shape.begin() + 2);
    if (frame > 0) one.tensor.name += cat(".", frame);
  }
  return frames;
}

}  // namespace lmc::exporting
