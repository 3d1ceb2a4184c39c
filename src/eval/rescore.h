// A run's metrics from its stored replies, without a model: by any extractor, with any calibration.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/answer.h"       // Answer
#include "record/calibration.h"  // Calibration
#include "record/question.h"     // Question
#include "record/result.h"       // Result, ExtractorRow

namespace lmc::eval {

// The answers as `extractor` reads them; of several replies each is read, and they vote again.
// A published grader that calls a reply right without settling on a letter gives the gold letter
// here, and one that calls a letter wrong though it is the gold one gives none: so a share of right
// answers is the grader's own. Answers stand in the questions' order.
std::vector<record::Answer> read_again(std::span<const record::Answer> answers,
                                       std::span<const record::Question> questions,
                                       const std::string& extractor);

// What every extractor makes of the replies, ours first; those that need log-probabilities or
// replies that the run did not keep are left out.
std::vector<record::ExtractorRow> compare_extractors(std::span<const record::Answer> answers,
                                                     std::span<const record::Question> questions);

struct RescoreOptions {
  std::string run;        // folder
  std::string questions;  // their file; empty: where the run found it
  std::string extractor;  // empty: the one of the run's mode
  std::optional<record::Calibration> calibration;
  std::string out;  // folder for the answers and metrics; empty: nothing is written
};

// Errors: InputError for files, and when an answer's question is not in the file.
record::Result rescore(const RescoreOptions& options);

// Fitted on the answers of a run folder.
// Errors: InputError when the run kept no log-probabilities, or nothing can be fitted to them.
record::Calibration calibrate_on(const std::string& run, record::CalibrationMethod method);

// The table of compare_extractors as text.
std::string extractor_table(std::span<const record::ExtractorRow> rows);

}  // namespace lmc::eval
