#include "report/grounding_run.h"

#include "base/check.h"         // cat
#include "base/files.h"         // file_exists
#include "record/json_lines.h"  // for_each_record
#include "record/run_files.h"   // result_path

namespace lmc::report {

bool is_grounding_folder(const std::string& folder) {
  const std::string path = record::result_path(folder);
  return file_exists(path) && record::is_grounding_result(read_json(path));
}

GroundingRun read_grounding_run(const std::string& folder) {
  GroundingRun run;
  const std::string result = record::result_path(folder);
  run.result = record::grounding_result_from_json(read_json(result), result);
  const auto read = [](const std::string& path, const auto& add) {
    if (file_exists(path)) record::for_each_record(path, record::LastLine::kMayBeCut, add);
  };
  read(record::probes_path(folder), [&](const Json& json, const std::string& where) {
    run.answers.push_back(record::probe_answer_from_json(json, where));
  });
  read(record::maps_path(folder), [&](const Json& json, const std::string& where) {
    record::OcclusionMap map = record::occlusion_map_from_json(json, where);
    const bool has_values = map.rows > 0 && map.columns > 0 &&
                            map.values.size() == static_cast<size_t>(map.rows * map.columns);
    if (map.error.empty() && has_values) run.maps.push_back(std::move(map));
  });
  read(record::sentences_path(folder), [&](const Json& json, const std::string& where) {
    run.sentences.push_back(record::reply_evidence_from_json(json, where));
  });
  return run;
}

std::string condition_label(const std::string& condition, int64_t variant) {
  if (condition == "rotation") return cat("rotation by ", variant);
  return variant == 0 ? condition : cat(condition, " ", variant);
}

}  // namespace lmc::report
