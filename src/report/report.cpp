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

// The run that used the adapter of this folder, by its manifest; num_runs: none did.
size_t run_of_adapter(const std::string& folder, const std::vector<Json>& manifest_by_run) {
  for (size_t run = 0; run < manifest_by_run.size(); ++run) {
    const Json& manifest = manifest_by_run[run];
    if (!manifest.is_object() || !manifest.contains("options")) continue;
    const auto adapter =
        json_get_or<std::string>(manifest["options"], "adapter", "manifest.json", "");
    if (adapter.empty()) continue;
    // Through a file in it, so that a slash at the end makes no difference.
    if (fs::weakly_canonical(fs::path(adapter) / "metrics.jsonl").parent_path() == folder)
      return run;
  }
  return manifest_by_run.size();
}

// A curve shares the colour of the run it led to, which its name then mentions.
std::vector<TrainingCurve> read_curves(const ReportOptions& options, const ReportData& data) {
  std::vector<TrainingCurve> curves;
  size_t next_series = data.comparison.runs.size();
  for (const std::string& path : options.metrics) {
    TrainingCurve curve = read_training_curve(path);
    const size_t run = run_of_adapter(curve.folder, data.manifest_by_run);
    if (run < data.comparison.runs.size()) {
      curve.series = run;
      curve.name += cat(" (", data.comparison.runs[run].name, ")");
    } else {
      curve.series = next_series++;
    }
    curves.push_back(std::move(curve));
  }
  return curves;
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
  data.curves = read_curves(options, data);

  make_folder(folder.string());
  write_file((folder / "result.json").string(), to_pretty_text(record::to_json(comparison)));
  write_file(options.out, report_page(data));
}

}  // namespace lmc::report
