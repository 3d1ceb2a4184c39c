// What is shown of a question under a condition, whoever is asked, and how the answer is read back.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "grounding/condition.h"  // Ask
#include "image/preprocess.h"     // Image, PreprocessOptions
#include "record/answer.h"        // Answer
#include "record/probe.h"         // ProbeAnswer
#include "record/question.h"      // Question

namespace lmc::grounding {

// With the options that are shown.
record::Question question_as_asked(const record::Question& question, const Ask& ask);

// Empty but under its own condition.
std::string caption_as_asked(const record::Question& question, const Ask& ask);

// `own` and `donor_image`, the image of question `ask.image`, have the size at which a model sees
// them (at_model_size). Not for Condition::kAbsent.
image::Image image_as_asked(const image::Image& own, const image::Image& donor_image,
                            const Ask& ask, const std::string& question_id, uint64_t seed,
                            const image::PreprocessOptions& options);

// Whose answer it will be.
record::ProbeAnswer unanswered(std::span<const record::Question> questions, const Ask& ask);

// From the letters that were shown to the question's own.
void translate_letters(const record::Question& question, const Ask& ask, record::Answer& answer);

}  // namespace lmc::grounding
