// questions.jsonl opened so that single questions can be read again later: it keeps where each one
// stands, not what it says. 150,000 questions take a few megabytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "record/question.h"  // Question

namespace lmc::record {

class QuestionFile {
 public:
  // Reads the file once and shows each question to `visit` with its place, so that a faulty line is
  // found before work begins. Errors: InputError naming file and line, also for an id that occurs
  // twice.
  explicit QuestionFile(
      const std::string& path,
      const std::function<void(size_t place, const Question& question)>& visit = {});
  ~QuestionFile();
  QuestionFile(const QuestionFile&) = delete;
  QuestionFile& operator=(const QuestionFile&) = delete;

  size_t size() const { return lines_.size(); }

  // The question at `place`, its image path joined to the file's folder. Threads: any.
  Question read(size_t place) const;

 private:
  struct Line {
    uint64_t offset = 0;
    uint32_t length = 0;
    uint32_t number = 0;  // from 1
  };

  std::string path_;
  int descriptor_ = -1;  // read with pread: mapped pages would count as this program's memory
  std::vector<Line> lines_;
};

}  // namespace lmc::record
