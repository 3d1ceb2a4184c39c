#include "serve/case_routes.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"            // cat, InputError
#include "base/data_url.h"         // make_data_url
#include "base/json.h"             // Json, to_text
#include "serve/case_answering.h"  // CaseAnswering
#include "serve/case_request.h"    // parse_ask_request, parse_view_request
#include "serve/client_left.h"     // ClientLeft
#include "serve/dicom_view.h"      // dicom_json
#include "serve/sentence_check.h"  // check_sentences

namespace lmc::serve {

namespace {

net::ServerReply json_reply(const Json& json) {
  net::ServerReply reply;
  reply.headers.add("Cache-Control", "no-store");  // what is said of a patient is kept by nobody
  reply.body = to_text(json);
  return reply;
}

std::string named_event(std::string_view name, std::string_view data) {
  return cat("event: ", name, "\ndata: ", data, "\n\n");
}

// The largest file that fits into a request: base64 makes four characters of three bytes.
size_t largest_file(size_t max_body_bytes) {
  constexpr size_t kRoomForWords = size_t{64} << 10;
  return (max_body_bytes - std::min(max_body_bytes, kRoomForWords)) / 4 * 3;
}

Json methods_json(const std::vector<SentenceMethod>& methods) {
  Json list = Json::array();
  for (const SentenceMethod& method : methods) {
    Json one = {{"name", method.name}, {"pointing", nullptr}};
    if (method.test) {
      one["pointing"] = {{"hits", method.test->hits},
                         {"chance", method.test->chance},
                         {"earned", method.test->earned}};
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

CaseRoutes::CaseRoutes(const ChatBackend& backend, RequestQueue& queue, const ChatLimits& limits,
                       LoggedError logged_error, OnAnswered on_answered)
    : backend_(backend),
      queue_(queue),
      limits_(limits),
      logged_error_(std::move(logged_error)),
      on_answered_(std::move(on_answered)) {
  int64_t& most = limits_.defaults.max_new_tokens;
  most = std::min(most, limits_.max_new_tokens);
}

net::ServerReply CaseRoutes::device() const {
  const CaseBackend& cases = *backend_.cases;
  const infer::EngineInfo& info = backend_.engine.info();
  Json json = {{"model", backend_.model},
               {"engine", info.name},
               {"dtype", info.dtype},
               {"calibration", nullptr},
               {"prediction_set", nullptr},
               {"sure_from", cases.sure_from > 0 ? Json(cases.sure_from) : Json(nullptr)},
               {"sentence_methods", methods_json(cases.methods)},
               {"audit", cases.audit != nullptr},
               {"archive", cases.archive != nullptr},
               {"max_image_bytes", largest_file(limits_.max_image_bytes)},
               {"max_choices", kMostOptions},
               {"research_only", true}};
  if (cases.sets) {
    json["prediction_set"] = {{"coverage", cases.sets->coverage},
                              {"threshold", cases.sets->threshold},
                              {"items", cases.sets->num_items}};
  }
  if (cases.calibration) {
    json["calibration"] = {{"method", name_of(cases.calibration->method)},
                           {"items", cases.calibration->num_items}};
  }
  return json_reply(json);
}

net::ServerReply CaseRoutes::view(net::ServerRequest& http_request) const {
  const CaseRequest request = parse_view_request(http_request.body, limits_.max_image_bytes);
  http_request.body = {};
  http_request.body_memory.reset();
  const CaseBackend& cases = *backend_.cases;
  const image::PreprocessOptions& how = cases.processor.preprocess_options();
  const ImageReader::Seen seen =
      cases.images->see(request.image, "image", http_request.client_left, request.view);
  const int64_t token_px = how.patch_size_px * how.merge_size;
  return json_reply(
      {{"image", make_data_url("image/png", image::encode_png(seen.image))},
       {"width", seen.image.width_px},
       {"height", seen.image.height_px},
       {"source_width", seen.source.width},
       {"source_height", seen.source.height},
       {"grid",
        {{"rows", seen.image.height_px / token_px}, {"columns", seen.image.width_px / token_px}}},
       {"dicom", seen.dicom ? dicom_json(*seen.dicom) : Json(nullptr)}});
}

net::ServerReply CaseRoutes::ask(net::ServerRequest& http_request) const {
  const Clock::time_point start = Clock::now();
  CaseRequest request = parse_ask_request(http_request.body, limits_.max_image_bytes);
  http_request.body = {};
  const CaseAudit* const audit = backend_.cases->audit.get();
  const Json asked = audit == nullptr ? Json() : audit->asked(request);
  const auto answering = std::make_shared<CaseAnswering>(backend_, queue_, limits_.defaults,
                                                         request, http_request.client_left);
  http_request.body_memory.reset();
  if (!request.stream) {
    std::string text;
    while (const auto piece = answering->next()) text += *piece;
    return json_reply({{"reply", text}, {"answer", recorded(asked, text, *answering, start)}});
  }
  net::ServerReply streamed;
  streamed.content_type = "text/event-stream";
  streamed.headers.add("Cache-Control", "no-store");
  streamed.stream = [answering, asked, start, this](const net::SendChunk& send) {
    try {
      std::string text;
      while (const auto piece = answering->next()) {
        text += *piece;
        if (!send(named_event("text", to_text({{"text", *piece}})))) throw ClientLeft();
      }
      const Json answer = recorded(asked, text, *answering, start);
      if (!send(named_event("answer", to_text(answer)))) throw ClientLeft();
      return send(named_event("done", "{}"));
    } catch (...) {
      return send(named_event("error", error_body(logged_error_(std::current_exception()))));
    }
  };
  return streamed;
}

// The answer as the client gets it, which is in the audit log before he does.
Json CaseRoutes::recorded(const Json& asked, const std::string& reply, CaseAnswering& answering,
                          Clock::time_point start) const {
  Json answer = to_json(answering.answer());
  answer["record"] = nullptr;
  if (CaseAudit* const audit = backend_.cases->audit.get()) {
    try {
      answer["record"] = audit->answered(asked, reply, answer);
    } catch (const InputError& error) {
      throw InternalError(error.what());
    }
  }
  on_answered_(answering.num_prompt_tokens(), answering.num_reply_tokens(),
               std::chrono::duration<double>(Clock::now() - start).count());
  return answer;
}

net::ServerReply CaseRoutes::sentences(net::ServerRequest& http_request) const {
  const CaseRequest request = parse_sentences_request(http_request.body, limits_.max_image_bytes);
  http_request.body = {};
  http_request.body_memory.reset();
  return json_reply(check_sentences(backend_, queue_, request, http_request.client_left));
}

net::ServerReply CaseRoutes::override_answer(net::ServerRequest& http_request) const {
  const OverrideRequest request = parse_override_request(http_request.body);
  CaseAudit* const audit = backend_.cases->audit.get();
  if (audit == nullptr) throw ApiError(404, "this device keeps no audit log");
  return json_reply({{"record", audit->overridden(request.record, request.answer)}});
}

}  // namespace lmc::serve
