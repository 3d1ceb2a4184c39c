// A stand-in for a model, for tests: it replies with what it was asked.
#pragma once

#include <atomic>
#include <cmath>
#include <cstdint>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"          // InputError, InternalError
#include "serve/chat_backend.h"  // ChatBackend
#include "support/scripted_engine.h"

namespace lmc::serve {

// The last text of the conversation is the reply; "fail" and "bad" raise errors. Prompts have a
// token for each byte. A drawn token has the log probability -0.25, half a character -2.
class EchoModel {
 public:
  static prompt::ModelInput prepare(const ChatRequest& request, const std::stop_token&) {
    prompt::ModelInput input;
    for (const char c : request.messages.back().parts.back().text) {
      input.ids.push_back(static_cast<uint8_t>(c));
    }
    input.next_position = static_cast<int32_t>(input.ids.size());
    if (request.messages.back().parts.back().text == "bad") throw InputError("image 1", "broken");
    return input;
  }

  ChatBackend backend() { return {"echo", prepare, engine, tokenizer, end_ids}; }

  int64_t num_tokens(std::string_view text) const { return std::ssize(tokenizer.encode(text)); }

  const text::Tokenizer tokenizer =
      text::Tokenizer::load(std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model");
  const std::vector<int32_t> end_ids{tokenizer.id_of("<|im_end|>").value()};
  infer::ScriptedEngine engine{
      tokenizer.size(), infer::ScriptedEngine::NextLogits([this](const prompt::ModelInput& prompt,
                                                                 std::span<const int32_t> after) {
        return next_logits(prompt, after.size());
      })};
  std::atomic<bool> gated{false};
  std::counting_semaphore<> entered{0};
  std::counting_semaphore<> gate{0};

 private:
  std::vector<float> next_logits(const prompt::ModelInput& prompt, size_t place) {
    if (gated) {
      entered.release();
      gate.acquire();
    }
    const std::string text(prompt.ids.begin(), prompt.ids.end());
    if (text == "fail") throw InternalError("the row \"patient's name\" broke");
    const std::vector<int32_t> reply = tokenizer.encode(text);
    const int32_t drawn = place < reply.size() ? reply[place] : end_ids[0];
    const auto vocab_size = static_cast<size_t>(tokenizer.size());
    const double rest = (1 - std::exp(-0.25) - std::exp(-2)) / static_cast<double>(vocab_size - 2);
    std::vector<float> logits_V(vocab_size, static_cast<float>(std::log(rest)));
    logits_V[static_cast<size_t>(half_)] = -2;
    logits_V[static_cast<size_t>(drawn)] = -0.25;
    return logits_V;
  }

  const int32_t half_ = tokenizer.encode("\u00E9").front();  // 0xC3 of 0xC3 0xA9
};

}  // namespace lmc::serve
