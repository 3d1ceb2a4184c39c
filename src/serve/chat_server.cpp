#include "serve/chat_server.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/files.h"            // write_file
#include "base/interrupt.h"        // interrupt_requested
#include "base/json.h"             // Json, to_text
#include "base/printable.h"        // printable_with_short_quotes
#include "infer/context.h"         // too_long
#include "net/http_server.h"       // HttpServer
#include "record/output.h"         // claim_file_output
#include "serve/api_error.h"       // ApiError, error_reply
#include "serve/archive_routes.h"  // ArchiveRoutes
#include "serve/case_routes.h"     // CaseRoutes
#include "serve/chat_reply.h"
#include "serve/client_left.h"    // ClientLeft
#include "serve/forced_choice.h"  // ForcedChoice
#include "serve/metrics.h"        // ServerMetrics
#include "serve/page_routes.h"    // add_page
#include "serve/request_queue.h"  // RequestQueue

namespace lmc::serve {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The status in the log of a request whose client left; nobody gets it.
constexpr int kClientLeft = 499;

// Replies that are being made, and what their messages repeat.
struct PromptedReply {
  ReplyHead head;
  std::shared_ptr<PendingReply> reply;
  size_t num_replies = 1;
  int64_t num_prompt_tokens = 0;
  Clock::time_point start;
};

net::ServerReply json_reply(const Json& json) {
  net::ServerReply reply;
  reply.body = to_text(json);
  return reply;
}

// A page in a browser can send other types to this machine without asking.
std::optional<net::ServerReply> refuse_type(const net::ServerRequest& head) {
  if (net::media_type_of(head.headers.get("Content-Type")) == "application/json") return {};
  return error_reply(ApiError(415, "expected Content-Type: application/json"));
}

// The error a client sees for what went wrong while its reply was made.
ApiError as_api_error(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const ApiError& known) {
    return known;
  } catch (const InputError& input) {
    return ApiError(400, input.what());
  } catch (const ClientLeft& left) {
    return ApiError(kClientLeft, left.what());
  } catch (const std::bad_alloc&) {
    return ApiError(503, "out of memory; try a smaller request");
  } catch (const std::exception&) {
    return ApiError(500, "internal error");  // its text may quote the request
  }
}

ServerMetrics::Outcome outcome_of(const ApiError& error) {
  if (error.status == kClientLeft) return ServerMetrics::Outcome::kClientLeft;
  const bool is_ours = error.status >= 500 && error.status != 503;
  return is_ours ? ServerMetrics::Outcome::kFailed : ServerMetrics::Outcome::kRefused;
}

// The text of an error of ours as a log may have it: what it quotes may be a patient's.
std::string loggable(std::string_view what) {
  constexpr size_t kMostBytes = 500;
  return printable_with_short_quotes(what, 0).substr(0, kMostBytes);
}

std::string what_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  }
}

}  // namespace

struct ChatServer::Impl {
  ServeOptions options;
  ChatBackend backend;
  ChatLimits limits;
  std::ostream& log;
  std::mutex log_mutex;
  ServerMetrics metrics;
  net::HttpServer http;  // ended last: its connections wait for the queue's replies
  RequestQueue queue;
  std::optional<CaseRoutes> cases;  // nothing: there is no page
  std::optional<ArchiveRoutes> archive;

  Impl(const ServeOptions& serve_options, ChatBackend chat_backend,
       const infer::SamplingOptions& defaults, std::ostream& log_stream)
      : options(serve_options),
        backend(std::move(chat_backend)),
        limits(limits_of(options, defaults)),
        log(log_stream),
        http(http_options()),
        queue(backend.engine, backend.tokenizer, backend.end_ids,
              {static_cast<size_t>(options.max_batch), static_cast<size_t>(options.max_waiting),
               std::chrono::milliseconds(options.gather_ms)}) {
    http.route("GET", "/health", [](const net::ServerRequest&) {
      return json_reply({{"status", "ok"}});
    });
    http.route("GET", "/metrics", [this](const net::ServerRequest&) { return metrics_reply(); });
    http.route("GET", "/v1/models", [this](const net::ServerRequest&) { return models(); });
    http.route("GET", "/v1/models/*",
               [this](const net::ServerRequest& request) { return model_named(request.path); });
    post("/v1/chat/completions", [this](net::ServerRequest& request) { return chat(request); });
    if (backend.cases) add_case_routes();
  }

  void add_case_routes() {
    cases.emplace(
        backend, queue, limits,
        [this](const std::exception_ptr& error) { return logged_error(error); },
        [this](int64_t num_prompt_tokens, int64_t num_reply_tokens, double seconds) {
          log_answered(num_prompt_tokens, num_reply_tokens, seconds);
        });
    add_page(http);
    http.route("GET", "/v1/device", [this](const net::ServerRequest&) { return cases->device(); });
    post("/v1/view", [this](net::ServerRequest& request) { return cases->view(request); });
    post("/v1/ask", [this](net::ServerRequest& request) { return cases->ask(request); });
    post("/v1/sentences",
         [this](net::ServerRequest& request) { return cases->sentences(request); });
    post("/v1/override",
         [this](net::ServerRequest& request) { return cases->override_answer(request); });
    archive.emplace(backend.cases->archive, backend.model);
    http.route("GET", "/v1/archive/*", guarded([this](net::ServerRequest& request) {
                 return archive->get(
                     std::string_view(request.path).substr(std::size("/v1/archive/") - 1),
                     request.query);
               }));
    post("/v1/archive/report",
         [this](net::ServerRequest& request) { return archive->report(request.body); });
  }

  using Answering = std::function<net::ServerReply(net::ServerRequest&)>;

  // Whose errors become replies.
  net::Handler guarded(Answering handler) {
    return [this, handler = std::move(handler)](net::ServerRequest request) {
      try {
        return handler(request);
      } catch (...) {
        return error_reply(logged_error(std::current_exception()));
      }
    };
  }

  void post(const std::string& path, Answering handler) {
    http.route("POST", path, guarded(std::move(handler)), refuse_type);
  }

  net::HttpServerOptions http_options() {
    net::HttpServerOptions http = serve::http_options(options);
    http.make_error = [](int status, const std::string& message) {
      return error_reply(ApiError(status, message));
    };
    http.on_reply = [this](std::string_view route, int status) {
      metrics.count_reply(route, status);
    };
    http.log_error = [this](const std::string& what) { log_internal_error(what); };
    return http;
  }

  net::ServerReply metrics_reply() const {
    const RequestQueue::Counts counts = queue.counts();
    net::ServerReply reply;
    reply.content_type = kMetricsType;
    reply.body = metrics.text({counts.num_waiting, counts.num_running, http.num_connections()});
    return reply;
  }

  Json model_json() const {
    Json model = {
        {"id", backend.model}, {"object", "model"}, {"created", 0}, {"owned_by", "litemedcot"}};
    const int64_t max_positions = backend.engine.info().max_positions;
    if (max_positions > 0) model["max_model_len"] = max_positions;
    return model;
  }

  net::ServerReply models() const {
    return json_reply({{"object", "list"}, {"data", Json::array({model_json()})}});
  }

  // Names may hold slashes: "Qwen/Qwen3-VL-2B-Instruct".
  net::ServerReply model_named(std::string_view path) const {
    path.remove_prefix(std::string_view("/v1/models/").size());
    return path == backend.model ? json_reply(model_json()) : error_reply(other_model());
  }

  ApiError other_model() const {
    return ApiError(404, cat("the model served here is \"", backend.model, "\""), "model_not_found",
                    "model");
  }

  ApiError logged_error(const std::exception_ptr& error) {
    const ApiError known = as_api_error(error);
    metrics.count_outcome(outcome_of(known));
    write_log(known.status == kClientLeft ? "the client has left" : cat("refused ", known.status));
    if (known.status == 500) log_internal_error(what_of(error));
    return known;
  }

  net::ServerReply chat(net::ServerRequest& http_request) {
    const Clock::time_point start = Clock::now();
    ChatRequest request = parse_chat_request(http_request.body, limits);
    http_request.body = {};
    if (request.model != backend.model) throw other_model();
    auto place = queue.take_place();
    if (!place) throw ApiError(503, cat("busy: ", options.max_waiting, " requests are waiting"));
    QueuedRequest queued{backend.prepare(request, http_request.client_left), request.sampling,
                         request.stream_ids};
    check_context(queued.prompt);
    force_choice(request, queued);
    request.images = {};
    http_request.body_memory.reset();
    PromptedReply asked{new_reply_head(backend.model), queued.reply, queued.stream_ids.size(),
                        static_cast<int64_t>(queued.prompt.ids.size()), start};
    asked.head.ignored = request.ignored;
    queued.on_start = [this, submitted = Clock::now()] {
      metrics.observe_wait(seconds_since(submitted));
    };
    queue.submit(std::move(*place), std::move(queued));
    if (request.stream) return stream(asked, http_request.client_left, request.include_usage);
    const std::stop_callback cancelling(http_request.client_left,
                                        [&] { queue.cancel(*asked.reply); });
    const std::vector<infer::Reply>& replies = asked.reply->wait();
    log_reply(asked, replies);
    return json_reply(completion_json(asked.head, replies, asked.num_prompt_tokens));
  }

  void force_choice(ChatRequest& request, QueuedRequest& queued) const {
    if (request.choices.empty()) return;
    const auto choice =
        std::make_shared<const ForcedChoice>(std::move(request.choices), backend.tokenizer,
                                             backend.end_ids, request.sampling, request.stream_ids);
    queued.continuations = choice->continuations();
    queued.take_scores = [choice](const std::vector<infer::Score>& scores) {
      return choice->replies(scores);
    };
  }

  // The scheduler has the same rule; this one has the API's code for it. A reply's length is an
  // upper bound: the scheduler cuts what does not fit, and the reply then says "length".
  void check_context(const prompt::ModelInput& prompt) const {
    const std::string problem = infer::too_long(prompt, backend.engine.info());
    if (!problem.empty()) throw ApiError(400, problem, "context_length_exceeded", "messages");
  }

  net::ServerReply stream(const PromptedReply& asked, const std::stop_token& client_left,
                          bool with_usage) {
    net::ServerReply streamed;
    streamed.content_type = "text/event-stream";
    streamed.headers.add("Cache-Control", "no-cache");
    streamed.stream = [=, this](const net::SendChunk& send) {
      const auto send_json = [&](const Json& json) { return send(sse_event(to_text(json))); };
      const std::stop_callback cancelling(client_left, [&] { queue.cancel(*asked.reply); });
      const ReplyHead& head = asked.head;
      try {
        for (size_t i = 0; i < asked.num_replies; ++i) {
          send_json(opening_chunk(head, i, with_usage));
        }
        while (const std::optional<ReplyPiece> piece = asked.reply->next()) {
          if (!send_json(text_chunk(head, piece->reply, piece->text, with_usage))) {
            throw ClientLeft();
          }
        }
        const std::vector<infer::Reply>& whole = asked.reply->wait();
        for (size_t i = 0; i < whole.size(); ++i) {
          send_json(closing_chunk(head, i, whole[i], with_usage));
        }
        if (with_usage) {
          send_json(usage_chunk(head, asked.num_prompt_tokens, num_reply_tokens(whole)));
        }
        log_reply(asked, whole);
        return send(sse_event(kSseDone));
      } catch (...) {
        return send(sse_event(error_body(logged_error(std::current_exception()))));
      }
    };
    return streamed;
  }

  void log_reply(const PromptedReply& asked, std::span<const infer::Reply> replies) {
    log_answered(asked.num_prompt_tokens, num_reply_tokens(replies), seconds_since(asked.start));
  }

  void log_answered(int64_t num_prompt_tokens, int64_t num_tokens, double seconds) {
    metrics.count_outcome(ServerMetrics::Outcome::kCompleted);
    metrics.count_tokens(num_prompt_tokens, num_tokens);
    metrics.observe_request(seconds);
    write_log(cat("200, ", num_prompt_tokens, " + ", num_tokens, " tokens, ", seconds, " s"));
  }

  void write_log(const std::string& line) {
    if (options.log_requests) write_line(line);
  }

  // Whatever the options: it is ours to mend.
  void log_internal_error(const std::string& what) {
    write_line(cat("internal error, please report it: ", loggable(what)));
  }

  void write_line(const std::string& line) {
    const std::lock_guard lock(log_mutex);
    log << "chat: " << line << "\n" << std::flush;
  }
};

ChatServer::ChatServer(const ServeOptions& options, ChatBackend backend,
                       const infer::SamplingOptions& defaults, std::ostream& log) {
  ServeOptions copy = options;
  check_fields(copy.fields());
  impl_ = std::make_unique<Impl>(options, std::move(backend), defaults, log);
}

ChatServer::~ChatServer() { stop(); }

void ChatServer::start() { impl_->http.start(); }

void ChatServer::stop() {
  impl_->queue.stop();
  impl_->http.stop();
}

int ChatServer::port() const { return impl_->http.port(); }

void serve(const ServeOptions& options, ChatBackend backend, const infer::SamplingOptions& defaults,
           std::ostream& log) {
  const std::string model = backend.model;
  if (!options.ready_file.empty()) {
    record::claim_file_output(
        options.ready_file, {}, "the address of a server", [](const std::string& path) {
          const std::string text = read_file(path);
          return text.empty() || text.starts_with("http://") || text.starts_with("https://");
        });
  }
  ChatServer server(options, std::move(backend), defaults, log);
  server.start();
  const std::string url = base_url(options, server.port());
  log << "serving " << model << " on " << url << "\n" << std::flush;
  if (!options.ready_file.empty()) write_file(options.ready_file, url + "\n");
  while (!interrupt_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  log << "stopping\n" << std::flush;
  server.stop();
}

}  // namespace lmc::serve
