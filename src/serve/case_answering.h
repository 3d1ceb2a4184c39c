// One question of the page on its way through the queue: the reply with the image and the reply
// without it, side by side, then the weighing of the options behind each.
//
// Both replies are greedy unless the server samples, and draw from the same streams each time: the same
// image and question get the same answer. The weighing reads the prompt and the reply once more from
// what the engine still holds of them.
// Threads: next() and answer() one at a time, those of a connection.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "infer/sampling.h"       // SamplingOptions
#include "prompt/model_input.h"   // ModelInput
#include "serve/case_answer.h"    // CaseAnswer
#include "serve/case_request.h"   // CaseRequest
#include "serve/chat_backend.h"   // ChatBackend
#include "serve/request_queue.h"  // RequestQueue

namespace lmc::serve {

class CaseAnswering {
 public:
  // Takes its places in the queue, reads the image and submits. Backend and queue outlive it; the
  // request's image is given back.
  // Errors: ApiError (400, 503), ClientLeft.
  CaseAnswering(const ChatBackend& backend, RequestQueue& queue,
                const infer::SamplingOptions& sampling, CaseRequest& request,
                std::stop_token client_left);
  ~CaseAnswering();  // whatever is still being made of it is cancelled
  CaseAnswering(const CaseAnswering&) = delete;
  CaseAnswering& operator=(const CaseAnswering&) = delete;

  // Text of the reply that has come since the last call; waits for some. Nothing at its end.
  // Errors: those of the engine; ClientLeft.
  std::optional<std::string> next();
  // After the end of the text.
  CaseAnswer answer();

  // Of both replies; known after answer().
  int64_t num_prompt_tokens() const { return num_prompt_tokens_; }
  int64_t num_reply_tokens() const { return num_reply_tokens_; }

 private:
  // One of the two replies.
  struct Side {
    prompt::ModelInput prompt;
    std::shared_ptr<PendingReply> reply;
  };

  Side submit(bool has_image, std::vector<ImageReader::Patches> images);
  std::string whole_reply(Side& side);
  std::optional<WeighedOptions> weigh(Side& side);
  const std::vector<infer::Reply>& wait(PendingReply& reply);

  const ChatBackend& backend_;
  RequestQueue& queue_;
  const infer::SamplingOptions sampling_;
  const std::string question_;
  const std::map<char, std::string> options_;
  const std::stop_token client_left_;
  std::vector<RequestQueue::Place> places_;
  Side with_image_;
  std::optional<Side> without_image_;  // nothing where there are no options to compare
  int64_t num_prompt_tokens_ = 0;
  int64_t num_reply_tokens_ = 0;
};

}  // namespace lmc::serve
