// What else than asking a teacher can be done with a ledger: options of `teach`, one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"    // Field
#include "teacher/teach.h"  // TeachOptions, TeachResult

namespace lmc::apps {

struct LedgerActions {
  bool status = false;
  int64_t examples = 2;
  std::string write_prompts;
  std::string batch_write;
  std::vector<std::string> batch_read;
  std::vector<std::string> merge;
  std::string import_file;
  std::string teacher;
  bool match_images = true;
  std::string export_file;
  std::string image_root;
  std::string form;
  std::string review_sheet;
  int64_t items = 50;
  std::vector<std::string> review;
  std::string key;
  std::string json;

  std::vector<Field> fields();
};

// Does the one that is named, with the options of `teach` that it needs; false: none is named.
// Errors: InputError, also when two are named.
bool run_ledger_action(const LedgerActions& actions, const teacher::TeachOptions& options);

// Prints what came back into the ledger `out`.
// Errors: InputError (exit code 2) when questions were left without a reply; `hint` says what to do
// then.
void report_replies(const teacher::TeachResult& result, const std::string& out,
                    const std::string& hint);

}  // namespace lmc::apps
