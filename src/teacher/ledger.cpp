#include "teacher/ledger.h"

#include <filesystem>

#include "base/sha256.h"  // sha256_hex

namespace lmc::teacher {

namespace {

const std::string& with_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) make_folder(folder.string());
  return path;
}

}  // namespace

Ledger::Ledger(const std::string& path) : log_(with_folder(path)) {
  for (const record::Explanation& line : record::read_ledger(path)) {
    finished_[line.question_id] = {line.accepted, line.prompt_sha256, sha256_hex(line.reply)};
  }
}

const Finished* Ledger::find(const std::string& question_id) const {
  const auto it = finished_.find(question_id);
  return it == finished_.end() ? nullptr : &it->second;
}

void Ledger::append(const record::Explanation& line) {
  // A kill loses nothing that was handed to the system; only a power cut could, so once a second is
  // often enough for the disk.
  const auto now = std::chrono::steady_clock::now();
  const bool sync = now - last_sync_ >= std::chrono::seconds(1);
  log_.append(to_text(record::to_json(line)), sync);
  if (sync) last_sync_ = now;
}

}  // namespace lmc::teacher
