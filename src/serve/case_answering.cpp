#include "serve/case_answering.h"

#include <iterator>
#include <utility>

#include "eval/answer_slot.h"       // find_answer_slot, letter_log_probabilities
#include "infer/context.h"          // too_long
#include "reading/answer_letter.h"  // answer_letter, reasoning_of
#include "serve/api_error.h"        // ApiError

namespace lmc::serve {

namespace {

// All at once: who waits for the second half of an answer has a right to it.
std::vector<RequestQueue::Place> take_places(RequestQueue& queue, size_t count) {
  std::vector<RequestQueue::Place> places;
  while (places.size() < count) {
    auto place = queue.take_place();
    if (!place) throw ApiError(503, "busy: the queue is full", "busy");
    places.push_back(std::move(*place));
  }
  return places;
}

}  // namespace

CaseAnswering::CaseAnswering(const ChatBackend& backend, RequestQueue& queue,
                             const infer::SamplingOptions& sampling, CaseRequest& request,
                             std::stop_token client_left)
    : backend_(backend),
      queue_(queue),
      sampling_(sampling),
      question_(request.question),
      options_(request.options),
      client_left_(std::move(client_left)),
      places_(take_places(queue, options_.empty() ? 1 : 4)) {
  std::vector<ImageReader::Patches> images =
      backend_.cases->images->read({&request.image, 1}, "image", client_left_, request.view);
  request.image = {};
  with_image_ = submit(true, std::move(images));
  if (!options_.empty()) without_image_ = submit(false, {});
}

CaseAnswering::~CaseAnswering() {
  for (Side* const side : {&with_image_, without_image_ ? &*without_image_ : nullptr}) {
    if (side != nullptr && side->reply) queue_.cancel(*side->reply);
  }
}

CaseAnswering::Side CaseAnswering::submit(bool has_image,
                                          std::vector<ImageReader::Patches> images) {
  Side side;
  side.prompt = backend_.cases->processor.for_reply(case_messages(question_, options_, has_image),
                                                    std::move(images));
  const std::string problem = infer::too_long(side.prompt, backend_.engine.info());
  if (!problem.empty()) throw ApiError(400, problem, "context_length_exceeded", "question");
  QueuedRequest queued;
  queued.prompt = side.prompt;
  queued.sampling = sampling_;
  side.reply = queued.reply;
  num_prompt_tokens_ += std::ssize(side.prompt.ids);
  queue_.submit(std::move(places_.back()), std::move(queued));
  places_.pop_back();
  return side;
}

std::optional<std::string> CaseAnswering::next() {
  const std::stop_callback cancelling(client_left_, [&] { queue_.cancel(*with_image_.reply); });
  const auto piece = with_image_.reply->next();
  if (!piece) return std::nullopt;
  return piece->text;
}

CaseAnswer CaseAnswering::answer() {
  CaseAnswer answer;
  const infer::Reply& reply = wait(*with_image_.reply).front();
  answer.finish = reply.finish;
  num_reply_tokens_ = std::ssize(reply.ids);
  if (options_.empty()) return answer;
  answer.options = options_;
  answer.stated = reading::answer_letter(whole_reply(with_image_), options_);
  answer.with_image = weigh(with_image_);
  answer.without_image = weigh(*without_image_);
  num_reply_tokens_ += std::ssize(wait(*without_image_->reply).front().ids);
  const CaseBackend& cases = *backend_.cases;
  answer.is_calibrated = cases.calibration.has_value();
  if (cases.sets) answer.coverage = cases.sets->coverage;
  answer.sure_from = cases.sure_from;
  return answer;
}

const std::vector<infer::Reply>& CaseAnswering::wait(PendingReply& reply) {
  const std::stop_callback cancelling(client_left_, [&] { queue_.cancel(reply); });
  return reply.wait();
}

std::string CaseAnswering::whole_reply(Side& side) {
  return backend_.cases->processor.whole_reply(wait(*side.reply).front().text);
}

// Nothing for a reply that leaves no room for it.
std::optional<WeighedOptions> CaseAnswering::weigh(Side& side) {
  const eval::AnswerSlot slot = eval::find_answer_slot(
      options_, reading::reasoning_of(whole_reply(side)), backend_.cases->processor, "choices");
  QueuedRequest queued;
  queued.prompt = std::move(side.prompt);
  prompt::append_text(slot.prefix_ids, queued.prompt);
  if (!infer::too_long(queued.prompt, backend_.engine.info()).empty()) return std::nullopt;
  queued.continuations.resize(1);  // of nothing: what is wanted stands behind the prompt
  // The engine's thread may come to it when nobody waits any more.
  const auto log_probabilities = std::make_shared<std::map<char, double>>();
  queued.take_scores = [log_probabilities, options = options_,
                        letter_ids = slot.letter_ids](const std::vector<infer::Score>& scores) {
    *log_probabilities =
        eval::letter_log_probabilities(scores.front().next_logits_V, options, letter_ids);
    return std::vector<infer::Reply>(1);
  };
  const auto reply = queued.reply;
  queue_.submit(std::move(places_.back()), std::move(queued));
  places_.pop_back();
  wait(*reply);
  return weighed(*log_probabilities, backend_.cases->calibration, backend_.cases->sets);
}

}  // namespace lmc::serve
