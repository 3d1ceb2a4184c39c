// A file of raw lines that a run completes block by block, however often it is killed.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::grounding {

struct RunLog {
  std::string path;
  std::string label;  // of the progress line
  std::string unit;   // what a line is: "answers"
  size_t lines = 0;   // that there shall be
  size_t block = 1;   // made together

  // The name of line i, and what makes the lines [begin, begin + count) of a whole block.
  std::function<std::string(size_t i)> name;
  std::function<std::vector<Json>(size_t begin, size_t count)> make;
};

// How a line is called in `name` and in errors: its question, and its condition if it has one.
std::string line_name(const std::string& question_id, std::string_view condition = {},
                      int64_t variant = 0);

// Appends what is missing and returns all lines. A block that a kill cut is made again as a whole,
// so that its batch, and with it every bit of its numbers, is the same; only what the file lacks is
// appended. Lines beyond `lines`, of a run that asked for more, stay.
// Errors: InputError when the file holds other lines; Interrupted after a stop was asked for.
std::vector<Json> complete(const RunLog& log, std::ostream& progress_out);

// The lines of a file, without one that a kill cut short at its end.
std::vector<Json> read_run_log(const std::string& path);

}  // namespace lmc::grounding
