#include "archive/dicomweb.h"

#include <string_view>
#include <utility>

#include "archive/dicom_json.h"     // value_of, is_uid
#include "archive/multipart.h"      // parts_of, as_multipart
#include "base/check.h"             // InputError
#include "base/percent_encoding.h"  // percent_encoded
#include "base/wire_json.h"         // parse_wire_json
#include "net/http_client.h"        // HttpClient

namespace lmc::archive {

namespace {

constexpr char kJson[] = "application/dicom+json";
constexpr char kFile[] = "application/dicom";

// Attributes that lists are made of.
namespace tag {
constexpr char kStudyDate[] = "00080020";
constexpr char kStudyTime[] = "00080030";
constexpr char kModality[] = "00080060";
constexpr char kModalities[] = "00080061";
constexpr char kStudyDescription[] = "00081030";
constexpr char kSeriesDescription[] = "0008103E";
constexpr char kSopClass[] = "00080016";
constexpr char kSopInstance[] = "00080018";
constexpr char kPatientName[] = "00100010";
constexpr char kPatientId[] = "00100020";
constexpr char kStudyUid[] = "0020000D";
constexpr char kSeriesUid[] = "0020000E";
constexpr char kSeriesNumber[] = "00200011";
constexpr char kInstanceNumber[] = "00200013";
constexpr char kStudyInstances[] = "00201208";
constexpr char kSeriesInstances[] = "00201209";
constexpr char kFrames[] = "00280008";
constexpr char kRows[] = "00280010";
constexpr char kColumns[] = "00280011";
}  // namespace tag

// In a path of the archive.
const std::string& checked_uid(const std::string& uid) {
  if (!is_uid(uid)) throw InputError("uid", "expected digits and dots, at most 64");
  return uid;
}

std::string study_path(const std::string& study) { return "/studies/" + checked_uid(study); }

std::string series_path(const std::string& study, const std::string& series) {
  return study_path(study) + "/series/" + checked_uid(series);
}

std::string instance_path(const InstancePath& path) {
  return series_path(path.study, path.series) + "/instances/" + checked_uid(path.instance);
}

// A name as a query asks for it: what cannot stand in an address becomes ?, which stands for any one
// character. Orthanc's plug-in (1.7) takes "%5E" as it is written and then finds no name of two
// parts.
std::string name_pattern(const std::string& name) {
  std::string pattern;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;  // goes on with a character
    const bool may_stand = c == '*' || percent_encoded(std::string(1, c)).size() == 1;
    pattern += may_stand ? c : '?';
  }
  return pattern;
}

std::string studies_query(const StudyQuery& query) {
  std::string text = cat("/studies?limit=", query.limit, "&offset=", query.offset);
  // Not every server tells these unless it is asked.
  for (const char* field : {tag::kStudyDescription, tag::kModalities, tag::kStudyInstances}) {
    text += cat("&includefield=", field);
  }
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) text += cat("&", key, "=", percent_encoded(value, "*?"));
  };
  add("PatientName", name_pattern(query.patient_name));
  add("PatientID", query.patient_id);
  add("StudyDate", query.date);
  add("ModalitiesInStudy", query.modality);
  return text;
}

}  // namespace

struct Archive::Reply {
  std::string content_type;
  std::string body;
  bool is_empty = false;  // 204: nothing was found
};

Archive::Archive(ArchiveOptions options)
    : options_(std::move(options)), address_(net::parse_address(options_.url, "--dicomweb")) {
  if (!address_.query.empty()) {
    throw InputError("--dicomweb", "expected an address without a query",
                     "a token belongs into the variable that --dicomweb-auth-env names");
  }
}

std::string Archive::name() const { return net::shown_url(options_.url); }

std::string Archive::base_url() const {
  std::string url = cat(address_.scheme, "://", address_.authority, address_.path);
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Archive::Reply Archive::ask(const std::string& path_and_query, const std::string& accept,
                            size_t max_bytes) const {
  net::HttpRequest request;
  request.url = base_url() + path_and_query;
  request.headers.add("Accept", accept);
  if (!options_.authorization.empty()) {
    request.headers.add("Authorization", options_.authorization);
  }
  request.timeout = options_.timeout;
  request.max_reply_bytes = max_bytes;
  net::HttpReply reply = net::HttpClient().fetch(std::move(request));
  if (reply.outcome != net::HttpReply::Outcome::kReply) throw InputError(name(), reply.problem);
  if (reply.status == 401 || reply.status == 403) {
    throw InputError(name(), cat("the archive refuses: HTTP ", reply.status),
                     "--dicomweb-auth-env names the variable with the Authorization field");
  }
  if (reply.status / 100 == 3) {
    throw InputError(name(), cat("the archive redirects (HTTP ", reply.status, ")"),
                     "name the address it leads to");
  }
  if (reply.status != 200 && reply.status != 204) {
    throw InputError(name(), cat("the archive answers HTTP ", reply.status));
  }
  return {std::string(reply.headers.get("Content-Type")), std::move(reply.body),
          reply.status == 204};
}

std::vector<LargeJson> Archive::list(const std::string& path_and_query) const {
  const Reply reply = ask(path_and_query, kJson, options_.max_list_bytes);
  if (reply.is_empty) return {};
  std::optional<LargeJson> json = parse_wire_json(reply.body);
  if (!json || !json->is_array()) {
    throw InputError(name(), "expected a list in DICOM JSON", "is it the address of DICOMweb?");
  }
  return {std::make_move_iterator(json->begin()), std::make_move_iterator(json->end())};
}

std::vector<Study> Archive::studies(const StudyQuery& query) const {
  std::vector<Study> studies;
  for (const LargeJson& one : list(studies_query(query))) {
    Study study{value_of(one, tag::kStudyUid),    value_of(one, tag::kStudyDate),
                value_of(one, tag::kStudyTime),   value_of(one, tag::kStudyDescription),
                value_of(one, tag::kPatientName), value_of(one, tag::kPatientId),
                values_of(one, tag::kModalities), number_of(one, tag::kStudyInstances)};
    if (is_uid(study.uid)) studies.push_back(std::move(study));
  }
  return studies;
}

std::vector<Series> Archive::series(const std::string& study) const {
  std::vector<Series> all;
  for (const LargeJson& one :
       list(cat(study_path(study), "/series?includefield=", tag::kSeriesDescription))) {
    Series series{value_of(one, tag::kSeriesUid), value_of(one, tag::kModality),
                  value_of(one, tag::kSeriesDescription), number_of(one, tag::kSeriesNumber),
                  number_of(one, tag::kSeriesInstances)};
    if (is_uid(series.uid)) all.push_back(std::move(series));
  }
  return all;
}

std::vector<Instance> Archive::instances(const std::string& study,
                                         const std::string& series) const {
  std::vector<Instance> all;
  for (const LargeJson& one :
       list(cat(series_path(study, series), "/instances?includefield=", tag::kFrames))) {
    Instance instance{
        value_of(one, tag::kSopInstance),     value_of(one, tag::kSopClass),
        number_of(one, tag::kInstanceNumber), std::max<int64_t>(1, number_of(one, tag::kFrames)),
        number_of(one, tag::kRows),           number_of(one, tag::kColumns)};
    if (is_uid(instance.uid)) all.push_back(std::move(instance));
  }
  return all;
}

std::string Archive::fetch(const InstancePath& path) const {
  const Reply reply =
      ask(instance_path(path), cat("multipart/related; type=\"", kFile, "\"; transfer-syntax=*"),
          options_.max_file_bytes);
  const auto parts = parts_of(reply.body, reply.content_type, name());
  if (parts.size() != 1) {
    throw InputError(name(), cat("expected one DICOM file, found ", parts.size()));
  }
  return std::string(parts[0]);
}

LargeJson Archive::metadata(const InstancePath& path) const {
  std::vector<LargeJson> found = list(instance_path(path) + "/metadata");
  if (found.size() != 1) throw InputError(name(), "expected the attributes of one instance");
  return std::move(found[0]);
}

void Archive::store(const std::string& dicom_file) const {
  Multipart whole = as_multipart(dicom_file, kFile);
  net::HttpRequest request;
  request.method = "POST";
  request.url = base_url() + "/studies";
  request.headers.add("Content-Type", whole.content_type);
  request.headers.add("Accept", kJson);
  if (!options_.authorization.empty()) {
    request.headers.add("Authorization", options_.authorization);
  }
  request.body = std::move(whole.body);
  request.timeout = options_.timeout;
  const net::HttpReply reply = net::HttpClient().fetch(std::move(request));
  if (reply.outcome != net::HttpReply::Outcome::kReply) throw InputError(name(), reply.problem);
  // 202: some were refused; there is one only. 409: all were.
  if (reply.status != 200) {
    throw InputError(name(), cat("the archive did not file it: HTTP ", reply.status));
  }
}

}  // namespace lmc::archive
