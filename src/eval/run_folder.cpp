#include "eval/run_folder.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/check.h"           // InputError, Interrupted
#include "base/interrupt.h"       // interrupt_requested
#include "base/progress.h"        // Progress
#include "record/run_identity.h"  // run_identity, identity_difference

namespace lmc::eval {

std::string run_name(const std::string& name, const std::string& folder) {
  if (!name.empty()) return name;
  return std::filesystem::path(folder + "/.").lexically_normal().parent_path().filename().string();
}

void begin_run_folder(const std::string& folder, const std::string& lines_path,
                      const Json& manifest) {
  const std::string path = folder + "/manifest.json";
  if (file_exists(lines_path)) {
    const std::vector<std::string> free = record::free_options_of(manifest);
    const std::string differs =
        file_exists(path) ? record::identity_difference(record::run_identity(read_json(path), free),
                                                        record::run_identity(manifest, free))
                          : "it has no manifest.json";
    if (!differs.empty()) {
      throw InputError(folder, cat("its answers were made with other options or inputs: ", differs),
                       "name another folder with --out");
    }
  }
  make_folder(folder);
  write_file(path, to_pretty_text(manifest));
}

void append_missing(AppendLog& file, size_t known, const Lines& lines, std::ostream& progress_out) {
  using Clock = std::chrono::steady_clock;
  Progress progress(progress_out, lines.label, static_cast<int64_t>(lines.lines), lines.unit,
                    static_cast<int64_t>(std::min(known, lines.lines)));
  if (known >= lines.lines) return;
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
  file.sync();
  LMC_CHECK(next == lines.lines, next, " lines of ", lines.lines, " were made");
}

void write_run_folder(const std::string& folder, const Json& manifest,
                      std::span<const record::Answer> answers, const record::Result& result) {
  make_folder(folder);
  std::string lines;
  for (const record::Answer& answer : answers) lines += to_text(record::to_json(answer)) + "\n";
  write_file(folder + "/manifest.json", to_pretty_text(manifest));
  write_file(folder + "/answers.jsonl", lines);
  write_file(folder + "/result.json", to_pretty_text(record::to_json(result)));
}

}  // namespace lmc::eval
