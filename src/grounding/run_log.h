// A file of raw lines that a run completes line by line, however often it is killed.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "base/json.h"        // Json
#include "eval/run_folder.h"  // Lines

namespace lmc::grounding {

struct RunLog {
  std::string path;
  eval::Lines lines;
  std::function<std::string(size_t i)> name;  // of line i
};

// How a line is called in `name` and in errors: its question, and its condition if it has one.
std::string line_name(const std::string& question_id, std::string_view condition = {},
                      int64_t variant = 0);

// Appends what is missing. Lines beyond `lines.lines`, of a run that asked for more, stay.
// Errors: InputError when the file holds other lines; Interrupted after a stop was asked for.
void complete(const RunLog& log, std::ostream& progress_out);

// The lines of a file, without one that a kill cut short at its end.
std::vector<Json> read_run_log(const std::string& path);

}  // namespace lmc::grounding
