#include "grounding/reply_evidence.h"

#include "base/check.h"                 // InputError
#include "data/read_image.h"            // read_image
#include "eval/question_prompt.h"       // question_input
#include "grounding/image_condition.h"  // at_model_size

namespace lmc::grounding {

namespace {

record::ReplyEvidence evidence_of(infer::Engine& engine, const prompt::Processor& processor,
                                  const record::Question& question, const std::string& reply,
                                  const record::Question* other, EvidenceOptions& options) {
  const image::Image stored = data::read_image(question);
  const image::Image image = at_model_size(stored, processor.preprocess_options(), question.image);
  options.another.reset();
  if (other != nullptr) {
    options.another = at_size(data::read_image(*other), {image.height_px, image.width_px});
  }
  const EvidenceModel model = evidence_model(engine, processor, [&](const image::Image& shown) {
    return eval::question_input(question, &shown, "", processor,
                                prompt::ReplyStyle::kReasoningThenAnswer);
  });
  return sentence_evidence(model, image, reply, boxes_of(question, stored), options);
}

}  // namespace

record::ReplyEvidence reply_evidence(infer::Engine& engine, const prompt::Processor& processor,
                                     const record::Question& question, const record::Answer& real,
                                     const record::Question* other, EvidenceOptions options) {
  record::ReplyEvidence evidence;
  evidence.error = real.error;
  if (evidence.error.empty()) {
    try {
      evidence = evidence_of(engine, processor, question, real.reply, other, options);
    } catch (const InputError& error) {
      evidence.error = error.what();
    }
  }
  evidence.question_id = question.id;
  evidence.image_group = real.image_group;
  return evidence;
}

}  // namespace lmc::grounding
