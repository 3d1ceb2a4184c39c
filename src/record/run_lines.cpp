#include "record/run_lines.h"

#include <algorithm>
#include <chrono>
#include <fstream>

#include "base/check.h"         // InputError, Interrupted
#include "base/input_file.h"    // open_input
#include "base/interrupt.h"     // interrupt_requested
#include "base/progress.h"      // Progress
#include "record/json_lines.h"  // for_each_record

namespace lmc::record {

void append_missing(AppendLog& file, size_t known, const RunLines& lines,
                    std::ostream& progress_out) {
  using Clock = std::chrono::steady_clock;
  Progress progress(progress_out, lines.label, static_cast<int64_t>(lines.lines), lines.unit,
                    static_cast<int64_t>(std::min(known, lines.lines)));
  if (known >= lines.lines) return file.finish();
  size_t next = known / lines.block * lines.block;
  Clock::time_point last_durable = Clock::now();
  const auto append = [&](const Json& line) {
    if (next++ < known) return;
    const bool is_due = Clock::now() - last_durable > std::chrono::seconds(1);
    file.append(to_text(line), is_due);
    if (is_due) last_durable = Clock::now();
    progress.add(1);
    if (interrupt_requested() && next < lines.lines) throw Interrupted(lines.on_interrupt);
  };
  try {
    lines.make(next, append);
  } catch (...) {
    file.sync();
    throw;
  }
  file.finish();
  LMC_CHECK(next == lines.lines, next, " lines of ", lines.lines, " were made");
}

std::string line_name(const std::string& question_id, std::string_view condition, int64_t variant) {
  return condition.empty() ? question_id : cat(question_id, " ", condition, " ", variant);
}

std::vector<Json> read_run_log(const std::string& path) {
  std::vector<Json> lines;
  for_each_record(path, LastLine::kMayBeCut,
                  [&](const Json& json, const std::string&) { lines.push_back(json); });
  return lines;
}

void complete(const RunLog& log, std::ostream& progress_out) {
  AppendLog file(log.path, log.first_key);
  const std::vector<Json> lines = read_run_log(log.path);
  for (size_t i = 0; i < std::min(lines.size(), log.lines.lines); ++i) {
    const std::string where = cat(log.path, ":", i + 1);
    const std::string found = line_name(json_get<std::string>(lines[i], "question_id", where),
                                        json_get_or<std::string>(lines[i], "condition", where, ""),
                                        json_get_or<int64_t>(lines[i], "variant", where, 0));
    if (found == log.name(i)) continue;
    throw InputError(where, cat("expected \"", log.name(i), "\", found \"", found, "\""));
  }
  append_missing(file, lines.size(), log.lines, progress_out);
}

bool has_lines(const std::string& path) {
  if (!file_exists(path)) return false;
  std::ifstream in = open_input(path);
  std::string line;
  return std::getline(in, line) && (!in.eof() || nlohmann::json::accept(line));
}

}  // namespace lmc::record
