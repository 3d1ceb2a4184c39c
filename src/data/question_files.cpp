#include "data/question_files.h"

#include "record/question_line.h"  // append_line
#include "record/run_files.h"      // questions_path

namespace lmc::data {

namespace {

constexpr size_t kPieceBytes = size_t{1} << 20U;

}  // namespace

void QuestionFiles::Buffered::flush_if_full() {
  if (text.size() < kPieceBytes) return;
  file.write(text);
  text.clear();
}

void QuestionFiles::Buffered::commit() {
  file.write(text);
  file.commit();
}

QuestionFiles::QuestionFiles(const std::string& folder, const std::string& source)
    : questions_(record::questions_path(folder)),
      rejected_(folder + "/rejected.jsonl"),
      ids_(folder + "/row_ids.txt"),
      source_(source) {}

void QuestionFiles::add_question(const record::Question& question) {
  record::append_line(questions_.text, question);
  questions_.flush_if_full();
  // An id is one line here, whatever it holds.
  std::string id = question.id;
  for (char& c : id) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  id += '\n';
  ids_hash_.update(id);
  ids_.text += id;
  ids_.flush_if_full();
}

void QuestionFiles::add_rejected(const SourceRow& row) {
  Json line = {
      {"file", source_}, {"row", row.number}, {"reason", row.reason}, {"detail", row.detail}};
  if (row.first_line > 0) {
    line["first_line"] = row.first_line;
    line["last_line"] = row.last_line;
  }
  rejected_.text += to_text(line) + "\n";
  rejected_.flush_if_full();
}

void QuestionFiles::commit_rejected() { rejected_.commit(); }

std::string QuestionFiles::commit_ids() {
  ids_.commit();
  return ids_hash_.hex();
}

void QuestionFiles::commit_questions() { questions_.commit(); }

}  // namespace lmc::data
