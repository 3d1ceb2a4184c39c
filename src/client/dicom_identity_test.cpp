#include "client/dicom_identity.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/check.h"   // cat
#include "base/files.h"   // read_file
#include "base/random.h"  // Random

namespace lmc::client {
namespace {

std::string number(uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
  return bytes;
}

std::string tag(uint32_t group, uint32_t element) { return number(group, 2) + number(element, 2); }

std::string implicit(uint32_t group, uint32_t element, const std::string& value) {
  return tag(group, element) + number(static_cast<uint32_t>(value.size()), 4) + value;
}

// With a short size.
std::string explicit_vr(uint32_t group, uint32_t element, const std::string& vr,
                        const std::string& value) {
  return tag(group, element) + vr + number(static_cast<uint32_t>(value.size()), 2) + value;
}

constexpr const char* kImplicit = "1.2.840.10008.1.2";
constexpr const char* kExplicit = "1.2.840.10008.1.2.1";

std::string file_with(std::string syntax, const std::string& data_set) {
  if (syntax.size() % 2 != 0) syntax += '\0';
  return std::string(128, '\0') + "DICM" + explicit_vr(2, 0x10, "UI", syntax) + data_set;
}

const std::string kUndefined = number(0xffffffff, 4);
const std::string kItem = tag(0xfffe, 0xe000);
const std::string kEnds = tag(0xfffe, 0xe00d) + number(0, 4) + tag(0xfffe, 0xe0dd) + number(0, 4);

TEST(DicomIdentity, ExplicitForm) {
  const std::string file =
      file_with(kExplicit, explicit_vr(0x0010, 0x0010, "PN", "Made^Up ") +
                               explicit_vr(0x0012, 0x0062, "CS", "YES ") +
                               explicit_vr(0x0028, 0x0301, "CS", "NO") + tag(0x7fe0, 0x0010) +
                               "OW" + number(0, 2) + number(4, 4) + "abcd");
  ASSERT_TRUE(is_dicom(file));
  const DicomIdentity identity = dicom_identity(file);
  EXPECT_EQ(identity.patient_identity_removed, "YES");
  EXPECT_EQ(identity.burned_in_annotation, "NO");
}

TEST(DicomIdentity, ImplicitForm) {
  const DicomIdentity identity = dicom_identity(
      file_with(kImplicit, implicit(0x0010, 0x0010, "Made^Up ") + implicit(0x0012, 0x0062, "NO") +
                               implicit(0x0028, 0x0301, "YES ")));
  EXPECT_EQ(identity.patient_identity_removed, "NO");
  EXPECT_EQ(identity.burned_in_annotation, "YES");
}

// A tag inside a sequence is another thing's; the one behind the sequence counts.
TEST(DicomIdentity, SequencesAreSteppedOver) {
  const std::string inside = implicit(0x0012, 0x0062, "YES ");
  const std::string sequence =
      tag(0x0008, 0x1140) + kUndefined + kItem + kUndefined + inside + kEnds;
  EXPECT_EQ(dicom_identity(file_with(kImplicit, sequence)).patient_identity_removed, "");
  EXPECT_EQ(dicom_identity(file_with(kImplicit, sequence + implicit(0x0012, 0x0062, "NO")))
                .patient_identity_removed,
            "NO");
  const std::string unknown =
      tag(0x0009, 0x1001) + "UN" + number(0, 2) + kUndefined + kItem + kUndefined + inside + kEnds;
  EXPECT_EQ(dicom_identity(file_with(kExplicit, unknown + explicit_vr(0x0012, 0x0062, "CS", "NO")))
                .patient_identity_removed,
            "NO");
}

TEST(DicomIdentity, EndsAtThePixels) {
  const std::string file =
      file_with(kImplicit, implicit(0x7fe0, 0x0010, "abcd") + implicit(0x0028, 0x0301, "NO"));
  EXPECT_EQ(dicom_identity(file).burned_in_annotation, "");
}

TEST(DicomIdentity, OtherFormsSayNothing) {
  EXPECT_FALSE(is_dicom(""));
  EXPECT_FALSE(is_dicom(std::string(128, '\0') + "DIC"));
  EXPECT_FALSE(is_dicom(std::string(200, 'D')));
  for (const char* syntax : {"1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"}) {
    EXPECT_EQ(
        dicom_identity(file_with(syntax, implicit(0x0012, 0x0062, "NO"))).patient_identity_removed,
        "");
  }
}

TEST(DicomIdentity, DamagedFiles) {
  const std::string whole = file_with(kImplicit, tag(0x0008, 0x1140) + kUndefined + kItem +
                                                     kUndefined + implicit(0x0012, 0x0062, "YES ") +
                                                     kEnds + implicit(0x0028, 0x0301, "NO"));
  for (size_t size = 0; size < whole.size(); ++size) dicom_identity(whole.substr(0, size));
  Random random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string file = whole;
    for (int k = 0; k < 4; ++k) {
      file[static_cast<size_t>(random.integer(132, static_cast<int64_t>(file.size()) - 1))] =
          static_cast<char>(random.integer(0, 255));
    }
    dicom_identity(file);
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += tag(0x0008, 0x1140) + kUndefined;
  dicom_identity(file_with(kImplicit, deep));
}

// Of these files pydicom 3.0.2 finds one of the two tags at the top level of one only.
TEST(DicomIdentity, RealFiles) {
  const char* data = std::getenv("LMC_TEST_DATA");
  const std::string folder =
      cat(data != nullptr ? data : std::string(LMC_SOURCE_DIR) + "/../shared/data",
          "/dicom/pydicom_test_files");
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no files at " << folder;
  std::string said;
  int num_dicom = 0;
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.insert(entry.path());
  for (const auto& path : paths) {
    const std::string file = read_file(path.string());
    if (!is_dicom(file)) continue;
    ++num_dicom;
    const DicomIdentity identity = dicom_identity(file);
    if (identity.patient_identity_removed.empty() && identity.burned_in_annotation.empty())
      continue;
    said += cat(path.filename().string(), " ", identity.patient_identity_removed, "/",
                identity.burned_in_annotation, "\n");
  }
  EXPECT_GE(num_dicom, 70);
  EXPECT_EQ(said, "693_J2KI.dcm YES/\n");
}

}  // namespace
}  // namespace lmc::client
