// What the tokens of an image contribute to given texts, from inside a model. An engine that can
// tell has one (Engine::explainer).
//
//   gradient    gradient times input: of each visual token, the derivative of log p(text | what
//               stands before it) by a factor on what the language model is given of it, the
//               features that take the place of its embedding and those that are added to the first
//               layers (DeepStack), at the factor 1. To first order, what the text loses when the
//               token's features fade; nats.
//   attention   the softmax weight that the text's tokens give to the visual token, mean over those
//               tokens, over heads and over layers; a share. It says where a text's tokens read,
//               not what they made of it, and costs no pass back.
// Source: gradient: Shrikumar et al., arXiv 1605.01713; that attention is no explanation by itself:
//         Jain and Wallace, arXiv 1902.10186, so it is tested like any other (grounding/).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/enum_names.h"     // Named
#include "infer/engine.h"        // SharedFeatures
#include "prompt/model_input.h"  // ModelInput

namespace lmc::infer {

enum class RelevanceKind { kGradient, kAttention };
constexpr auto names_of(RelevanceKind) {
  return std::to_array<Named<RelevanceKind>>(
      {{RelevanceKind::kGradient, "gradient"}, {RelevanceKind::kAttention, "attention"}});
}

// By the image's visual tokens, row by row from the top left.
struct Relevance {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<double> values;  // rows * columns
};

// Tokens [first, first + count) of a row.
struct TokenRun {
  int64_t first = 0;
  int64_t count = 0;
};

class Explainer {
 public:
  virtual ~Explainer() = default;

  virtual bool tells(RelevanceKind kind) const = 0;

  // Of each text, in order, with one pass forward over the row. The texts stand behind the row's
  // one image, of which the engine made `features`.
  // Threads: as the engine.
  virtual std::vector<Relevance> image_relevance(RelevanceKind kind, const prompt::ModelInput& row,
                                                 const SharedFeatures& features,
                                                 std::span<const TokenRun> texts) = 0;
};

// With the image encoded for this alone.
inline std::vector<Relevance> image_relevance(Engine& engine, RelevanceKind kind,
                                              const prompt::ModelInput& row,
                                              std::span<const TokenRun> texts) {
  const image::PatchGrid* const image = row.images.at(0).get();
  return engine.explainer()->image_relevance(kind, row, engine.encode({&image, 1}).front(), texts);
}

}  // namespace lmc::infer
