#include "teacher/work_list.h"

#include <utility>

#include "base/check.h"   // InputError, cat
#include "base/sha256.h"  // sha256_hex
#include "record/missing_images.h"

namespace lmc::teacher {

bool holds(const Shard& shard, std::string_view question_id) {
  if (shard.count <= 1) return true;
  const std::string hash = sha256_hex(question_id).substr(0, 12);  // 48 bits
  const auto number = std::stoull(hash, nullptr, 16);
  return static_cast<int64_t>(number % static_cast<uint64_t>(shard.count)) == shard.index - 1;
}

WorkList::WorkList(const std::string& questions_path, const Selection& selection,
                   const SamplingTaskOptions& form, const Ledger& ledger)
    : form_(form),
      ledger_(ledger),
      file_(questions_path, [&](size_t place, const record::Question& question) {
        consider(place, question, selection);
      }) {
  if (num_selected_ > 0) return;
  const std::string shard = selection.shard.count > 1 ? " in this shard" : "";
  throw InputError(questions_path, cat("no question of split \"", selection.split, "\"", shard));
}

void WorkList::consider(size_t place, const record::Question& question,
                        const Selection& selection) {
  if (!selection.split.empty() && question.split != selection.split) return;
  if (!holds(selection.shard, question.id)) return;
  if (selection.limit > 0 && num_selected_ >= selection.limit) return;
  ++num_selected_;
  const Finished* finished = ledger_.find(question.id);
  if (finished != nullptr) {
    check_prompt(question, *finished);
    if (finished->accepted || !selection.retry_rejected) return;
  }
  tasks_.push_back(static_cast<uint32_t>(place));
}

void WorkList::check_prompt(const record::Question& question, const Finished& finished) const {
  for (const Mode mode : {Mode::kReject, Mode::kRationalise}) {
    const bool is_asked = mode == Mode::kReject ? form_.rejects : form_.rationalises;
    if (!is_asked) continue;
    const std::string hash =
        client::prompt_sha256(teacher_prompt(question, form_.prompt, mode), question.image_sha256);
    if (finished.is_of_prompt(hash)) return;
  }
  throw InputError(ledger_.path(),
                   cat("question ", question.id, " was asked with another prompt or mode"),
                   "give the options of the first run, or another --out");
}

SamplingTask WorkList::sampling_task(size_t index) {
  record::Question question = file_.read(tasks_.at(index));
  std::string stream = question.id;
  // Asked again: other seeds than before, else the same replies would come again.
  if (const Finished* finished = ledger_.find(question.id)) {
    stream += cat(" after ", finished->reply_hash);
  }
  return {std::move(question), std::move(stream), form_};
}

void WorkList::check_images_are_there(size_t index) {
  record::check_images_are_there(tasks_.size(), index,
                                 [this](size_t i) { return file_.read(tasks_[i]).image; });
}

}  // namespace lmc::teacher
