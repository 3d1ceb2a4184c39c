// Ledgers of several runs, such as shards on several machines, as one ledger.
//
// The lines stand in the order of the inputs' first lines and are copied as they are. Within one
// file the last line of a question counts, as everywhere. A question that stands in two files is a
// duplicate when verdict, letter and reasoning are the same, else a conflict: an accepted
// explanation beats a rejected one, then the file named first wins.
// Beside the merged ledger stands <out>.conflicts.jsonl, one line a question in conflict.
// Memory: the ids and places of the lines, not their texts.
// Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"  // Field

namespace lmc::teacher {

struct MergeOptions {
  std::vector<std::string> ledgers;
  std::string out;

  std::vector<Field> fields();
};

struct MergedFile {
  std::string path;
  int64_t lines = 0;
  int64_t accepted = 0;  // questions, by the line that counts
  int64_t rejected = 0;
};

struct MergeResult {
  std::vector<MergedFile> files;
  int64_t questions = 0;  // lines of the merged ledger
  int64_t accepted = 0;
  int64_t duplicates = 0;                // lines dropped, the same as the one that was kept
  int64_t conflicts = 0;                 // questions
  std::vector<std::string> conflicting;  // ids of the first few
};

// A few lines for the user.
std::string summary(const MergeResult& result);

// Errors: InputError for fewer than two ledgers, one given twice, an unreadable one, or an `out`
// that is there already.
MergeResult merge_ledgers(const MergeOptions& options);

}  // namespace lmc::teacher
