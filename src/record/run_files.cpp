#include "record/run_files.h"

#include <filesystem>

namespace lmc::record {

namespace {

std::string in_folder(const std::string& folder, const char* name) {
  return (std::filesystem::path(folder) / name).string();
}

}  // namespace

std::string manifest_path(const std::string& folder) { return in_folder(folder, "manifest.json"); }
std::string result_path(const std::string& folder) { return in_folder(folder, "result.json"); }
std::string questions_path(const std::string& folder) {
  return in_folder(folder, "questions.jsonl");
}
std::string answers_path(const std::string& folder) { return in_folder(folder, "answers.jsonl"); }
std::string probes_path(const std::string& folder) { return in_folder(folder, "grounding.jsonl"); }
std::string maps_path(const std::string& folder) { return in_folder(folder, "maps.jsonl"); }
std::string faithfulness_path(const std::string& folder) {
  return in_folder(folder, "faithfulness.jsonl");
}
std::string metrics_path(const std::string& folder) { return in_folder(folder, "metrics.jsonl"); }

std::string ledger_manifest_path(const std::string& ledger) { return ledger + ".manifest.json"; }

}  // namespace lmc::record
