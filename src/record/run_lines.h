// A file of raw lines that a run completes in blocks, however often it is killed.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"  // AppendLog
#include "base/json.h"   // Json

namespace lmc::record {

// The lines of a run's file, as they are made.
struct RunLines {
  std::string label;         // of the progress line
  std::string unit;          // what a line is: "answers"
  std::string on_interrupt;  // what the same command will do
  size_t lines = 0;          // that there shall be
  size_t block = 1;  // so many depend on each other: what a kill cut is made again as a whole
  // Makes the lines from `begin` on, where a block begins, and hands each on in order.
  std::function<void(size_t begin, const std::function<void(const Json& line)>& hand_on)> make = {};
};

// Appends what a file of `known` lines lacks. Lines are on disk within a second or so, and when it
// returns or throws.
// Errors: those of `make`; Interrupted after a stop was asked for.
void append_missing(AppendLog& file, size_t known, const RunLines& lines,
                    std::ostream& progress_out);

struct RunLog {
  std::string path;
  std::string first_key;  // of each line
  RunLines lines;
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

// Whether the file is there and has a whole line.
bool has_lines(const std::string& path);

}  // namespace lmc::record
