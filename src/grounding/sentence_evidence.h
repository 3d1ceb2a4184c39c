// Sentences that can be checked: for each sentence of a reply, whether it comes from the image and
// where the model looked.
//
//   owed to the image:  log p(sentence | image) - log p(sentence | an image in its place), each
//                    token after the prompt and all of the reply before it. Near zero: the sentence
//                    would have been written without seeing. In its place stands a grey image, the
//                    image itself so blurred (Gaussian, an eighth of the shorter side) that only its
//                    brightness and layout remain, and another case's where there is one.
//   occlusion:       value of a cell = log p(sentence | image) - log p(sentence | image with the
//                    cell hidden); all sentences of a reply from the same passes
//   gradient, attention:  of the image's visual tokens for the sentence's tokens
//                    (infer/explainer.h), where the engine can tell
// A grey image is unlike any that a model was trained on and upsets also one that does not look:
// by 6.9 nats a sentence on phantoms, where a blurred or another image moves it by 0.02. So the
// blurred one is what a single case is held against.
// How far a map can be trusted is measured where it is known what a sentence speaks of
// (sentence_metrics.h).
// Source: occlusion: Zeiler and Fergus, ECCV 2014; the difference to a grey image: after VCD,
//         arXiv 2311.16922, per sentence.
// Cost: 3 or 4 scored replies, with occlusion one more for each cell, with attention one pass forward,
//       with the gradient one forward and one back for each sentence.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "grounding/occlusion.h"       // Fill
#include "grounding/question_boxes.h"  // LabelledBox
#include "infer/explainer.h"           // RelevanceKind, TokenRun
#include "infer/scheduler.h"           // Score
#include "record/sentence_evidence.h"  // ReplyEvidence

namespace lmc::grounding {

// Who scores replies. An engine of one's own: scorer_of(); a server puts its own queue behind it.
struct EvidenceModel {
  // The prompt that the reply answered, with this image in place of its own.
  std::function<prompt::ModelInput(const image::Image&)> prompt_with;
  // The score of the same continuation behind each prompt.
  std::function<std::vector<infer::Score>(std::vector<prompt::ModelInput> prompts,
                                          const std::vector<int32_t>& continuation)>
      score;
  // Maps from inside the model, of these kinds.
  std::vector<infer::RelevanceKind> kinds;
  std::function<std::vector<infer::Relevance>(infer::RelevanceKind, const prompt::ModelInput& row,
                                              std::span<const infer::TokenRun> texts)>
      relevance;
  const prompt::Processor& processor;
};

// Of an engine that nobody else uses meanwhile, with all that it can tell; all must outlive it.
EvidenceModel evidence_model(infer::Engine& engine, const prompt::Processor& processor,
                             std::function<prompt::ModelInput(const image::Image&)> prompt_with);

struct EvidenceOptions {
  bool occlusion = true;
  int64_t grid = 8;  // cells down and across; 0: the model's visual tokens
  Fill fill = Fill::kSurroundings;
  int64_t batch = 16;  // images scored together
  // The image of another case, of the same size; none: it is left out.
  std::optional<image::Image> another;
  // Called with scored images of all; false stops.
  std::function<bool(int64_t done, int64_t all)> on_progress = {};
};

// `image` has the size at which the model sees it (image_condition.h). Question and image group are
// left empty.
// Errors: InputError when the reply with its prompt is too long for the engine; Interrupted when
// on_progress stops it.
record::ReplyEvidence sentence_evidence(const EvidenceModel& model, const image::Image& image,
                                        const std::string& reply,
                                        const std::vector<LabelledBox>& boxes,
                                        const EvidenceOptions& options);

}  // namespace lmc::grounding
