// For tests: an endpoint that plays a teacher by a script, and runs that ask it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "client/scripted_endpoint.h"  // ScriptedEndpoint
#include "record/explanation.h"        // read_ledger
#include "teacher/teach.h"             // TeachOptions

namespace lmc::teacher {

using client::completion;
using client::error_status;
using client::good_completion;
using client::numbered_questions;
using client::TestFolder;
using ScriptedTeacher = client::ScriptedEndpoint;

// Runs teach() on these questions.
inline TeachResult ask(const TeachOptions& options, const std::vector<record::Question>& questions,
                       std::ostream& out) {
  std::string lines;
  for (const record::Question& question : questions) {
    lines += to_text(record::to_json(question)) + "\n";
  }
  write_file(options.questions, lines);
  return teach(options, out);
}

// The same without the progress.
inline TeachResult run(const TeachOptions& options,
                       const std::vector<record::Question>& questions) {
  std::ostringstream progress;
  return ask(options, questions, progress);
}

// The lines of the ledger by question id.
inline std::map<std::string, record::Explanation> ledger_of(const TeachOptions& options) {
  std::map<std::string, record::Explanation> lines;
  for (record::Explanation& line : record::read_ledger(options.out)) {
    const std::string id = line.question_id;
    lines[id] = std::move(line);
  }
  return lines;
}

inline TeachOptions options_for(const ScriptedTeacher& teacher, const TestFolder& folder) {
  TeachOptions options;
  options.questions = folder.file("questions.jsonl");
  options.out = folder.file("ledger.jsonl");
  options.endpoint = {teacher.endpoint()};
  options.model = "scripted";
  options.mode = TeachMode::kReject;
  options.retry_wait = 0.01;
  options.timeout = 5;
  return options;
}

}  // namespace lmc::teacher
