// A model behind an OpenAI-compatible endpoint as the one who answers.
//
// Its files stand in the run's folder:
//   asks.jsonl      the prompts: a question a line, as it is shown
//   replies.jsonl   a line for every prompt that has its reply, as it came (endpoint_reply.h)
//   pictures/       images that were written anew; it may be deleted at any time
// So a run that was killed asks again only for what was in flight. Several samples of a question
// are prompts of their own.
// What an endpoint gives: replies, and of their tokens the likeliest alternatives. Where it gives
// the latter, and all letters are among them where the answer stands, their log-probabilities are a
// confidence; else there is none.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "eval/endpoint_model.h"    // EndpointModel
#include "eval/predictor.h"         // Predictor, PredictionOptions
#include "record/endpoint_reply.h"  // EndpointReply

namespace lmc::eval {

struct EndpointRun {
  std::string stage;           // "evaluate"
  std::string folder;          // of the run
  int64_t max_image_area = 0;  // 0: files as they are, other images as the model's own budget is
};

class EndpointPredictor : public Predictor {
 public:
  // `options` without likelihoods. Progress goes to `progress_out`, which outlives it.
  // Errors: InputError for options, also for an endpoint that is not on this machine, unless
  // uploads are allowed, and for a missing key.
  EndpointPredictor(const EndpointModel& model, const PredictionOptions& options, EndpointRun run,
                    std::ostream& progress_out);

  // Waits for all replies before it hands on the first answer.
  // Errors: also InputError when endpoints refuse or fail everything, when some prompts have no
  // reply yet, and when replies.jsonl is of other prompts.
  void answer(PromptList& prompts, size_t begin) override;

 private:
  struct Request;
  class Work;

  std::string replies_path() const;
  // Also writes them to asks.jsonl.
  std::vector<Request> requests_of(PromptList& prompts) const;
  std::vector<const Request*> without_reply(const std::vector<Request>& requests) const;
  // `count`: of all requests, those with a reply among them.
  void ask_for(std::vector<const Request*> missing, size_t count, PromptList& prompts) const;
  record::Answer answer_of(std::span<const Request> samples,
                           const std::map<std::string, record::EndpointReply>& replies) const;

  EndpointModel model_;
  PredictionOptions options_;
  EndpointRun run_;
  client::SamplingParams drawing_;  // without the seed
  std::ostream& progress_out_;
};

// Of the alternatives at the last place where the reply has its letter on its own, those that are
// letters of the question; empty when one of these is not among them.
std::map<char, double> letter_log_probability(const record::EndpointReply& reply,
                                              const record::Question& question);

}  // namespace lmc::eval
