#include "grounding/run_log.h"

#include <algorithm>

#include "base/check.h"         // InputError, Interrupted
#include "base/files.h"         // AppendLog
#include "base/interrupt.h"     // interrupt_requested
#include "base/progress.h"      // Progress
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

std::vector<Json> complete(const RunLog& log, std::ostream& progress_out) {
  AppendLog file(log.path);
  std::vector<Json> lines = read_run_log(log.path);
  for (size_t i = 0; i < std::min(lines.size(), log.lines); ++i) {
    const std::string where = cat(log.path, ":", i + 1);
    const std::string found = line_name(json_get<std::string>(lines[i], "question_id", where),
                                        json_get_or<std::string>(lines[i], "condition", where, ""),
                                        json_get_or<int64_t>(lines[i], "variant", where, 0));
    if (found == log.name(i)) continue;
    throw InputError(where, cat("expected \"", log.name(i), "\", found \"", found, "\""));
  }
  Progress progress(progress_out, log.label, static_cast<int64_t>(log.lines), log.unit,
                    static_cast<int64_t>(std::min(lines.size(), log.lines)));
  while (lines.size() < log.lines) {
    if (interrupt_requested()) throw Interrupted("the same command does the rest");
    const size_t begin = lines.size() / log.block * log.block;
    const size_t size = std::min(log.block, log.lines - begin);
    const std::vector<Json> block = log.make(begin, size);
    const size_t known = lines.size() - begin;
    for (size_t i = known; i < size; ++i) {
      file.append(to_text(block[i]), i + 1 == size);
      lines.push_back(block[i]);
    }
    progress.add(static_cast<int64_t>(size - known));
  }
  return lines;
}

}  // namespace lmc::grounding
