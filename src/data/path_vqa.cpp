// PathVQA: questions on pathology figures, published as lists of {image, question, answer}, half of
// them answered by yes or no.
//
// Source: He et al., "PathVQA: 30000+ Questions for Medical Visual Question Answering",
//         arXiv 2003.10286; image names there have no extension.
#include <filesystem>
#include <optional>
#include <unordered_set>

#include "base/check.h"  // cat
#include "base/digest.h"
#include "base/json.h"  // Json
#include "data/closed_question.h"
#include "data/json_rows.h"
#include "data/source_row.h"

namespace lmc::data {

namespace {

namespace fs = std::filesystem;

class PathVqaReader {
 public:
  explicit PathVqaReader(const std::string& path)
      : file_name_(fs::path(path).filename().string()), file_split_(split_of_file(path)) {}

  void read(const Json& entry, SourceRow& row) {
    if (!entry.is_object()) return row.reject("the entry is not an object", "");
    const auto image = text_of(entry, "image");
    const auto text = text_of(entry, "question");
    const auto answer = text_of(entry, "answer");
    if (!image || !text || !answer) {
      return row.reject("a key is missing or is neither text nor number",
                        "needs image, question, answer");
    }
    if (text->empty() || image->empty()) {
      return row.reject("the question or its image is empty", *image);
    }
    if (!read_yes_or_no(*answer, row.question)) return row.reject(kOpenQuestion, *answer);
    record::Question& question = row.question;
    const fs::path name(*image);
    question.question = *text;
    question.image = name.has_extension() ? *image : *image + ".jpg";
    question.group = name.stem().string();
    question.split = text_of(entry, "split").value_or(file_split_);
    question.source = "path-vqa:" + file_name_;
    question.id = cat("path-vqa/", question.split, "/", question.group, "/",
                      short_hash(to_text({*image, *text, *answer})));
    if (!ids_.insert(digest_of(question.id)).second) row.reject(kRepeatedId, question.id);
  }

 private:
  std::string file_name_;
  std::string file_split_;
  std::unordered_set<Digest> ids_;
};

}  // namespace

void for_each_path_vqa(const std::string& path, const VisitRow& visit) {
  PathVqaReader reader(path);
  for_each_json_source_row(
      path, [&](JsonRow& json, SourceRow& row) { reader.read(json.value, row); }, visit);
}

}  // namespace lmc::data
