#include "record/run_files.h"

#include <filesystem>

namespace lmc::record {

namespace {

std::string in_folder(const std::string& folder, const char* name) {
  return (std::filesystem::path(folder) / name).string();
}

}  // namespace

std::string manifest_path(const std::string& folder) { return in_folder(folder, kManifestFile); }
std::string result_path(const std::string& folder) { return in_folder(folder, kResultFile); }
std::string questions_path(const std::string& folder) { return in_folder(folder, kQuestionsFile); }
std::string answers_path(const std::string& folder) { return in_folder(folder, kAnswersFile); }
std::string probes_path(const std::string& folder) { return in_folder(folder, kProbesFile); }
std::string maps_path(const std::string& folder) { return in_folder(folder, kMapsFile); }
std::string faithfulness_path(const std::string& folder) {
  return in_folder(folder, kFaithfulnessFile);
}
std::string sentences_path(const std::string& folder) { return in_folder(folder, kSentencesFile); }
std::string asks_path(const std::string& folder) { return in_folder(folder, kAsksFile); }
std::string replies_path(const std::string& folder) { return in_folder(folder, kRepliesFile); }
std::string metrics_path(const std::string& folder) { return in_folder(folder, kMetricsFile); }

std::string ledger_manifest_path(const std::string& ledger) { return ledger + ".manifest.json"; }

}  // namespace lmc::record
