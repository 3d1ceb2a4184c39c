#include "prompt/processor.h"

#include <algorithm>
#include <utility>

#include "base/check.h"          // InputError, LMC_CHECK
#include "base/json.h"           // parse_json
#include "base/named_files.h"    // open_named_files
#include "prompt/chat_pieces.h"  // chat_pieces, reply_pieces

namespace lmc::prompt {

namespace {

using Images = std::vector<std::shared_ptr<const image::PatchGrid>>;

// The image settings, and the file that holds them: "image_processor" of processor_config.json,
// where transformers 5 writes them, before preprocessor_config.json.
// Mirrors: transformers 5, ImageProcessingMixin.get_image_processor_dict.
struct ImageSettings {
  std::string file;
  image::PreprocessOptions options;
};

ImageSettings read_image_settings(const NamedFiles& model) {
  const std::string newer = model.path_of("processor_config.json");
  if (const auto text = model.find("processor_config.json")) {
    const Json json = parse_json(*text, newer);
    const auto found = json.is_object() ? json.find("image_processor") : json.end();
    if (found != json.end()) {
      const std::string where = cat(newer, ": image_processor");
      return {newer, image::preprocess_options_from_json(*found, where)};
    }
  }
  const std::string older = model.path_of("preprocessor_config.json");
  const auto text = model.find("preprocessor_config.json");
  if (!text) {
    throw InputError(model.path(),
                     "holds neither preprocessor_config.json nor a processor_config.json with "
                     "\"image_processor\"",
                     "copy either from the base model");
  }
  return {older, image::preprocess_options_from_json(parse_json(*text, older), older)};
}

// Images are cut for the tower that will see them.
void check_patches_fit(const ImageSettings& settings, const spec::VisionConfig& vision) {
  const auto check = [&](std::string_view key, int64_t found, int64_t expected) {
    if (found == expected) return;
    throw InputError(settings.file,
                     cat("key \"", key, "\" is ", found, ", but config.json says ", expected));
  };
  check("patch_size", settings.options.patch_size_px, vision.patch_size);
  check("temporal_patch_size", settings.options.temporal_patch_size, vision.temporal_patch_size);
  check("merge_size", settings.options.merge_size, vision.spatial_merge_size);
}

// The template's tokens exist, and those that config.json names too have its ids.
void check_tokens(const text::Tokenizer& tokenizer, const spec::ModelConfig& config,
                  ChatStyle style, const std::string& folder) {
  const auto require = [&](std::string_view token) {
    const std::optional<int32_t> id = tokenizer.id_of(token);
    if (!id) throw InputError(folder, cat("its tokenizer lacks the token ", token));
    return *id;
  };
  const auto require_id = [&](std::string_view token, int64_t expected) {
    const int32_t id = require(token);
    if (id == expected) return;
    throw InputError(folder, cat("token ", token, " is ", id, " in the tokenizer, but ", expected,
                                 " in config.json"));
  };
  require(kTurnStart);
  require(kTurnEnd);
  require_id(kVisionStart, config.vision_start_token_id);
  require_id(kImagePad, config.image_token_id);
  require_id(kVisionEnd, config.vision_end_token_id);
  if (style == ChatStyle::kThinking) {
    require(kThinkStart);
    require(kThinkEnd);
  }
  if (tokenizer.size() > config.text.vocab_size) {
    throw InputError(folder,
                     cat("its tokenizer has ", tokenizer.size(),
                         " tokens, but config.json says vocab_size ", config.text.vocab_size));
  }
}

// <|im_end|> first, then what generation_config.json adds (one id or a list).
std::vector<int32_t> read_end_ids(const NamedFiles& model, const text::Tokenizer& tokenizer) {
  std::vector<int32_t> ids{tokenizer.id_of(kTurnEnd).value()};
  const std::string path = model.path_of("generation_config.json");
  const auto text = model.find("generation_config.json");
  if (!text) return ids;
  const Json json = parse_json(*text, path);
  const auto found = json.is_object() ? json.find("eos_token_id") : json.end();
  if (found == json.end() || found->is_null()) return ids;
  const Json list = found->is_array() ? *found : Json::array({*found});
  for (const auto id : json_as<std::vector<int64_t>>(list, path, "eos_token_id")) {
    if (id < 0 || id >= tokenizer.size()) {
      throw InputError(path, cat("key \"eos_token_id\": token ", id, " is not in the tokenizer"));
    }
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
      ids.push_back(static_cast<int32_t>(id));
    }
  }
  return ids;
}

int64_t tokens_of(const image::PatchGrid& grid, const spec::ModelConfig& config) {
  const int64_t merge = config.vision.spatial_merge_size;
  return grid.num_patches() / (merge * merge);
}

void append_pieces(const std::vector<ChatPiece>& pieces, const text::Tokenizer& tokenizer,
                   const spec::ModelConfig& config, ModelInput& input, size_t& image_index) {
  for (const ChatPiece& piece : pieces) {
    if (!piece.is_token) {
      const std::vector<int32_t> ids = tokenizer.encode(piece.text, text::AddedTokens::kAsText);
      input.ids.insert(input.ids.end(), ids.begin(), ids.end());
      continue;
    }
    int64_t count = 1;
    if (piece.text == kImagePad) {
      LMC_CHECK(image_index < input.images.size(), "the conversation has more images than the ",
                input.images.size(), " given");
      count = tokens_of(*input.images[image_index++], config);
    }
    input.ids.insert(input.ids.end(), static_cast<size_t>(count),
                     tokenizer.id_of(piece.text).value());
  }
}

void add_positions(ModelInput& input, const spec::ModelConfig& config) {
  input.next_position =
      mrope_positions(input.ids, static_cast<int32_t>(config.image_token_id),
                      config.vision.spatial_merge_size, input.images, input.positions);
}

}  // namespace

Processor::Processor(const std::string& path)
    : config_(spec::read_model_config(path)),
      tokenizer_(std::make_shared<const text::Tokenizer>(text::Tokenizer::load(path))),
      style_(read_chat_style(path)) {
  const auto model = open_named_files(path);
  const ImageSettings settings = read_image_settings(*model);
  check_patches_fit(settings, config_.vision);
  preprocess_ = settings.options;
  check_tokens(*tokenizer_, config_, style_, path);
  end_ids_ = read_end_ids(*model, *tokenizer_);
}

ModelInput Processor::for_reply(const std::vector<Message>& messages, Images images) const {
  ModelInput input;
  input.images = std::move(images);
  size_t image_index = 0;
  append_pieces(chat_pieces(messages, style_, true), *tokenizer_, config_, input, image_index);
  input.is_target.assign(input.ids.size(), 0);
  add_positions(input, config_);
  return input;
}

ModelInput Processor::for_training(const std::vector<Message>& messages, const std::string& reply,
                                   Images images) const {
  ModelInput input;
  input.images = std::move(images);
  size_t image_index = 0;
  append_pieces(chat_pieces(messages, style_, true), *tokenizer_, config_, input, image_index);
  input.is_target.assign(input.ids.size(), 0);
  // Encoded apart from the prompt: generation, too, continues after the prompt's last token.
  append_pieces(reply_pieces(reply, style_), *tokenizer_, config_, input, image_index);
  input.is_target.resize(input.ids.size(), 1);
  add_positions(input, config_);
  return input;
}

ModelInput Processor::for_raw_text(const std::string& text, Images images) const {
  ModelInput input;
  input.images = std::move(images);
  size_t image_index = 0;
  for (const int32_t id : tokenizer_->encode(text)) {
    size_t count = 1;
    if (id == config_.image_token_id) {
      if (image_index < input.images.size()) {
        count = static_cast<size_t>(tokens_of(*input.images[image_index], config_));
      }
      ++image_index;
    }
    input.ids.insert(input.ids.end(), count, id);
  }
  if (image_index != input.images.size()) {
    throw InputError("text", cat("holds ", image_index, " times ", kImagePad, ", but ",
                                 input.images.size(), " images are given"));
  }
  input.is_target.assign(input.ids.size(), 0);
  add_positions(input, config_);
  return input;
}

std::string Processor::whole_reply(std::string_view generated) const {
  return style_ == ChatStyle::kThinking ? cat(kThinkStart, "\n", generated)
                                        : std::string(generated);
}

std::shared_ptr<const image::PatchGrid> Processor::patches(const image::Image& image,
                                                           std::string_view where) const {
  return std::make_shared<const image::PatchGrid>(image::preprocess(image, preprocess_, where));
}

Processor Processor::with_max_area_px(int64_t area_px) const {
  if (area_px == 0) return *this;
  const int64_t token_side_px = preprocess_.patch_size_px * preprocess_.merge_size;
  const int64_t least = token_side_px * token_side_px;
  if (area_px < least) {
    throw InputError("image area",
                     cat("expected at least ", least, " pixels, one token; found ", area_px));
  }
  Processor other = *this;
  other.preprocess_.max_area_px = area_px;
  other.preprocess_.min_area_px = std::min(preprocess_.min_area_px, area_px);
  return other;
}

}  // namespace lmc::prompt
