// The folder of a run that puts questions to a model: manifest.json, which says what made it, then
// raw lines, appended one by one however often the run is killed, then result.json.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "base/files.h"     // AppendLog
#include "base/json.h"      // Json
#include "record/answer.h"  // Answer
#include "record/result.h"  // Result

namespace lmc::eval {

// How reports call the run: `name`, or the folder's own.
std::string run_name(const std::string& name, const std::string& folder);

// Makes the folder and writes its manifest.
// Errors: InputError when `lines_path` is there and was made by other work
// (record/run_identity.h); it names what differs.
void begin_run_folder(const std::string& folder, const std::string& lines_path,
                      const Json& manifest);

// The lines of a run's file, as they are made.
struct Lines {
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
void append_missing(AppendLog& file, size_t known, const Lines& lines, std::ostream& progress_out);

// A complete run, of answers that another run gave.
void write_run_folder(const std::string& folder, const Json& manifest,
                      std::span<const record::Answer> answers, const record::Result& result);

}  // namespace lmc::eval
