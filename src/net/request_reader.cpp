#include "net/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <limits>
#include <utility>

#include "base/percent_encoding.h"  // percent_decoded
#include "net/reply_writer.h"       // kLastChunk

namespace lmc::net {

namespace http = boost::beast::http;

struct RequestReader::Parser : http::request_parser<http::string_body> {
  Parser() {
    header_limit(kMaxHeadBytes);
    body_limit(std::numeric_limits<uint64_t>::max());  // judged with the rest of the head
  }
};

RequestReader::RequestReader(size_t max_body_bytes) : max_body_bytes_(max_body_bytes) { begin(); }

RequestReader::~RequestReader() = default;

void RequestReader::begin() {
  parser_ = std::make_unique<Parser>();
  request_ = {};
  target_.clear();
  head_bytes_ = 0;
  body_bytes_ = 0;
}

// One step of the parser, which never goes from a head into its body.
RequestReader::Progress RequestReader::put(std::string& bytes, size_t& num_taken) {
  boost::system::error_code error;
  const size_t num_used = parser_->put(boost::asio::buffer(bytes), error);
  bytes.erase(0, num_used);
  num_taken += num_used;
  if (error == http::error::need_more) return Progress::kNeedsMore;
  if (error == http::error::header_limit || error == http::error::body_limit) {
    return Progress::kTooLarge;
  }
  return error ? Progress::kMalformed : Progress::kDone;
}

RequestReader::Progress RequestReader::read_head(std::string& bytes) {
  while (!parser_->is_header_done()) {
    const Progress progress = put(bytes, head_bytes_);
    const size_t num_unread = progress == Progress::kNeedsMore ? bytes.size() : 0;
    if (head_bytes_ + num_unread > kMaxHeadBytes) return Progress::kTooLarge;
    if (progress != Progress::kDone) return progress;
  }
  take_head();
  return Progress::kDone;
}

RequestReader::Progress RequestReader::read_body(std::string& bytes) {
  while (!parser_->is_done()) {
    // Whatever is left of a body in chunks ends with a last chunk of so many bytes; an assertion of
    // the parser fails where it has less of that.
    if (parser_->chunked() && bytes.size() < kLastChunk.size()) return Progress::kNeedsMore;
    const Progress progress = put(bytes, body_bytes_);
    // What the parser cannot take yet are fields of the framing.
    if (progress == Progress::kNeedsMore && bytes.size() > kMaxHeadBytes) {
      return Progress::kMalformed;
    }
    if (progress != Progress::kDone) return progress;
    if (bytes.empty() && !parser_->is_done()) return Progress::kNeedsMore;
  }
  request_.body = std::move(parser_->get().body());
  return Progress::kDone;
}

void RequestReader::take_head() {
  parser_->body_limit(max_body_bytes_);
  const auto& message = parser_->get();
  target_ = std::string(message.target());
  const size_t question = std::min(target_.find('?'), target_.size());
  request_.method = std::string(message.method_string());
  request_.path = percent_decoded(target_.substr(0, question));
  request_.query = target_.substr(std::min(question + 1, target_.size()));
  while (request_.path.size() > 1 && request_.path.ends_with('/')) request_.path.pop_back();
  for (const auto& field : message) {
    request_.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
}

RequestHead RequestReader::head() const {
  return {request_.method, target_, parser_->get().version() == 10, request_.headers};
}

bool RequestReader::keep_alive() const { return parser_->keep_alive(); }

bool RequestReader::has_body() const { return !parser_->is_done(); }

std::optional<uint64_t> RequestReader::content_length() const {
  if (parser_->chunked()) return std::nullopt;
  return parser_->content_length().value_or(0);
}

}  // namespace lmc::net
