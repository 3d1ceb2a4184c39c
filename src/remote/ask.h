// Puts the prompts of a stage to a model behind an OpenAI-compatible endpoint.
//
// The requests go through the loop of `teach`, with its retries, its adaptive number in flight, and
// its refusal to send anything off this machine unasked. Its files stand in the run's folder:
//   asks.jsonl      what is asked: a question a line, as it is shown
//   replies.jsonl   the ledger: a line for every prompt that has its reply
// So a run that was killed asks again only for what was in flight.
// What an endpoint gives: replies, and of their tokens the likeliest alternatives. Where it gives
// the latter, and all letters are among them where the answer stands, their log-probabilities are a
// confidence; else there is none.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "base/fields.h"               // Field
#include "infer/sampling.h"            // SamplingOptions
#include "prompt/question.h"           // ReplyStyle
#include "record/answer.h"             // Answer
#include "record/explanation.h"        // Explanation
#include "record/manifest.h"           // Manifest
#include "record/question.h"           // Question
#include "teacher/endpoint_options.h"  // EndpointOptions
#include "teacher/picture.h"           // PictureSource

namespace lmc::remote {

struct RemoteOptions : teacher::EndpointOptions {
  std::string model;  // at the endpoint; the stage's own --model
  int64_t top_log_probs = 0;

  std::vector<Field> fields();
};

// How a stage asks.
struct AskForm {
  std::string stage;   // "evaluate"
  std::string folder;  // of the run
  prompt::ReplyStyle style = prompt::ReplyStyle::kReasoningThenAnswer;
  infer::SamplingOptions sampling;
  int64_t max_image_area = 0;       // 0: as stored
  teacher::PictureSource pictures;  // null: the questions' files
};

// The answer to every question, in order; their ids must differ. A question's caption is shown, a
// question without an image is asked without one. An answer has letter, reply, finish,
// reply_tokens, letter_log_probability, or error.
// Errors: InputError as teacher::teach, also when some prompts have no reply yet.
std::vector<record::Answer> ask(const std::vector<record::Question>& asks,
                                const RemoteOptions& options, const AskForm& form,
                                std::ostream& progress_out);

// What a run's manifest says of who answers.
record::Manifest manifest(const RemoteOptions& options);

// Of the alternatives where the reply's letter stands; empty when a letter is not among them.
std::map<char, double> letter_log_probability(const record::Explanation& line,
                                              const record::Question& question);

}  // namespace lmc::remote
