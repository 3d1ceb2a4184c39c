// The files of a prepared folder that hold rows, written as the rows come.
#pragma once

#include <string>

#include "base/files.h"   // AtomicFile
#include "base/sha256.h"  // Sha256
#include "data/source_row.h"

namespace lmc::data {

class QuestionFiles {
 public:
  QuestionFiles(const std::string& folder, const std::string& source);

  void add_question(const record::Question& question);
  void add_rejected(const SourceRow& row);

  void commit_rejected();
  std::string commit_ids();  // their SHA-256
  void commit_questions();   // last: a folder that has questions.jsonl is complete

 private:
  // A file whose lines are handed on in large pieces.
  struct Buffered {
    explicit Buffered(const std::string& path) : file(path) {}
    void flush_if_full();
    void commit();
    AtomicFile file;
    std::string text;
  };

  Buffered questions_;
  Buffered rejected_;
  Buffered ids_;
  Sha256 ids_hash_;
  std::string source_;
};

}  // namespace lmc::data
