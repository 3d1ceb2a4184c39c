// The one interface between a model and everything that uses one.
//
// An engine prefills prompts with pictures, then continues them token by token. A Session is a
// batch of prompts in flight; select() copies or drops rows, so that one prefill serves many
// continuations. Implementations: model/ (libtorch), runtime/ (device), FakeEngine (tests).
// Letters: B rows of a session, V vocabulary.
// Threads: an engine serves one thread at a time; so does a session.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "prompt/model_input.h"  // ModelInput

namespace lmc::infer {

class Explainer;  // explainer.h

class Session {
 public:
  virtual ~Session() = default;

  virtual int64_t num_rows() const = 0;

  // Logits of the token that follows row `row`, [V] in f32. Valid until the next step() or
  // select().
  virtual std::span<const float> logits(int64_t row) = 0;

  // Appends one token to every row.
  virtual void step(std::span<const int32_t> token_per_row) = 0;

  // A new session whose row i continues this one's row rows[i]; rows may repeat or be left out.
  virtual std::unique_ptr<Session> select(std::span<const int64_t> rows) = 0;
};

struct EngineInfo {
  std::string name;    // for manifests: "torch", "device", "fake"
  std::string dtype;   // "float32", "bfloat16", ...
  std::string device;  // "cpu", "cuda:0"
  int64_t vocab_size = 0;
  int64_t max_positions = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual EngineInfo info() const = 0;

  // Rows may differ in length and in number of pictures.
  virtual std::unique_ptr<Session> prefill(std::span<const prompt::ModelInput> rows) = 0;

  // Null: this engine cannot look inside its model. Belongs to the engine.
  virtual Explainer* explainer() { return nullptr; }
};

}  // namespace lmc::infer
