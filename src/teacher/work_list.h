// Which questions a run asks: those of its split and shard that the ledger does not hold yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/shard.h"             // Shard
#include "record/question_file.h"   // QuestionFile
#include "teacher/ledger.h"         // Ledger
#include "teacher/sampling_task.h"  // SamplingTask, SamplingTaskOptions

namespace lmc::teacher {

// Whether the question is part of the shard: the same part on every host, whatever else stands in
// the file.
bool holds(const Shard& shard, std::string_view question_id);

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
  WorkList(const std::string& questions_path, const Selection& selection,
           const SamplingTaskOptions& form, const Ledger& ledger);

  int64_t num_selected() const { return num_selected_; }  // done or not
  size_t size() const { return tasks_.size(); }           // still to be asked

  // Reads question number `index` of those to be asked.
  // Threads: one at a time.
  SamplingTask sampling_task(size_t index);

  // To be called before it is noted down that the image of question number `index` cannot be read.
  // Errors: as record::check_images_are_there.
  // Threads: one at a time.
  void check_images_are_there(size_t index);

 private:
  void consider(size_t place, const record::Question& question, const Selection& selection);
  void check_prompt(const record::Question& question, const Finished& finished) const;

  const SamplingTaskOptions& form_;
  const Ledger& ledger_;
  int64_t num_selected_ = 0;
  std::vector<uint32_t> tasks_;  // places in the file
  record::QuestionFile file_;    // last: reading it fills in what stands above
};

}  // namespace lmc::teacher
