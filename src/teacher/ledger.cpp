#include "teacher/ledger.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/check.h"  // LMC_CHECK

namespace lmc::teacher {

namespace {

const std::string& with_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) make_folder(folder.string());
  return path;
}

}  // namespace

bool Finished::is_of_prompt(std::string_view prompt_sha256) const {
  return prompt_hash == 0 || prompt_hash == digest_from_hex(prompt_sha256).high;
}

Ledger::Ledger(const std::string& path, Access access) : path_(path) {
  if (access == Access::kWrite) log_.emplace(with_folder(path));
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
  // A kill loses nothing that was handed to the system; only a power cut could, so once a second is
  // often enough for the disk.
  const auto now = std::chrono::steady_clock::now();
  const bool sync = now - last_sync_ >= std::chrono::seconds(1);
  LMC_CHECK(log_.has_value(), "the ledger was opened to read");
  log_->append(to_text(record::to_json(line)), sync);
  if (sync) last_sync_ = now;
}

}  // namespace lmc::teacher
