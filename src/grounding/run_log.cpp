#include "grounding/run_log.h"

#include <algorithm>

#include "base/check.h"         // InputError
#include "base/files.h"         // AppendLog
#include "record/json_lines.h"  // for_each_record

namespace lmc::grounding {

std::string line_name(const std::string& question_id, std::string_view condition, int64_t variant) {
  return condition.empty() ? question_id : cat(question_id, " ", condition, " ", variant);
}

std::vector<Json> read_run_log(const std::string& path) {
  std::vector<Json> lines;
  record::for_each_record(path, record::LastLine::kMayBeCut,
                          [&](const Json& json, const std::string&) { lines.push_back(json); });
  return lines;
}

void complete(const RunLog& log, std::ostream& progress_out) {
  AppendLog file(log.path);
  const std::vector<Json> lines = read_run_log(log.path);
  for (size_t i = 0; i < std::min(lines.size(), log.lines.lines); ++i) {
    const std::string where = cat(log.path, ":", i + 1);
    const std::string found = line_name(json_get<std::string>(lines[i], "question_id", where),
                                        json_get_or<std::string>(lines[i], "condition", where, ""),
                                        json_get_or<int64_t>(lines[i], "variant", where, 0));
    if (found == log.name(i)) continue;
    throw InputError(where, cat("expected \"", log.name(i), "\", found \"", found, "\""));
  }
  eval::append_missing(file, lines.size(), log.lines, progress_out);
}

}  // namespace lmc::grounding
