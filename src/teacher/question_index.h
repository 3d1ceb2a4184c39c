// Finds the question of questions.jsonl that a foreign explanation is about.
//
// Memory: for each question its place in the file and a few hashes; no texts.
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.h"             // Digest
#include "record/json_lines.h"       // LineReader
#include "record/question.h"         // Question
#include "teacher/foreign_answer.h"  // ForeignAnswer
#include "teacher/listed_options.h"  // ListedOptions

namespace lmc::teacher {

class QuestionIndex {
 public:
  // With `by_image`, an explanation that names its image belongs only to a question whose
  // image file has the same name, folder and ending apart.
  // Errors: InputError naming file and line, also for an id that occurs twice.
  QuestionIndex(const std::string& questions, bool by_image);

  size_t size() const { return entries_.size(); }

  struct Match {
    size_t question = 0;  // its place in the file; valid when `problem` is empty
    std::string problem;  // "no such question", "another picture", "other options", "ambiguous"
  };

  // The question's text must stand in the prompt, as whole sentences. Of several, the one with the
  // foreign id ("#2" apart), else those whose options are all listed and that have the image's
  // name, else the longest text.
  Match find(const ForeignAnswer& answer, const ListedOptions& listed) const;

  record::Question question(size_t place);

 private:
  struct Entry {
    uint64_t offset = 0;
    uint64_t image = 0;  // hash of the file's name
    std::vector<uint64_t> options;
  };

  // A question whose text stands in the prompt.
  struct Candidate {
    size_t place = 0;
    size_t words = 0;
  };
  std::vector<Candidate> asked_in(std::string_view prompt) const;

  std::vector<Entry> entries_;
  std::unordered_map<Digest, size_t> place_of_id_;
  std::unordered_map<uint64_t, std::vector<size_t>> places_of_text_;
  size_t most_words_ = 0;  // of a question
  bool by_image_;
  record::LineReader reader_;
};

}  // namespace lmc::teacher
