// The prompt of a question, and the reading of what a model replies to it.
#pragma once

#include <string>

#include "infer/reply.h"       // Reply
#include "prompt/processor.h"  // Processor, ModelInput
#include "prompt/question.h"   // ReplyStyle
#include "record/answer.h"     // AnswerSample
#include "record/question.h"   // Question

namespace lmc::eval {

// With this image; null: with none. An empty caption is left out.
prompt::ModelInput question_input(const record::Question& question, const image::Image* image,
                                  const std::string& caption, const prompt::Processor& processor,
                                  prompt::ReplyStyle style);

// The whole reply and the letter it names, of the options as they were shown.
record::AnswerSample read_reply(const infer::Reply& reply, const record::Question& shown,
                                const prompt::Processor& processor);

}  // namespace lmc::eval
