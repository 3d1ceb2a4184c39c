#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "archive/dicom_json.h"
#include "archive/dicom_writer.h"
#include "archive/dicomweb.h"
#include "archive/multipart.h"
#include "archive/text_report.h"
#include "base/check.h"      // InputError
#include "base/wire_json.h"  // parse_wire_json
#include "net/http_server.h"

namespace lmc::archive {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(DicomJson, ValuesAsText) {
  const LargeJson dataset = *parse_wire_json(R"({
    "00080061": {"vr": "CS", "Value": ["CT", "SR"]},
    "00100010": {"vr": "PN", "Value": [{"Ideographic": "王^小东", "Alphabetic": "Wang^Xiao"}]},
    "00201208": {"vr": "IS", "Value": [12]}, "00280008": {"vr": "IS", "Value": ["7"]},
    "00080050": {"vr": "SH"}, "00080090": 3, "00200011": {"vr": "IS", "Value": ["7a"]}})");
  EXPECT_THAT(values_of(dataset, "00080061"), ElementsAre("CT", "SR"));
  EXPECT_EQ(value_of(dataset, "00100010"), "Wang^Xiao");
  EXPECT_EQ(number_of(dataset, "00201208"), 12);
  EXPECT_EQ(number_of(dataset, "00280008"), 7);
  EXPECT_EQ(number_of(dataset, "00200011"), 0);
  for (const char* tag : {"00080050", "00080090", "99999999"}) {
    EXPECT_EQ(value_of(dataset, tag), "") << tag;
  }
  EXPECT_THAT(values_of(LargeJson::array(), "00080050"), IsEmpty());
}

TEST(DicomJson, OnlyUidsStandInPaths) {
  EXPECT_TRUE(is_uid("1.2.840.10008"));
  EXPECT_TRUE(is_uid(std::string(64, '1')));
  for (const std::string& text : {std::string(), std::string(65, '1'), std::string("1..2"),
                                  std::string("1/2"), std::string("../1"), std::string("1.2 ")}) {
    EXPECT_FALSE(is_uid(text)) << text;
  }
}

TEST(Multipart, PartsComeBack) {
  const std::string body =
      "preamble\r\n--b1\r\nContent-Type: a/b\r\n\r\none\r\n\r\n--b\r\n--b1\r\n\r\n\r\n--b1\r\nX: y\r\n"
      "\r\n\r\n--b1--\r\ntrailer";
  EXPECT_THAT(parts_of(body, "multipart/related; type=\"a/b\"; boundary=\"b1\"", "w"),
              ElementsAre("one\r\n\r\n--b", "", ""));
  EXPECT_THAT(parts_of(body, "Multipart/Related;boundary=b1; type=x", "w"), SizeIs(3));
  std::string bytes("\0\r\n--\xFF\r\n\r\n", 10);
  const Multipart made = as_multipart(bytes, "application/dicom");
  EXPECT_THAT(parts_of(made.body, made.content_type, "w"), ElementsAre(bytes));
}

TEST(Multipart, CutOrWrongIsAnError) {
  const Multipart made = as_multipart("file", "application/dicom");
  for (size_t size = 0; size + 4 < made.body.size(); ++size) {
    EXPECT_THROW(parts_of(made.body.substr(0, size), made.content_type, "w"), InputError) << size;
  }
  for (const char* type : {"application/dicom", "multipart/related",
                           "multipart/related; boundary=", "multipart/related; boundary=\"\""}) {
    EXPECT_THROW(parts_of(made.body, type, "w"), InputError) << type;
  }
}

// The bytes of PS3.5: a UID of odd length is filled up with zero, text with a blank.
TEST(DicomWriter, WritesExplicitLittleEndian) {
  Dataset item;
  item.set(0x00080100, "SH", "ab");
  Dataset dataset;
  dataset.set(0x00200013, "IS", "1");
  dataset.set(0x00080018, "UI", "1.2");
  dataset.set_items(0x0040A730, {item});
  EXPECT_EQ(dataset.bytes(), std::string("\x08\0\x18\0UI\x04\0"
                                         "1.2\0"
                                         "\x20\0\x13\0IS\x02\0"
                                         "1 "
                                         "\x40\0\x30\xA7SQ\0\0\x12\0\0\0"
                                         "\xFE\xFF\0\xE0\x0A\0\0\0"
                                         "\x08\0\0\x01SH\x02\0ab",
                                         12 + 10 + 12 + 8 + 10));
  Dataset long_text;
  long_text.set(0x00100020, "LO", std::string(63, 'a') + "\u00e9");
  EXPECT_THAT(long_text.bytes(), SizeIs(8 + 64));  // cut before the character that does not fit
  EXPECT_THAT(long_text.bytes(), testing::EndsWith("a "));
}

TEST(DicomWriter, UidsAreNewAndValid) {
  const std::string uid = new_uid();
  EXPECT_TRUE(is_uid(uid)) << uid;
  EXPECT_TRUE(uid.starts_with("2.25."));
  EXPECT_NE(uid, new_uid());
}

// An archive of one patient, which remembers what it was asked.
class ArchiveTest : public testing::Test {
 protected:
  static constexpr char kStudy[] = "1.2.3";

  ArchiveTest() : server_({}) {
    for (const char* path : {"/dicom-web/studies", "/dicom-web/*"}) {
      server_.route("GET", path, [this](const net::ServerRequest& request) {
        asked_.push_back(request.path + "?" + request.query);
        accept_ = request.headers.get("Accept");
        authorization_ = request.headers.get("Authorization");
        return reply_;
      });
    }
    server_.route("POST", "/dicom-web/studies", [this](const net::ServerRequest& request) {
      stored_ = request.body;
      stored_type_ = request.headers.get("Content-Type");
      return reply_;
    });
    server_.start();
  }

  Archive archive(const std::string& path = "/dicom-web/") const {
    ArchiveOptions options;
    options.url = cat("http://127.0.0.1:", server_.port(), path);
    options.authorization = "Basic c2VjcmV0";
    return Archive(options);
  }

  template <class Ask>
  std::string error_of(Ask ask) const {
    try {
      ask(archive());
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  net::ServerReply reply_;
  std::vector<std::string> asked_;
  std::string accept_, authorization_, stored_, stored_type_;
  net::HttpServer server_;
};

TEST_F(ArchiveTest, ListsStudiesAsTheyAreSearched) {
  reply_.body = R"([{"0020000D": {"vr": "UI", "Value": ["1.2.3"]},
                     "00080061": {"vr": "CS", "Value": ["CT"]},
                     "00100010": {"vr": "PN", "Value": [{"Alphabetic": "DOE^JANE"}]}},
                    {"0020000D": {"vr": "UI", "Value": ["../../admin"]}}, 17])";
  StudyQuery query;
  query.patient_name = "D\xC3\xB6&limit=9*";
  query.date = "20260101-20260131";
  const std::vector<Study> studies = archive().studies(query);
  ASSERT_THAT(studies, SizeIs(1));  // what has no UID cannot be asked for
  EXPECT_EQ(studies[0].uid, kStudy);
  EXPECT_EQ(studies[0].patient_name, "DOE^JANE");
  EXPECT_THAT(studies[0].modalities, ElementsAre("CT"));
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_THAT(asked_[0], HasSubstr("/dicom-web/studies?limit=50&offset=0&"));
  EXPECT_THAT(asked_[0], HasSubstr("&PatientName=D??limit?9*&StudyDate=20260101-20260131"));
  EXPECT_THAT(asked_[0], Not(HasSubstr("PatientID")));
  EXPECT_EQ(accept_, "application/dicom+json");
  EXPECT_EQ(authorization_, "Basic c2VjcmV0");
}

TEST_F(ArchiveTest, NothingFoundIsNoError) {
  reply_.status = 204;
  EXPECT_THAT(archive().studies({}), IsEmpty());
  reply_.status = 200;
  reply_.body = "[]";
  EXPECT_THAT(archive().series(kStudy), IsEmpty());
  EXPECT_THAT(asked_.back(), HasSubstr("/dicom-web/studies/1.2.3/series"));
}

TEST_F(ArchiveTest, FetchesAFile) {
  const Multipart made = as_multipart("DICM bytes", "application/dicom");
  reply_.content_type = made.content_type;
  reply_.body = made.body;
  EXPECT_EQ(archive().fetch({"1.2", "3.4", "5.6"}), "DICM bytes");
  EXPECT_THAT(asked_[0], HasSubstr("/dicom-web/studies/1.2/series/3.4/instances/5.6"));
  EXPECT_THAT(accept_, HasSubstr("multipart/related; type=\"application/dicom\""));
}

// What an archive says may hold a patient's name.
TEST_F(ArchiveTest, ErrorsQuoteNothingOfAReply) {
  reply_.body = R"({"Message": "DOE^JANE"})";
  const auto list = [](const Archive& archive) { archive.studies({}); };
  EXPECT_THAT(error_of(list), HasSubstr("expected a list in DICOM JSON"));
  for (const int status : {302, 401, 404, 500}) {
    reply_.status = status;
    EXPECT_THAT(error_of(list), HasSubstr(std::to_string(status)));
    EXPECT_THAT(error_of(list), Not(HasSubstr("DOE")));
  }
  reply_.status = 200;
  EXPECT_THAT(error_of([](const Archive& archive) {
                archive.fetch({"1", "2", "3"});
              }),
              HasSubstr("multipart/related"));
  const size_t before = asked_.size();
  EXPECT_THAT(error_of([](const Archive& archive) {
                archive.fetch({"1", "2/..", "3"});
              }),
              HasSubstr("digits and dots"));
  EXPECT_THAT(error_of([](const Archive& archive) { archive.series("1?x"); }),
              HasSubstr("digits and dots"));
  EXPECT_EQ(asked_.size(), before);
}

TEST_F(ArchiveTest, AddressesWithSecretsAreRefused) {
  EXPECT_THROW(archive("/dicom-web?token=SECRET"), InputError);
  ArchiveOptions options;
  options.url = "http://user:password@127.0.0.1/dicom-web";
  EXPECT_THROW(Archive{options}, InputError);
  options.url = "file:///etc";
  EXPECT_THROW(Archive{options}, InputError);
}

TEST_F(ArchiveTest, FilesAReport) {
  const LargeJson image = *parse_wire_json(R"({
    "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "DOE^JANE"}]},
    "00100020": {"vr": "LO", "Value": ["4711"]}})");
  const std::string report = text_report({"Where?",
                                          {"A. left", "B. right"},
                                          "B. right",
                                          "",
                                          "It is right.",
                                          "model",
                                          12,
                                          "window centre 40"},
                                         image, {"1.2", "3.4", "5.6"});
  archive().store(report);
  EXPECT_THAT(stored_type_, HasSubstr("multipart/related; type=\"application/dicom\""));
  EXPECT_THAT(parts_of(stored_, stored_type_, "w"), ElementsAre(report));
  EXPECT_EQ(report.substr(128, 4), "DICM");
  for (const char* part :
       {"DOE^JANE", "4711", "Research use only, not a diagnosis", "UNVERIFIED", "It is right.",
        "B. right", "1.2.840.10008.5.1.4.1.1.88.11", "window centre 40"}) {
    EXPECT_THAT(report, HasSubstr(part));
  }
  // Of the image's attributes, that of the frame: (0008,1160) IS of two characters.
  EXPECT_THAT(report, HasSubstr(std::string("\x08\0\x60\x11IS\x02\0"
                                            "12",
                                            10)));
  reply_.status = 409;
  EXPECT_THAT(error_of([&](const Archive& archive) { archive.store(report); }),
              HasSubstr("did not file it: HTTP 409"));
}

}  // namespace
}  // namespace lmc::archive
