#include "serve/sentence_check.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"                   // cat
#include "grounding/sentence_evidence.h"  // sentence_evidence
#include "infer/explainer.h"              // Explainer
#include "serve/api_error.h"              // ApiError
#include "serve/client_left.h"            // ClientLeft

namespace lmc::serve {

namespace {

constexpr size_t kMostTogether = 8;  // images that are scored at the same time

// The scorer of sentence_evidence() behind a queue.
class QueuedScorer {
 public:
  QueuedScorer(RequestQueue& queue, const std::stop_token& client_left)
      : queue_(queue), client_left_(client_left) {}

  std::vector<infer::Score> score(std::vector<prompt::ModelInput> prompts,
                                  const std::vector<int32_t>& continuation) const {
    // What the engine's thread writes outlives who waits for it.
    const auto scores = std::make_shared<std::vector<infer::Score>>(prompts.size());
    std::vector<std::shared_ptr<PendingReply>> replies;
    for (size_t i = 0; i < prompts.size(); ++i) {
      QueuedRequest queued;
      queued.prompt = std::move(prompts[i]);
      queued.continuations = {continuation};
      queued.take_scores = [scores, i](std::vector<infer::Score> made) {
        (*scores)[i] = std::move(made.front());
        (*scores)[i].next_logits_V = {};
        return std::vector<infer::Reply>(1);
      };
      replies.push_back(submit(std::move(queued)));
    }
    for (const auto& reply : replies) wait(*reply);
    return std::move(*scores);
  }

  std::vector<infer::Relevance> relevance(infer::RelevanceKind kind, const prompt::ModelInput& row,
                                          std::span<const infer::TokenRun> texts) const {
    const auto made = std::make_shared<std::vector<infer::Relevance>>();
    QueuedRequest queued;
    queued.prompt = row;
    queued.work = [made, kind, row, asked = std::vector(texts.begin(), texts.end())](
                      infer::Engine& engine, std::span<const infer::SharedFeatures> images) {
      *made = engine.explainer()->image_relevance(kind, row, images.front(), asked);
    };
    wait(*submit(std::move(queued)));
    return std::move(*made);
  }

  // A pass back is long: others get their turn between two sentences.
  std::vector<infer::Relevance> one_by_one(infer::RelevanceKind kind, const prompt::ModelInput& row,
                                           std::span<const infer::TokenRun> texts) const {
    std::vector<infer::Relevance> all;
    for (size_t i = 0; i < texts.size(); ++i) {
      all.push_back(std::move(relevance(kind, row, texts.subspan(i, 1)).front()));
    }
    return all;
  }

 private:
  std::shared_ptr<PendingReply> submit(QueuedRequest queued) const {
    auto place = queue_.take_place();
    if (!place) throw ApiError(503, "busy: the queue is full", "busy");
    auto reply = queued.reply;
    queue_.submit(std::move(*place), std::move(queued));
    return reply;
  }

  void wait(PendingReply& reply) const {
    const std::stop_callback cancelling(client_left_, [&] { queue_.cancel(reply); });
    reply.wait();
  }

  RequestQueue& queue_;
  const std::stop_token& client_left_;
};

grounding::EvidenceOptions options_of(const CaseBackend& cases, const std::string& method,
                                      size_t batch) {
  const bool is_known = std::any_of(cases.methods.begin(), cases.methods.end(),
                                    [&](const auto& known) { return known.name == method; });
  if (!method.empty() && !is_known) {
    throw ApiError(400, cat("method: this device has no \"", method, "\""), {}, "method");
  }
  grounding::EvidenceOptions options;
  options.occlusion = method == "occlusion";
  options.batch = static_cast<int64_t>(batch);
  return options;
}

Json map_json(const record::ReplyEvidence& evidence, const record::SentenceEvidence& sentence) {
  const auto json = [](const std::vector<double>& values, int64_t rows, int64_t columns) {
    return Json{{"rows", rows}, {"columns", columns}, {"values", values}};
  };
  if (!sentence.occlusion.empty()) {
    return json(sentence.occlusion, evidence.rows, evidence.columns);
  }
  // At most one of them was asked for.
  for (const std::vector<double>* values : {&sentence.gradient, &sentence.attention}) {
    if (!values->empty()) return json(*values, evidence.token_rows, evidence.token_columns);
  }
  return nullptr;
}

Json sentences_json(const record::ReplyEvidence& evidence, const std::string& method) {
  Json list = Json::array();
  for (const record::SentenceEvidence& sentence : evidence.sentences) {
    const auto begin = static_cast<size_t>(sentence.begin);
    const auto end = static_cast<size_t>(sentence.end);
    list.push_back({{"begin", begin},
                    {"end", end},
                    {"text", evidence.reply.substr(begin, end - begin)},
                    {"from_image", sentence.with_image - sentence.without.at("blurred")},
                    {"map", map_json(evidence, sentence)}});
  }
  return {{"method", method.empty() ? Json(nullptr) : Json(method)}, {"sentences", list}};
}

}  // namespace

Json check_sentences(const ChatBackend& backend, RequestQueue& queue, const CaseRequest& request,
                     const std::stop_token& client_left) {
  const CaseBackend& cases = *backend.cases;
  const QueuedScorer scorer(queue, client_left);
  grounding::EvidenceModel model{{}, {}, {}, {}, cases.processor};
  model.prompt_with = [&](const image::Image& shown) {
    return cases.processor.for_reply(case_messages(request.question, request.options, true),
                                     {cases.processor.patches(shown, "image")});
  };
  model.score = [&](std::vector<prompt::ModelInput> prompts,
                    const std::vector<int32_t>& continuation) {
    return scorer.score(std::move(prompts), continuation);
  };
  if (const auto kind = value_named<infer::RelevanceKind>(request.method)) {
    model.kinds = {*kind};
    model.relevance = [&](infer::RelevanceKind asked, const prompt::ModelInput& row,
                          std::span<const infer::TokenRun> texts) {
      return asked == infer::RelevanceKind::kGradient ? scorer.one_by_one(asked, row, texts)
                                                      : scorer.relevance(asked, row, texts);
    };
  }
  const ImageReader::Seen seen =
      cases.images->see(request.image, "image", client_left, request.view);
  const image::SizePx size{seen.image.height_px, seen.image.width_px};
  const size_t batch = cases.images->fair_batch(size, kMostTogether);
  grounding::EvidenceOptions options = options_of(cases, request.method, batch);
  options.on_progress = [&](int64_t, int64_t) {
    if (client_left.stop_requested()) throw ClientLeft();
    return true;
  };
  const ByteBudget::Share room = cases.images->room_for(batch, size, client_left);
  return sentences_json(grounding::sentence_evidence(model, seen.image, request.reply, {}, options),
                        request.method);
}

}  // namespace lmc::serve
