// Conversation and images to ModelInput: the only way in, for training, evaluation and serving.
//
// Text that came from data or a user is encoded as plain text: "<|im_end|>" in a question never
// becomes the token. The template's own tokens are placed by us.
// Threads: any; nothing changes after construction.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "image/preprocess.h"    // PreprocessOptions, PatchGrid
#include "prompt/chat.h"         // Message, ChatStyle
#include "prompt/model_input.h"  // ModelInput
#include "spec/model_config.h"   // ModelConfig
#include "text/tokenizer.h"      // Tokenizer

namespace lmc::prompt {

class Processor {
 public:
  // Reads config.json, image settings (either file), tokenizer and template; needs no weights.
  explicit Processor(const std::string& folder);

  // A conversation that ends where the assistant's reply begins. For Thinking models the reply
  // begins inside the <think> block.
  ModelInput for_reply(const std::vector<Message>& messages,
                       std::vector<std::shared_ptr<const image::PatchGrid>> images) const;

  // The same conversation with the reply to learn: `reply` and <|im_end|> are marked as targets.
  ModelInput for_training(const std::vector<Message>& messages, const std::string& reply,
                          std::vector<std::shared_ptr<const image::PatchGrid>> images) const;

  // Raw text through the tokenizer (specials parsed, each <|image_pad|> repeated as its image
  // needs): what `inspect --no-template` and tests against transformers use.
  ModelInput for_raw_text(const std::string& text,
                          std::vector<std::shared_ptr<const image::PatchGrid>> images) const;

  // What was generated after for_reply's prompt, with the <think> that a Thinking prompt has
  // opened: so that a reply cut short inside the block is seen to be one.
  std::string whole_reply(std::string_view generated) const;

  std::shared_ptr<const image::PatchGrid> patches(const image::Image& image,
                                                  std::string_view where) const;

  const text::Tokenizer& tokenizer() const { return *tokenizer_; }
  const spec::ModelConfig& config() const { return config_; }
  const image::PreprocessOptions& preprocess_options() const { return preprocess_; }
  ChatStyle style() const { return style_; }
  // Tokens at which generation ends: <|im_end|> and those of generation_config.json.
  const std::vector<int32_t>& end_ids() const { return end_ids_; }
  // The same with another image budget than the folder's (an option of train, evaluate, ground,
  // ask, serve): area in pixels; 0: the same altogether.
  // Errors: InputError below the area of one token.
  Processor with_max_area_px(int64_t area_px) const;

 private:
  spec::ModelConfig config_;
  image::PreprocessOptions preprocess_;
  std::shared_ptr<const text::Tokenizer> tokenizer_;  // of all copies
  ChatStyle style_;
  std::vector<int32_t> end_ids_;
};

}  // namespace lmc::prompt
