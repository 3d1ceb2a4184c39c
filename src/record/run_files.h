// Where the files of the stages' folders lie. Every stage that writes or reads one takes its name
// from here; docs/FORMATS.md says what they hold.
#pragma once

#include <string>

namespace lmc::record {

// Of any stage.
inline constexpr char kManifestFile[] = "manifest.json";
inline constexpr char kResultFile[] = "result.json";  // of a run: written last, so it is complete

inline constexpr char kQuestionsFile[] = "questions.jsonl";        // prepare
inline constexpr char kAnswersFile[] = "answers.jsonl";            // evaluate
inline constexpr char kProbesFile[] = "grounding.jsonl";           // ground
inline constexpr char kMapsFile[] = "maps.jsonl";                  // ground --maps
inline constexpr char kFaithfulnessFile[] = "faithfulness.jsonl";  // ground --faithfulness
inline constexpr char kSentencesFile[] = "sentences.jsonl";        // ground --sentences
inline constexpr char kAsksFile[] = "asks.jsonl";                  // prompts for an endpoint
inline constexpr char kRepliesFile[] = "replies.jsonl";            // and what it replied
inline constexpr char kMetricsFile[] = "metrics.jsonl";            // train

// In a folder.
std::string manifest_path(const std::string& folder);
std::string result_path(const std::string& folder);
std::string questions_path(const std::string& folder);
std::string answers_path(const std::string& folder);
std::string probes_path(const std::string& folder);
std::string maps_path(const std::string& folder);
std::string faithfulness_path(const std::string& folder);
std::string sentences_path(const std::string& folder);
std::string asks_path(const std::string& folder);
std::string replies_path(const std::string& folder);
std::string metrics_path(const std::string& folder);

// Beside a ledger, which is a file and no folder.
std::string ledger_manifest_path(const std::string& ledger);

}  // namespace lmc::record
