#include "archive/text_report.h"

#include <algorithm>
#include <utility>

#include "archive/dicom_json.h"    // value_of
#include "archive/dicom_writer.h"  // Dataset
#include "base/check.h"            // cat
#include "base/clock.h"            // local_time

namespace lmc::archive {

namespace {

constexpr char kBasicTextSr[] = "1.2.840.10008.5.1.4.1.1.88.11";
constexpr char kOwnCodes[] = "99LITEMEDCOT";
constexpr char kNotice[] =
    "Research use only, not a diagnosis. Written by a vision-language model; not verified.";

struct Concept {
  const char* code;
  const char* scheme;
  const char* meaning;
};

constexpr Concept kTitle = {"ANSWER", kOwnCodes, "Answer of a model to a question"};
constexpr Concept kSource = {"121112", "DCM", "Source of Measurement"};
constexpr Concept kQuestion = {"QUESTION", kOwnCodes, "Question"};
constexpr Concept kShownAs = {"SHOWN-AS", kOwnCodes, "Shown as"};
constexpr Concept kOption = {"OPTION", kOwnCodes, "Option"};
constexpr Concept kReasoning = {"REASONING", kOwnCodes, "Reasoning"};
constexpr Concept kConfidence = {"CONFIDENCE", kOwnCodes, "Confidence"};
constexpr Concept kModel = {"MODEL", kOwnCodes, "Model"};
constexpr Concept kFinding = {"121071", "DCM", "Finding"};
constexpr Concept kComment = {"121106", "DCM", "Comment"};

Dataset code_of(const Concept& named) {
  Dataset code;
  code.set(0x00080100, "SH", named.code);
  code.set(0x00080102, "SH", named.scheme);
  code.set(0x00080104, "LO", named.meaning);
  return code;
}

Dataset item_of(const char* value_type, const Concept& named) {
  Dataset item;
  item.set(0x0040A010, "CS", "CONTAINS");
  item.set(0x0040A040, "CS", value_type);
  item.set_items(0x0040A043, {code_of(named)});
  return item;
}

Dataset text_item(const Concept& named, const std::string& text) {
  Dataset item = item_of("TEXT", named);
  item.set(0x0040A160, "UT", text);
  return item;
}

Dataset referenced(const LargeJson& image, const InstancePath& path) {
  Dataset sop;
  sop.set(0x00081150, "UI", value_of(image, "00080016"));
  sop.set(0x00081155, "UI", path.instance);
  return sop;
}

// The study, series and instance that the report speaks of.
Dataset evidence(const LargeJson& image, const InstancePath& path) {
  Dataset series;
  series.set_items(0x00081199, {referenced(image, path)});
  series.set(0x0020000E, "UI", path.series);
  Dataset study;
  study.set_items(0x00081115, {series});
  study.set(0x0020000D, "UI", path.study);
  return study;
}

// What the archive files it by: the image's patient and study.
void copy_patient_and_study(const LargeJson& image, Dataset& report) {
  struct Copied {
    uint32_t tag;
    const char* name;
    const char* vr;
  };
  constexpr Copied kCopied[] = {{0x00080020, "00080020", "DA"}, {0x00080030, "00080030", "TM"},
                                {0x00080050, "00080050", "SH"}, {0x00080090, "00080090", "PN"},
                                {0x00081030, "00081030", "LO"}, {0x00100010, "00100010", "PN"},
                                {0x00100020, "00100020", "LO"}, {0x00100030, "00100030", "DA"},
                                {0x00100040, "00100040", "CS"}, {0x00200010, "00200010", "SH"}};
  for (const Copied& one : kCopied) report.set(one.tag, one.vr, value_of(image, one.name));
}

std::vector<Dataset> contents(const ReportedAnswer& answer, const LargeJson& image,
                              const InstancePath& path) {
  std::vector<Dataset> items = {text_item(kComment, kNotice)};
  Dataset picture = item_of("IMAGE", kSource);
  Dataset seen = referenced(image, path);
  if (answer.frame > 0) seen.set(0x00081160, "IS", cat(answer.frame));
  picture.set_items(0x00081199, {seen});
  items.push_back(std::move(picture));
  if (!answer.shown_as.empty()) items.push_back(text_item(kShownAs, answer.shown_as));
  items.push_back(text_item(kQuestion, answer.question));
  for (const std::string& option : answer.options) items.push_back(text_item(kOption, option));
  items.push_back(text_item(kFinding, answer.answer));
  if (!answer.confidence.empty()) items.push_back(text_item(kConfidence, answer.confidence));
  if (!answer.reasoning.empty()) items.push_back(text_item(kReasoning, answer.reasoning));
  items.push_back(text_item(kModel, answer.model));
  return items;
}

}  // namespace

std::string text_report(const ReportedAnswer& answer, const LargeJson& image,
                        const InstancePath& path) {
  const std::string instance = new_uid();
  Dataset report;
  copy_patient_and_study(image, report);
  report.set(0x00080005, "CS", "ISO_IR 192");  // UTF-8
  report.set(0x00080016, "UI", kBasicTextSr);
  report.set(0x00080018, "UI", instance);
  report.set(0x00080023, "DA", local_time("%Y%m%d"));
  report.set(0x00080033, "TM", local_time("%H%M%S"));
  report.set(0x00080060, "CS", "SR");
  report.set(0x00080070, "LO", "LiteMedCoT-VL");
  report.set(0x0008103E, "LO", "Research use only: answer of a model");
  report.set_items(0x00081111, {});
  report.set(0x0020000D, "UI", path.study);
  report.set(0x0020000E, "UI", new_uid());
  report.set(0x00200011, "IS", "9900");
  report.set(0x00200013, "IS", "1");
  report.set(0x0040A040, "CS", "CONTAINER");
  report.set_items(0x0040A043, {code_of(kTitle)});
  report.set(0x0040A050, "CS", "SEPARATE");
  report.set_items(0x0040A372, {});
  report.set_items(0x0040A375, {evidence(image, path)});
  report.set(0x0040A491, "CS", "PARTIAL");
  report.set(0x0040A493, "CS", "UNVERIFIED");
  report.set_items(0x0040A730, contents(answer, image, path));
  return dicom_file(report, kBasicTextSr, instance);
}

}  // namespace lmc::archive
