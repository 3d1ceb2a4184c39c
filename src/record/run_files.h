// Where the files of the stages' folders lie. Every stage that writes or reads one takes its name
// from here; docs/FORMATS.md says what they hold.
#pragma once

#include <string>

namespace lmc::record {

// In the folder of any stage.
std::string manifest_path(const std::string& folder);
std::string result_path(const std::string& folder);  // of a run: written last, so it is complete

std::string questions_path(const std::string& folder);     // prepare
std::string answers_path(const std::string& folder);       // evaluate
std::string probes_path(const std::string& folder);        // ground
std::string maps_path(const std::string& folder);          // ground --maps
std::string faithfulness_path(const std::string& folder);  // ground --faithfulness
std::string metrics_path(const std::string& folder);       // train

// Beside a ledger, which is a file and no folder.
std::string ledger_manifest_path(const std::string& ledger);

}  // namespace lmc::record
