#include "report/report.h"

#include <filesystem>

#include "base/check.h"  // InputError, LMC_CHECK
#include "base/files.h"  // write_file
#include "base/json.h"   // read_json

namespace lmc::report {

namespace {

namespace fs = std::filesystem;

// The comparison's result.json must not take the place of a run's own.
void check_out(const ReportOptions& options, const fs::path& folder) {
  if (!file_exists((folder / "answers.jsonl").string())) return;
  throw InputError(options.out, "its folder is that of a run, whose result.json would be lost",
                   "put the page elsewhere");
}

}  // namespace

std::vector<Field> ReportOptions::fields() {
  return {
      {"runs", "folders of evaluated runs", &runs, true},
      {"questions", "questions.jsonl, for the examples", &questions},
      {"metrics", "metrics.jsonl of a training run, for its curve; repeat for several", &metrics},
      {"out", "the page to write", &out, true},
      {"title", "heading of the page", &title},
      {"notice", "a line that stands out under the heading", &notice},
      {"examples", "how many questions to show", &examples},
  };
}

void write_report(const ReportOptions& options, const record::Comparison& comparison) {
  ReportOptions copy = options;
  check_fields(copy.fields(), "litemedcot report");
  if (options.examples < 0) {
    throw InputError("--examples", cat("expected 0 or more, found ", options.examples));
  }
  LMC_CHECK(comparison.runs.size() == options.runs.size(), comparison.runs.size(), " results of ",
            options.runs.size(), " runs");
  const fs::path folder = fs::absolute(options.out).lexically_normal().parent_path();
  check_out(options, folder);

  ReportData data;
  data.title = options.title;
  data.notice = options.notice;
  data.comparison = comparison;
  data.num_examples = static_cast<size_t>(options.examples);
  for (const std::string& run : options.runs) {
    data.answers_by_run.push_back(record::read_answers(run + "/answers.jsonl"));
    const std::string manifest = run + "/manifest.json";
    data.manifest_by_run.push_back(file_exists(manifest) ? read_json(manifest) : Json());
  }
  if (!options.questions.empty()) data.questions = record::read_questions(options.questions);
  for (const std::string& path : options.metrics) data.curves.push_back(read_training_curve(path));

  make_folder(folder.string());
  write_file((folder / "result.json").string(), to_pretty_text(record::to_json(comparison)));
  write_file(options.out, report_page(data));
}

}  // namespace lmc::report
