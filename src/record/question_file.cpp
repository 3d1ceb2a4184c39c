#include "record/question_file.h"

#include <unordered_set>

#include "base/check.h"   // InputError
#include "base/digest.h"  // Digest, digest_of

namespace lmc::record {

QuestionFile::QuestionFile(const std::string& path,
                           const std::function<void(size_t place, const Question& question)>& visit)
    : path_(path), reader_(path) {
  std::unordered_set<Digest> ids;
  for_each_record_at(path, LastLine::kIsWhole,
                     [&](const Json& json, const std::string& where, uint64_t offset) {
                       const Question question = question_of_file(json, path, where);
                       if (!ids.insert(digest_of(question.id)).second) {
                         throw InputError(where, cat("the id \"", question.id, "\" occurs twice"));
                       }
                       offsets_.push_back(offset);
                       if (visit) visit(offsets_.size() - 1, question);
                     });
}

Question QuestionFile::read(size_t place) {
  const uint64_t offset = offsets_.at(place);
  return question_of_file(reader_.record_at(offset), path_, cat(path_, " at byte ", offset));
}

}  // namespace lmc::record
