// Which questions a run asks: those of its split and shard that the ledger does not hold yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/question_file.h"  // QuestionFile
#include "teacher/inquiry.h"       // Inquiry, InquiryForm
#include "teacher/ledger.h"        // Ledger

namespace lmc::teacher {

// Part `index` (from 1) of `count`. A question belongs to the same part on every host, whatever
// else stands in the file.
struct Shard {
  int64_t index = 1;
  int64_t count = 1;

  bool holds(std::string_view question_id) const;
};

// "2/8"; empty: the whole. Errors: InputError.
Shard shard_from_word(const std::string& word);

struct Selection {
  std::string split;  // empty: every split
  Shard shard;
  int64_t limit = 0;  // 0: all
  bool retry_rejected = false;
};

class WorkList {
 public:
  // Reads the questions once, with the ledger beside them; both and `form` must outlive the list.
  // Errors: InputError when nothing is selected, and when a finished question was asked with
  // another prompt: its line would not fit the others.
  WorkList(const std::string& questions_path, const Selection& selection, const InquiryForm& form,
           const Ledger& ledger);

  int64_t num_selected() const { return num_selected_; }  // done or not
  size_t size() const { return tasks_.size(); }           // still to be asked

  // Reads question number `index` of those to be asked. Threads: one at a time.
  Inquiry inquiry(size_t index);

 private:
  void consider(size_t place, const record::Question& question, const Selection& selection);
  void check_prompt(const record::Question& question, const Finished& finished) const;

  const InquiryForm& form_;
  const Ledger& ledger_;
  int64_t num_selected_ = 0;
  std::vector<uint32_t> tasks_;  // places in the file
  record::QuestionFile file_;    // last: reading it fills in what stands above
};

}  // namespace lmc::teacher
