// questions.jsonl opened so that single questions can be read again later: it keeps where each one
// stands, not what it says. 150,000 questions take about a megabyte.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "record/json_lines.h"  // LineReader
#include "record/question.h"    // Question

namespace lmc::record {

// Threads: one at a time.
class QuestionFile {
 public:
  // Reads the file once and shows each question to `visit` with its place, so that a faulty line is
  // found before work begins.
  // Errors: InputError naming file and line, also for an id that occurs twice.
  explicit QuestionFile(
      const std::string& path,
      const std::function<void(size_t place, const Question& question)>& visit = {});

  size_t size() const { return offsets_.size(); }

  // The question at `place`, its image path joined to the file's folder.
  Question read(size_t place);

 private:
  std::string path_;
  LineReader reader_;
  std::vector<uint64_t> offsets_;
};

}  // namespace lmc::record
