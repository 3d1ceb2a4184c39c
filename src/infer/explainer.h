// What the tokens of an image contribute to a given text, from inside a model. An engine that can
// tell has one (Engine::explainer).
#pragma once

#include <cstdint>
#include <vector>

#include "prompt/model_input.h"  // ModelInput

namespace lmc::infer {

// By the image's visual tokens, row by row from the top left.
struct Relevance {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<double> values;  // nats; rows * columns
};

class Explainer {
 public:
  virtual ~Explainer() = default;

  // Gradient times input: of each visual token, the derivative of log p(text | what stands before
  // it) by a factor on what the language model is given of it, the features that take the place of
  // its embedding and those that are added to the first layers (DeepStack), at the factor 1. To
  // first order, what the text loses when the token's features fade. The text are the last
  // `text_tokens` of `row`, which has one image.
  // Source: Shrikumar et al., arXiv 1605.01713.
  // Threads: as the engine.
  virtual Relevance image_relevance(const prompt::ModelInput& row, int64_t text_tokens) = 0;
};

}  // namespace lmc::infer
