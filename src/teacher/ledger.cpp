#include "teacher/ledger.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"  // LMC_CHECK
#include "base/files.h"  // make_parent_folder, file_exists

namespace lmc::teacher {

bool Finished::is_of_prompt(std::string_view prompt_sha256) const {
  return prompt_hash == 0 || prompt_hash == digest_from_hex(prompt_sha256).high;
}

Ledger::Ledger(const std::string& path, Access access) : path_(path) {
  if (access == Access::kWrite) {
    make_parent_folder(path);
    log_.emplace(path, "question_id");
  }
  if (!file_exists(path)) return;
  record::for_each_explanation(path, [&](const record::Explanation& line) {
    finished_.push_back(
        {digest_of(line.question_id),
         {line.accepted, digest_from_hex(line.prompt_sha256).high, digest_of(line.reply).high}});
    num_replies_ += std::max<int64_t>(1, line.samples);
    prompt_tokens_ += line.prompt_tokens;
    reply_tokens_ += line.reply_tokens;
  });
  std::stable_sort(finished_.begin(), finished_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

const Finished* Ledger::find(const std::string& question_id) const {
  // The last line of a question counts.
  const Digest digest = digest_of(question_id);
  const auto after = std::upper_bound(
      finished_.begin(), finished_.end(), digest,
      [](const Digest& wanted, const auto& entry) { return wanted < entry.first; });
  if (after == finished_.begin() || std::prev(after)->first != digest) return nullptr;
  return &std::prev(after)->second;
}

void Ledger::append(const record::Explanation& line) {
  LMC_CHECK(log_.has_value(), "the ledger was opened to read");
  log_->append(to_text(record::to_json(line)));
}

void Ledger::sync() {
  LMC_CHECK(log_.has_value(), "the ledger was opened to read");
  log_->sync();
}

}  // namespace lmc::teacher
