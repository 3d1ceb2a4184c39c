#include "net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"   // LMC_CHECK
#include "net/address.h"  // parse_address

namespace lmc::net {

namespace {

using Outcome = HttpReply::Outcome;

// libcurl keeps one for each request until its reply has come; by default it has 64 KiB.
constexpr long kUploadBuffer = 16L << 10;

// libcurl's own set-up is per process and must not run twice at once.
void set_up_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  LMC_CHECK(code == CURLE_OK, curl_easy_strerror(code));
}

struct Transfer {
  HttpRequest request;  // its body is given up once it is sent
  size_t num_sent = 0;  // bytes of the body
  HttpClient::OnReply on_reply;
  HttpReply reply;
  CURL* easy = curl_easy_init();
  curl_slist* fields = nullptr;
  bool too_large = false;

  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(fields);
  }
};

// A request waits for its reply much longer than it is sent, and hundreds of bodies that hold an
// image each would be most of what the program takes: what is sent is given up.
size_t on_upload(char* buffer, size_t item, size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  std::string& body = transfer.request.body;
  if (transfer.num_sent >= body.size()) return 0;
  const size_t size = body.copy(buffer, item * count, transfer.num_sent);
  transfer.num_sent += size;
  if (transfer.num_sent == body.size()) std::exchange(body, {});
  return size;
}

// Where a kept connection was closed under the request, libcurl sends it again on another. A body
// that is given up makes this a broken exchange, as it is when the server has begun to answer.
int on_rewind(void* context, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<Transfer*>(context);
  const bool is_given_up = transfer.num_sent > transfer.request.body.size();
  if (origin != SEEK_SET || offset != 0 || is_given_up) return CURL_SEEKFUNC_FAIL;
  transfer.num_sent = 0;
  return CURL_SEEKFUNC_OK;
}

size_t on_body(char* data, size_t, size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (transfer.reply.body.size() + size > transfer.request.max_reply_bytes) {
    transfer.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  transfer.reply.body.append(data, size);
  return size;
}

size_t on_header(char* data, size_t, size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) transfer.reply.headers = {};  // after "100 Continue"
  const size_t colon = line.find(':');
  if (colon == line.npos) return size;
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  transfer.reply.headers.add(std::string(line.substr(0, colon)), std::string(value));
  return size;
}

Outcome outcome_of(CURLcode code, bool too_large) {
  if (too_large) return Outcome::kTooLarge;
  switch (code) {
    case CURLE_OK:
      return Outcome::kReply;
    case CURLE_OPERATION_TIMEDOUT:
      return Outcome::kTimeout;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Outcome::kNotReached;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return Outcome::kNotTrusted;
    default:
      return Outcome::kBroken;
  }
}

void set_headers(Transfer& transfer) {
  for (const auto& [name, value] : transfer.request.headers) {
    if (value.find_first_of("\r\n") != value.npos) {
      throw InputError(name, "the value of this header field holds a line break");
    }
    transfer.fields = curl_slist_append(transfer.fields, cat(name, ": ", value).c_str());
  }
  // Without this a large body waits a second for a "100 Continue" that many servers never send.
  transfer.fields = curl_slist_append(transfer.fields, "Expect:");
  // Unpacked is what comes packed, but it is not asked for: to pack a reply of some kilobytes takes
  // a server longer than to send it.
  curl_easy_setopt(transfer.easy, CURLOPT_ACCEPT_ENCODING, "");
  transfer.fields = curl_slist_append(transfer.fields, "Accept-Encoding:");
  curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, transfer.fields);
}

void set_method(Transfer& transfer) {
  const HttpRequest& request = transfer.request;
  if (request.method == "GET") return;
  if (request.method == "HEAD") curl_easy_setopt(transfer.easy, CURLOPT_NOBODY, 1L);
  if (request.method == "POST" || !request.body.empty()) {
    curl_easy_setopt(transfer.easy, CURLOPT_POST, 1L);
    curl_easy_setopt(transfer.easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(transfer.easy, CURLOPT_READFUNCTION, on_upload);
    curl_easy_setopt(transfer.easy, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(transfer.easy, CURLOPT_SEEKFUNCTION, on_rewind);
    curl_easy_setopt(transfer.easy, CURLOPT_SEEKDATA, &transfer);
    curl_easy_setopt(transfer.easy, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  }
  if (request.method != "POST" && request.method != "HEAD") {
    curl_easy_setopt(transfer.easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void set_up(Transfer& transfer, const HttpClientOptions& options) {
  CURL* easy = transfer.easy;
  LMC_CHECK(easy != nullptr, "curl_easy_init failed");
  const Address address = parse_address(transfer.request.url, "request");
  curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(transfer.request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  if (address.is_loopback) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  set_method(transfer);
  set_headers(transfer);
}

}  // namespace

struct HttpClient::Impl {
  HttpClientOptions options;
  CURLM* multi = nullptr;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> in_flight;

  // Takes the ended transfers out before any callback runs, so that callbacks may start new ones.
  std::vector<std::unique_ptr<Transfer>> take_ended() {
    int running = 0;
    const CURLMcode code = curl_multi_perform(multi, &running);
    LMC_CHECK(code == CURLM_OK, curl_multi_strerror(code));
    std::vector<std::unique_ptr<Transfer>> ended;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode result = message->data.result;
      CURL* const easy = message->easy_handle;
      auto node = in_flight.extract(easy);
      Transfer& transfer = *node.mapped();
      transfer.reply.outcome = outcome_of(result, transfer.too_large);
      if (transfer.reply.outcome == Outcome::kReply) {
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        transfer.reply.status = static_cast<int>(status);
      } else {
        transfer.reply.problem =
            transfer.too_large
                ? cat("the reply is larger than ", transfer.request.max_reply_bytes, " bytes")
                : std::string(curl_easy_strerror(result));
      }
      curl_multi_remove_handle(multi, easy);
      ended.push_back(std::move(node.mapped()));
    }
    return ended;
  }
};

HttpClient::HttpClient(HttpClientOptions options) : impl_(std::make_unique<Impl>()) {
  set_up_curl();
  impl_->options = std::move(options);
  impl_->multi = curl_multi_init();
  LMC_CHECK(impl_->multi != nullptr, "curl_multi_init failed");
  constexpr long kIdleConnections = 1024;
  curl_multi_setopt(impl_->multi, CURLMOPT_MAXCONNECTS, kIdleConnections);
}

HttpClient::~HttpClient() {
  for (const auto& [easy, transfer] : impl_->in_flight) {
    curl_multi_remove_handle(impl_->multi, easy);
  }
  impl_->in_flight.clear();
  curl_multi_cleanup(impl_->multi);
}

void HttpClient::start(HttpRequest request, OnReply on_reply) {
  auto transfer = std::make_unique<Transfer>();
  transfer->request = std::move(request);
  transfer->on_reply = std::move(on_reply);
  set_up(*transfer, impl_->options);
  CURL* const easy = transfer->easy;
  const CURLMcode code = curl_multi_add_handle(impl_->multi, easy);
  LMC_CHECK(code == CURLM_OK, curl_multi_strerror(code));
  impl_->in_flight.emplace(easy, std::move(transfer));
}

void HttpClient::wait(std::chrono::milliseconds longest) {
  auto ended = impl_->take_ended();
  const auto until = std::chrono::steady_clock::now() + longest;
  while (ended.empty()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    int num_events = 0;
    const CURLMcode code =
        curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(left.count()), &num_events);
    LMC_CHECK(code == CURLM_OK, curl_multi_strerror(code));
    ended = impl_->take_ended();
    if (num_events == 0) break;  // the time is over, a timer of libcurl's own, or wake()
  }
  for (auto& transfer : ended) transfer->on_reply(std::move(transfer->reply));
}

size_t HttpClient::num_in_flight() const { return impl_->in_flight.size(); }

void HttpClient::wake() { curl_multi_wakeup(impl_->multi); }

HttpReply HttpClient::fetch(HttpRequest request) {
  LMC_CHECK(num_in_flight() == 0, num_in_flight(), " requests are in flight");
  HttpReply reply;
  bool ended = false;
  start(std::move(request), [&](HttpReply got) {
    reply = std::move(got);
    ended = true;
  });
  while (!ended) wait(std::chrono::milliseconds(1000));
  return reply;
}

double retry_after_s(const Headers& headers) {
  const std::string_view text = headers.get("Retry-After");
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size() && seconds >= 0) {
    return static_cast<double>(seconds);
  }
  if (text.empty()) return -1;
  const std::time_t now = std::time(nullptr);
  const std::time_t date = curl_getdate(std::string(text).c_str(), nullptr);
  return date < 0 ? -1 : std::max(0.0, std::difftime(date, now));
}

}  // namespace lmc::net
