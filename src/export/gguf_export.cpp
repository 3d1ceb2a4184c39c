#include "export/gguf_export.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "base/check.h"             // InputError, LMC_CHECK
#include "base/named_files.h"       // open_named_files
#include "base/new_output.h"        // check_is_new, NewOutput
#include "base/parallel.h"          // parallel_for
#include "export/merged_tensors.h"  // MergedTensors
#include "prompt/chat.h"            // find_chat_template
#include "prompt/processor.h"       // Processor
#include "text/tokenizer_files.h"   // read_tokenizer_files

namespace lmc::exporting {

namespace {

// llama.cpp's kinds of tokens.
enum TokenKind : int32_t { kNormal = 1, kControl = 3, kUserDefined = 4, kUnused = 5 };

constexpr char kTurnEnd[] = "<|im_end|>", kPadding[] = "<|endoftext|>";

int64_t file_type(GgufWeights weights) {
  switch (weights) {
    case GgufWeights::kF32:
      return 0;
    case GgufWeights::kF16:
      return 1;
    case GgufWeights::kQ4_0:
      return 2;
    case GgufWeights::kQ8_0:
      return 7;
    case GgufWeights::kBF16:
      return 32;
  }
  LMC_CHECK(false, "no such weights");
}

std::string name_of(const GgufExportOptions& options) {
  return std::filesystem::path(options.out).stem().string();
}

void add_tokenizer(GgufMetadata& metadata, const std::string& model, int64_t vocab_size) {
  const text::TokenizerFiles files = text::read_tokenizer_files(model);
  std::vector<std::string> tokens;
  std::vector<int32_t> kinds(static_cast<size_t>(vocab_size), kUnused);
  for (int64_t id = 0; id < vocab_size; ++id) tokens.push_back(cat("[PAD", id, "]"));
  const auto put = [&](int32_t id, const std::string& token, TokenKind kind) {
    if (id < 0 || id >= vocab_size) {
      throw InputError(files.where, cat("token ", id, " is beyond the model's ", vocab_size));
    }
    tokens[static_cast<size_t>(id)] = token;
    kinds[static_cast<size_t>(id)] = kind;
  };
  for (const auto& [token, id] : files.vocabulary) put(id, token, kNormal);
  for (const text::AddedToken& added : files.added) {
    const bool looks_special = added.text.starts_with("<|") && added.text.ends_with("|>");
    put(added.id, added.text, added.special || looks_special ? kControl : kUserDefined);
  }
  std::vector<std::string> merges;
  for (const auto& [left, right] : files.merges) merges.push_back(cat(left, " ", right));

  metadata.add("tokenizer.ggml.model", "gpt2");
  metadata.add("tokenizer.ggml.pre", "qwen2");
  metadata.add_strings("tokenizer.ggml.tokens", tokens);
  metadata.add_int32s("tokenizer.ggml.token_type", kinds);
  metadata.add_strings("tokenizer.ggml.merges", merges);
  const auto add_id = [&](const char* key, const char* token) {
    const auto found = std::find(tokens.begin(), tokens.end(), token);
    if (found != tokens.end()) metadata.add_uint32(key, found - tokens.begin());
  };
  add_id("tokenizer.ggml.eos_token_id", kTurnEnd);
  add_id("tokenizer.ggml.padding_token_id", kPadding);
  add_id("tokenizer.ggml.bos_token_id", kPadding);
  metadata.add_bool("tokenizer.ggml.add_bos_token", false);
  if (const auto chat = prompt::find_chat_template(*open_named_files(model))) {
    metadata.add("tokenizer.chat_template", *chat);
  }
}

GgufMetadata text_metadata(const GgufExportOptions& options, const spec::ModelConfig& config) {
  constexpr char kArchitecture[] = "qwen3vl";
  const auto key = [&](const char* name) { return cat(kArchitecture, ".", name); };
  const spec::TextConfig& text = config.text;
  GgufMetadata metadata;
  metadata.add("general.architecture", kArchitecture);
  metadata.add("general.type", "model");
  metadata.add("general.name", name_of(options));
  metadata.add_uint32("general.file_type", file_type(options.weights));
  metadata.add_uint32("general.quantization_version", 2);
  metadata.add_uint32(key("block_count"), text.num_layers);
  metadata.add_uint32(key("context_length"), text.max_positions);
  metadata.add_uint32(key("embedding_length"), text.hidden_size);
  metadata.add_uint32(key("feed_forward_length"), text.intermediate_size);
  metadata.add_uint32(key("attention.head_count"), text.num_heads);
  metadata.add_uint32(key("attention.head_count_kv"), text.num_kv_heads);
  metadata.add_uint32(key("attention.key_length"), text.head_dim);
  metadata.add_uint32(key("attention.value_length"), text.head_dim);
  metadata.add_float32(key("attention.layer_norm_rms_epsilon"), text.rms_norm_eps);
  metadata.add_float32(key("rope.freq_base"), text.rope_theta);
  std::vector<int32_t> sections(text.mrope_section.begin(), text.mrope_section.end());
  sections.push_back(0);
  metadata.add_int32s(key("rope.dimension_sections"), sections);
  metadata.add_uint32(key("n_deepstack_layers"), std::ssize(config.vision.deepstack_indexes));
  add_tokenizer(metadata, options.model, text.vocab_size);
  return metadata;
}

GgufMetadata vision_metadata(const GgufExportOptions& options, const spec::ModelConfig& config) {
  const spec::VisionConfig& vision = config.vision;
  GgufMetadata metadata;
  metadata.add("general.architecture", "clip");
  metadata.add("general.type", "mmproj");
  metadata.add("general.name", name_of(options));
  metadata.add_uint32(
      "general.file_type",
      file_type(options.weights == GgufWeights::kQ4_0 ? GgufWeights::kQ8_0 : options.weights));
  metadata.add_uint32("general.quantization_version", 2);
  metadata.add("clip.projector_type", "qwen3vl_merger");
  metadata.add_bool("clip.has_vision_encoder", true);
  metadata.add_bool("clip.use_gelu", true);
  metadata.add_uint32("clip.vision.projection_dim", config.text.hidden_size);
  const auto side = static_cast<int64_t>(
      std::lround(std::sqrt(static_cast<double>(vision.num_position_embeddings))));
  metadata.add_uint32("clip.vision.image_size", side * vision.patch_size);
  metadata.add_uint32("clip.vision.patch_size", vision.patch_size);
  metadata.add_uint32("clip.vision.spatial_merge_size", vision.spatial_merge_size);
  metadata.add_uint32("clip.vision.embedding_length", vision.hidden_size);
  metadata.add_uint32("clip.vision.feed_forward_length", vision.intermediate_size);
  metadata.add_uint32("clip.vision.block_count", vision.depth);
  metadata.add_uint32("clip.vision.attention.head_count", vision.num_heads);
  // The language model's, as the reference converter has it.
  metadata.add_float32("clip.vision.attention.layer_norm_epsilon", config.text.rms_norm_eps);
  const prompt::Processor processor(options.model);
  const auto& images = processor.preprocess_options();
  metadata.add_float32s("clip.vision.image_mean",
                        std::vector<float>(images.mean.begin(), images.mean.end()));
  metadata.add_float32s("clip.vision.image_std",
                        std::vector<float>(images.std.begin(), images.std.end()));
  std::vector<bool> is_tapped(static_cast<size_t>(vision.depth));
  for (const int64_t block : vision.deepstack_indexes)
    is_tapped.at(static_cast<size_t>(block)) = true;
  metadata.add_bools("clip.vision.is_deepstack_layers", is_tapped);
  return metadata;
}

// A row of the checkpoint's tensor, or the frame of it that is wanted.
std::vector<float> chosen_values(const GgufSource& source, std::span<const float> row) {
  if (!source.frame) return {row.begin(), row.end()};
  const int64_t frames = source.from.shape[2];
  const int64_t pixels = source.from.shape[3] * source.from.shape[4];
  std::vector<float> values;
  for (int64_t channel = 0; channel < source.from.shape[1]; ++channel) {
    const auto* begin = row.data() + (channel * frames + *source.frame) * pixels;
    values.insert(values.end(), begin, begin + pixels);
  }
  return values;
}

void write_tensor(const MergedTensors& merged, const GgufSource& source, GgufWriter& writer) {
  constexpr int64_t kRowsAtOnce = 1024;
  const int64_t rows = MergedTensors::num_rows(source.from);
  const auto width = static_cast<size_t>(MergedTensors::row_width(source.from));
  const auto row_bytes = static_cast<size_t>(source.tensor.num_bytes() / rows);
  for (int64_t first = 0; first < rows; first += kRowsAtOnce) {
    const auto count = static_cast<size_t>(std::min(kRowsAtOnce, rows - first));
    std::vector<std::byte> bytes(count * row_bytes);
    parallel_for(count, [&](size_t r) {
      std::vector<float> row(width);
      merged.read_rows(source.from, first + static_cast<int64_t>(r), 1, row.data());
      gguf_encode_row(source.tensor.type, chosen_values(source, row),
                      std::span(bytes).subspan(r * row_bytes, row_bytes));
    });
    writer.write(bytes);
  }
}

std::string vision_path(const std::string& out) {
  const std::filesystem::path path(out);
  return (path.parent_path() / cat("mmproj-", path.filename().string())).string();
}

}  // namespace

GgufExported export_gguf(const GgufExportOptions& options,
                         const std::function<void(int64_t, int64_t)>& on_tensor) {
  GgufExported exported;
  exported.vision_path = vision_path(options.out);
  check_is_new(options.out);
  check_is_new(exported.vision_path);
  const MergedTensors merged(options.model, options.adapter);
  const NewOutput ours(options.out), ours_too(exported.vision_path);
  std::vector<GgufSource> text, vision;
  for (const spec::TensorSpec& tensor : merged.tensors()) {
    merged.check_finite(tensor);
    for (GgufSource& source : gguf_sources(tensor, merged.config().vision, options.weights)) {
      (source.is_vision ? vision : text).push_back(std::move(source));
    }
  }
  const auto tensors_of = [](const std::vector<GgufSource>& sources) {
    std::vector<GgufTensor> tensors;
    for (const GgufSource& source : sources) tensors.push_back(source.tensor);
    return tensors;
  };
  GgufWriter text_writer(options.out, text_metadata(options, merged.config()), tensors_of(text));
  GgufWriter vision_writer(exported.vision_path, vision_metadata(options, merged.config()),
                           tensors_of(vision));
  const int64_t total = std::ssize(text) + std::ssize(vision);
  const auto write_all = [&](const std::vector<GgufSource>& sources, GgufWriter& writer) {
    for (const GgufSource& source : sources) {
      write_tensor(merged, source, writer);
      merged.release_pages();
      on_tensor(++exported.tensors, total);
    }
  };
  write_all(vision, vision_writer);
  write_all(text, text_writer);
  vision_writer.finish();
  text_writer.finish();
  return exported;
}

}  // namespace lmc::exporting
