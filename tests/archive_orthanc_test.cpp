// The archive room against a real Orthanc with its DICOMweb plug-in, where the machine has both
// (Debian: orthanc, orthanc-dicomweb). What is filed here is made here; no data is needed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <thread>

#include "archive/dicom_json.h"    // value_of
#include "archive/dicom_writer.h"  // Dataset
#include "archive/dicomweb.h"      // Archive
#include "archive/text_report.h"   // text_report
#include "base/check.h"            // InputError
#include "base/files.h"            // write_file
#include "base/subprocess.h"       // Subprocess
#include "support/run_program.h"   // TemporaryFolder

namespace lmc::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kOrthanc[] = "/usr/sbin/Orthanc";
constexpr char kPlugIn[] = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";
constexpr char kSecondaryCapture[] = "1.2.840.10008.5.1.4.1.1.7";

int free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  close(listener);
  return ntohs(address.sin_port);
}

class OrthancTest : public testing::Test {
 protected:
  void SetUp() override {
    if (access(kOrthanc, X_OK) != 0 || !file_exists(kPlugIn)) {
      GTEST_SKIP() << "Orthanc and its DICOMweb plug-in are not installed";
    }
    const int port = free_port();
    const Json settings = {{"Name", "test"},
                           {"StorageDirectory", folder_.path("files")},
                           {"IndexDirectory", folder_.path("files")},
                           {"HttpPort", port},
                           {"DicomServerEnabled", false},
                           {"RemoteAccessAllowed", false},
                           {"Plugins", {kPlugIn}},
                           {"DicomWeb", {{"Enable", true}, {"Root", "/dicom-web/"}}}};
    write_file(folder_.path("orthanc.json"), to_text(settings));
    server_ = std::make_unique<Subprocess>(std::vector<std::string>{
        kOrthanc, cat("--logdir=", folder_.path()), folder_.path("orthanc.json")});
    archive::ArchiveOptions options;
    options.url = cat("http://127.0.0.1:", port, "/dicom-web");
    archive_ = std::make_unique<archive::Archive>(options);
    wait_until_it_answers();
  }

  void wait_until_it_answers() const {
    for (int tries = 0; tries < 300; ++tries) {
      try {
        archive_->studies({});
        return;
      } catch (const InputError&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
    FAIL() << "Orthanc did not start within 30 s";
  }

  // A grey image of two by two pixels.
  static std::string image(const archive::InstancePath& path, const std::string& name) {
    archive::Dataset dataset;
    dataset.set(0x00080005, "CS", "ISO_IR 192");
    dataset.set(0x00080016, "UI", kSecondaryCapture);
    dataset.set(0x00080018, "UI", path.instance);
    dataset.set(0x00080020, "DA", "20260131");
    dataset.set(0x00080060, "CS", "OT");
    dataset.set(0x00081030, "LO", "A study");
    dataset.set(0x00100010, "PN", name);
    dataset.set(0x00100020, "LO", "4711");
    dataset.set(0x0020000D, "UI", path.study);
    dataset.set(0x0020000E, "UI", path.series);
    dataset.set(0x00200013, "IS", "1");
    return archive::dicom_file(dataset, kSecondaryCapture, path.instance);
  }

  const TemporaryFolder folder_;
  std::unique_ptr<Subprocess> server_;
  std::unique_ptr<archive::Archive> archive_;
};

TEST_F(OrthancTest, FindsFetchesAndFiles) {
  const archive::InstancePath path{archive::new_uid(), archive::new_uid(), archive::new_uid()};
  EXPECT_THAT(archive_->studies({}), IsEmpty());
  archive_->store(image(path, "D\u00f6e^Jane"));

  archive::StudyQuery query;
  query.patient_name = "*Jane";
  const auto studies = archive_->studies(query);
  ASSERT_THAT(studies, SizeIs(1));
  EXPECT_EQ(studies[0].uid, path.study);
  EXPECT_EQ(studies[0].patient_name, "D\u00f6e^Jane");
  EXPECT_EQ(studies[0].description, "A study");
  EXPECT_EQ(studies[0].num_instances, 1);
  query.patient_name = "Nobody*";
  EXPECT_THAT(archive_->studies(query), IsEmpty());

  const auto series = archive_->series(path.study);
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_EQ(series[0].modality, "OT");
  const auto instances = archive_->instances(path.study, path.series);
  ASSERT_THAT(instances, SizeIs(1));
  EXPECT_EQ(instances[0].uid, path.instance);
  EXPECT_EQ(instances[0].sop_class, kSecondaryCapture);

  const std::string file = archive_->fetch(path);
  EXPECT_EQ(file.substr(128, 4), "DICM");
  EXPECT_THAT(file, HasSubstr("D\u00f6e^Jane"));

  // The report stands beside the image, and says what it is.
  const LargeJson attributes = archive_->metadata(path);
  archive_->store(archive::text_report({"Which side?",
                                        {"A. left", "B. right"},
                                        "B. right",
                                        "79 %",
                                        "It is right.",
                                        "student",
                                        0,
                                        ""},
                                       attributes, path));
  const auto both = archive_->series(path.study);
  ASSERT_THAT(both, SizeIs(2));
  const auto& report = both[0].modality == "SR" ? both[0] : both[1];
  EXPECT_EQ(report.modality, "SR");
  const auto reports = archive_->instances(path.study, report.uid);
  ASSERT_THAT(reports, SizeIs(1));
  const LargeJson filed = archive_->metadata({path.study, report.uid, reports[0].uid});
  EXPECT_EQ(archive::value_of(filed, "00100010"), "D\u00f6e^Jane");
  EXPECT_EQ(archive::value_of(filed, "0040A493"), "UNVERIFIED");
}

TEST_F(OrthancTest, WhatIsNotThereIsSaidSo) {
  try {
    archive_->fetch({"9.9", "9.8", "9.7"});
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("HTTP 404"));
  }
  EXPECT_THROW(archive_->store("no DICOM file"), InputError);
}

}  // namespace
}  // namespace lmc::tests
