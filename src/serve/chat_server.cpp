#include "serve/chat_server.h"

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "base/ascii_case.h"  // lower_case
#include "base/files.h"       // write_file
#include "base/interrupt.h"   // interrupt_requested
#include "base/json.h"        // Json, to_text
#include "infer/context.h"    // too_long
#include "net/http_server.h"  // HttpServer
#include "record/output.h"    // claim_file_output
#include "serve/api_error.h"  // ApiError, error_reply
#include "serve/chat_reply.h"
#include "serve/request_queue.h"  // RequestQueue

namespace lmc::serve {

namespace {

using Clock = std::chrono::steady_clock;

std::string token_from_environment(const std::string& variable) {
  if (variable.empty()) return {};
  const char* token = std::getenv(variable.c_str());
  if (token == nullptr || *token == '\0') {
    throw InputError("--api-key-env", cat("the environment has no variable ", variable));
  }
  return token;
}

net::ServerReply json_reply(const Json& json) {
  net::ServerReply reply;
  reply.body = to_text(json);
  return reply;
}

bool is_json(std::string_view content_type) {
  return lower_case(content_type).find("application/json") != std::string::npos;
}

// The error a client sees for what went wrong while its reply was made.
ApiError as_api_error(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const ApiError& known) {
    return known;
  } catch (const InputError& input) {
    return ApiError(400, input.what());
  } catch (const std::bad_alloc&) {
    return ApiError(503, "out of memory; try a smaller request");
  } catch (const std::exception&) {
    return ApiError(500, "internal error");
  }
}

net::HttpServerOptions http_options(const ServeOptions& options) {
  net::HttpServerOptions http;
  http.host = options.host;
  http.port = static_cast<int>(options.port);
  http.bearer_token = token_from_environment(options.api_key_env);
  http.max_body_bytes = static_cast<size_t>(options.max_body_mib) << 20;
  // Every waiting request holds a connection; the rest are for being told that the queue is full.
  http.max_connections = static_cast<size_t>(options.max_waiting + 2 * options.max_batch + 64);
  http.make_error = [](int status, const std::string& message) {
    return error_reply(ApiError(status, message));
  };
  return http;
}

ChatLimits limits_of(const ServeOptions& options, const infer::SamplingOptions& defaults) {
  ChatLimits limits;
  limits.defaults = defaults;
  limits.max_new_tokens = options.max_reply_tokens;
  limits.max_images = options.max_images;
  limits.max_image_bytes = static_cast<size_t>(options.max_body_mib) << 20;
  return limits;
}

}  // namespace

std::vector<Field> ServeOptions::fields() {
  return {
      {"host", "address to listen on; one beyond this machine needs --api-key-env", &host},
      {"port", "port to listen on; 0: any free one", &port, from_to(0, 65535)},
      {"api-key-env", "environment variable with the token that clients must show", &api_key_env},
      {"max-batch", "requests that run together", &max_batch, from_to(1, 65536)},
      {"max-waiting", "requests that may wait; more are answered 503", &max_waiting,
       from_to(1, 1'000'000)},
      {"gather-ms", "how long an idle engine waits for others; who comes later joins anyway",
       &gather_ms, at_least(0)},
      {"max-reply-tokens", "most tokens of a reply; who asks for more gets as many",
       &max_reply_tokens, at_least(1)},
      {"max-images", "most images in a request", &max_images, at_least(0)},
      {"max-body-mib", "largest request, in MiB", &max_body_mib, from_to(1, 65536)},
      {"log-requests", "write a line a request: counts and times, no content", &log_requests},
      {"ready-file", "written with the base URL once requests are taken, for scripts",
       as_file(&ready_file)},
  };
}

struct ChatServer::Impl {
  ServeOptions options;
  ChatBackend backend;
  ChatLimits limits;
  std::ostream& log;
  std::mutex log_mutex;
  net::HttpServer http;  // ended last: its connections wait for the queue's replies
  RequestQueue queue;

  Impl(const ServeOptions& serve_options, ChatBackend chat_backend,
       const infer::SamplingOptions& defaults, std::ostream& log_stream)
      : options(serve_options),
        backend(std::move(chat_backend)),
        limits(limits_of(options, defaults)),
        log(log_stream),
        http(http_options(options)),
        queue(backend.engine, backend.tokenizer, backend.end_ids,
              {static_cast<size_t>(options.max_batch), static_cast<size_t>(options.max_waiting),
               std::chrono::milliseconds(options.gather_ms)}) {
    http.route("GET", "/health", [](const net::ServerRequest&) {
      return json_reply({{"status", "ok"}});
    });
    http.route("GET", "/v1/models", [this](const net::ServerRequest&) { return models(); });
    http.route("GET", "/v1/models/*",
               [this](const net::ServerRequest& request) { return model_named(request.path); });
    http.route("POST", "/v1/chat/completions",
               [this](const net::ServerRequest& request) { return chat(request); });
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

  net::ServerReply chat(const net::ServerRequest& http_request) {
    try {
      return accept(http_request);
    } catch (...) {
      const ApiError error = as_api_error(std::current_exception());
      write_log(cat("refused ", error.status));
      return error_reply(error);
    }
  }

  net::ServerReply accept(const net::ServerRequest& http_request) {
    // A page in a browser can send other types to this machine without asking.
    if (!is_json(http_request.headers.get("Content-Type"))) {
      throw ApiError(415, "expected Content-Type: application/json");
    }
    const ChatRequest request = parse_chat_request(http_request.body, limits);
    if (request.model != backend.model) throw other_model();
    QueuedRequest queued{backend.prepare(request), request.sampling, request.stream_id};
    check_context(queued.prompt);
    const auto num_prompt_tokens = static_cast<int64_t>(queued.prompt.ids.size());
    const std::shared_ptr<PendingReply> reply = queued.reply;
    ReplyHead head = new_reply_head(backend.model);
    head.ignored = request.ignored;
    if (!queue.submit(std::move(queued))) {
      throw ApiError(503, cat("busy: ", options.max_waiting, " requests are waiting"));
    }
    const Clock::time_point start = Clock::now();
    if (request.stream) {
      return stream(head, reply, num_prompt_tokens, request.include_usage, start);
    }
    net::ServerReply whole = json_reply(completion_json(head, reply->wait(), num_prompt_tokens));
    log_reply(num_prompt_tokens, reply->wait(), start);
    return whole;
  }

  // The scheduler has the same rule; this one has the API's code for it. A reply's length is an
  // upper bound: the scheduler cuts what does not fit, and the reply then says "length".
  void check_context(const prompt::ModelInput& prompt) const {
    const std::string problem = infer::too_long(prompt, backend.engine.info());
    if (!problem.empty()) throw ApiError(400, problem, "context_length_exceeded", "messages");
  }

  net::ServerReply stream(const ReplyHead& head, std::shared_ptr<PendingReply> reply,
                          int64_t num_prompt_tokens, bool with_usage, Clock::time_point start) {
    net::ServerReply streamed;
    streamed.content_type = "text/event-stream";
    streamed.headers.add("Cache-Control", "no-cache");
    streamed.stream = [=, this](const net::SendChunk& send) {
      const auto send_json = [&](const Json& json) { return send(sse_event(to_text(json))); };
      try {
        bool connected = send_json(opening_chunk(head, with_usage));
        while (connected) {
          const std::optional<std::string> text = reply->next();
          if (!text) break;
          connected = send_json(text_chunk(head, *text, with_usage));
        }
        if (!connected) {
          reply->cancel();
          return false;
        }
        const infer::Reply& whole = reply->wait();
        const auto num_reply_tokens = static_cast<int64_t>(whole.ids.size());
        send_json(closing_chunk(head, whole, with_usage));
        if (with_usage) send_json(usage_chunk(head, num_prompt_tokens, num_reply_tokens));
        log_reply(num_prompt_tokens, whole, start);
        return send(sse_event(kSseDone));
      } catch (...) {
        return send(sse_event(error_body(as_api_error(std::current_exception()))));
      }
    };
    return streamed;
  }

  void log_reply(int64_t num_prompt_tokens, const infer::Reply& reply, Clock::time_point start) {
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    write_log(cat("200, ", num_prompt_tokens, " + ", reply.ids.size(), " tokens, ", seconds, " s"));
  }

  void write_log(const std::string& line) {
    if (!options.log_requests) return;
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
    record::claim_file_output(options.ready_file, {}, "the address of a server",
                              [](const std::string& path) {
                                const std::string text = read_file(path);
                                return text.empty() || text.starts_with("http://");
                              });
  }
  ChatServer server(options, std::move(backend), defaults, log);
  server.start();
  const std::string url = cat("http://", options.host, ":", server.port(), "/v1");
  log << "serving " << model << " on " << url << "\n" << std::flush;
  if (!options.ready_file.empty()) write_file(options.ready_file, url + "\n");
  while (!interrupt_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  log << "stopping\n" << std::flush;
  server.stop();
}

}  // namespace lmc::serve
