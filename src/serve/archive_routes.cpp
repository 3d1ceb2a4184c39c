#include "serve/archive_routes.h"

#include <charconv>
#include <utility>
#include <vector>

#include "archive/dicom_json.h"        // is_uid
#include "archive/text_report.h"       // text_report
#include "base/check.h"                // cat, InputError
#include "base/json.h"                 // Json, parse_json
#include "base/percent_encoding.h"     // percent_decoded
#include "serve/api_error.h"           // ApiError
#include "serve/request_parameters.h"  // given

namespace lmc::serve {

namespace {

constexpr int64_t kMostListed = 200;

net::ServerReply unkept(std::string body, std::string content_type) {
  net::ServerReply reply;
  reply.headers.add("Cache-Control", "no-store");
  reply.content_type = std::move(content_type);
  reply.body = std::move(body);
  return reply;
}

net::ServerReply json_list(const char* name, Json list) {
  return unkept(to_text(Json{{name, std::move(list)}}), "application/json");
}

// A fault of the archive, which is not the page's.
template <class Ask>
auto asked(Ask ask) {
  try {
    return ask();
  } catch (const InputError& error) {
    throw ApiError(502, error.what(), "archive");
  }
}

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const size_t end = path.find('/');
    parts.emplace_back(path.substr(0, end));
    path.remove_prefix(end == path.npos ? path.size() : end + 1);
  }
  return parts;
}

// "name=D%C3%B6e&limit=20"
std::string value_in(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), one.size() + 1));
    const size_t equals = one.find('=');
    if (equals != one.npos && one.substr(0, equals) == key) {
      std::string value(one.substr(equals + 1));
      for (char& c : value) c = c == '+' ? ' ' : c;
      return percent_decoded(value);
    }
  }
  return {};
}

int64_t count_in(std::string_view query, std::string_view key, int64_t otherwise) {
  const std::string text = value_in(query, key);
  if (text.empty()) return otherwise;
  int64_t count = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), count);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || count < 0) {
    throw ApiError(400, cat(key, ": expected a number of 0 or more"), {}, std::string(key));
  }
  return count;
}

Json to_json(const archive::Study& study) {
  return {{"uid", study.uid},
          {"date", study.date},
          {"time", study.time},
          {"description", study.description},
          {"patient_name", study.patient_name},
          {"patient_id", study.patient_id},
          {"modalities", study.modalities},
          {"instances", study.num_instances}};
}

Json to_json(const archive::Series& series) {
  return {{"uid", series.uid},
          {"modality", series.modality},
          {"description", series.description},
          {"number", series.number},
          {"instances", series.num_instances}};
}

Json to_json(const archive::Instance& instance) {
  return {{"uid", instance.uid},
          {"number", instance.number},
          {"frames", instance.frames},
          {"rows", instance.rows},
          {"columns", instance.columns}};
}

template <class Item>
Json list_of(const std::vector<Item>& items) {
  Json list = Json::array();
  for (const Item& item : items) list.push_back(to_json(item));
  return list;
}

net::ServerReply studies(const archive::Archive& archive, std::string_view query) {
  archive::StudyQuery wanted;
  wanted.patient_name = value_in(query, "name");
  wanted.patient_id = value_in(query, "id");
  wanted.date = value_in(query, "date");
  wanted.modality = value_in(query, "modality");
  wanted.limit = std::min(kMostListed, count_in(query, "limit", wanted.limit));
  wanted.offset = count_in(query, "offset", 0);
  return json_list("studies", list_of(asked([&] { return archive.studies(wanted); })));
}

std::string text_at(const Json& request, const char* key, bool is_needed = true) {
  const Json* const found = given(request, key);
  if (found == nullptr && !is_needed) return {};
  if (found == nullptr || !found->is_string()) {
    throw ApiError(400, cat(key, ": expected a text"), {}, key);
  }
  return found->get<std::string>();
}

std::string uid_at(const Json& request, const char* key) {
  std::string uid = text_at(request, key);
  if (!archive::is_uid(uid)) throw ApiError(400, cat(key, ": expected a UID"), {}, key);
  return uid;
}

}  // namespace

ArchiveRoutes::ArchiveRoutes(std::shared_ptr<const archive::Archive> archive, std::string model)
    : archive_(std::move(archive)), model_(std::move(model)) {}

const archive::Archive& ArchiveRoutes::archive() const {
  if (!archive_) throw ApiError(404, "this device has no archive; serve --dicomweb names one");
  return *archive_;
}

net::ServerReply ArchiveRoutes::get(std::string_view path, std::string_view query) const {
  const archive::Archive& from = archive();
  const std::vector<std::string> parts = parts_of(path);
  const size_t depth = parts.size();
  constexpr const char* kLevels[] = {"studies", "series", "instances"};
  for (size_t i = 0; i < depth; ++i) {
    const bool is_right =
        i % 2 == 0 ? i / 2 < 3 && parts[i] == kLevels[i / 2] : archive::is_uid(parts[i]);
    if (!is_right) throw ApiError(404, "the archive has no such path");
  }
  if (depth == 1) return studies(from, query);
  if (depth == 3) {
    return json_list("series", list_of(asked([&] { return from.series(parts[1]); })));
  }
  if (depth == 5) {
    return json_list("instances",
                     list_of(asked([&] { return from.instances(parts[1], parts[3]); })));
  }
  if (depth == 6) {
    return unkept(asked([&] {
                    return from.fetch({parts[1], parts[3], parts[5]});
                  }),
                  "application/dicom");
  }
  throw ApiError(404, "the archive has no such path");
}

net::ServerReply ArchiveRoutes::report(std::string_view body) const {
  const archive::Archive& to = archive();
  Json request;
  try {
    request = parse_json(body, "request", kJsonRequest);
    if (!request.is_object()) throw InputError("request", "the body is no JSON object");
  } catch (const InputError& error) {
    throw ApiError(400, error.what());
  }
  const archive::InstancePath path{uid_at(request, "study"), uid_at(request, "series"),
                                   uid_at(request, "instance")};
  archive::ReportedAnswer answer;
  answer.question = text_at(request, "question");
  answer.answer = text_at(request, "answer");
  answer.confidence = text_at(request, "confidence", false);
  answer.reasoning = text_at(request, "reasoning", false);
  answer.shown_as = text_at(request, "shown_as", false);
  answer.model = model_;
  if (const Json* const frame = given(request, "frame")) {
    if (!frame->is_number_unsigned()) {
      throw ApiError(400, "frame: expected a number from 1", {}, "frame");
    }
    answer.frame = frame->get<int64_t>();
  }
  if (const Json* const options = given(request, "options")) {
    if (!options->is_array()) throw ApiError(400, "options: expected a list", {}, "options");
    for (const Json& option : *options) {
      if (!option.is_string()) throw ApiError(400, "options: expected texts", {}, "options");
      answer.options.push_back(option.get<std::string>());
    }
  }
  asked([&] {
    to.store(archive::text_report(answer, to.metadata(path), path));
    return true;
  });
  return unkept(to_text(Json{{"filed", true}}), "application/json");
}

}  // namespace lmc::serve
