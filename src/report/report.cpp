#include "report/report.h"

#include <filesystem>

#include "base/ascii_case.h"    // lower_case
#include "base/check.h"         // InputError, LMC_CHECK
#include "base/files.h"         // write_file
#include "base/input_file.h"    // InputFile
#include "record/manifest.h"    // Manifest
#include "record/output.h"      // OutputFolder
#include "record/run_files.h"   // result_path
#include "report/contenders.h"  // question_sets
#include "report/sections.h"    // condition_answers

namespace lmc::report {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> inputs_of(const ReportOptions& options) {
  std::vector<std::string> inputs = options.runs;
  inputs.insert(inputs.end(), options.grounding.begin(), options.grounding.end());
  inputs.insert(inputs.end(), options.metrics.begin(), options.metrics.end());
  inputs.push_back(options.questions);
  return inputs;
}

bool is_page(const std::string& path) {
  constexpr std::string_view kBegin = "<!doctype html";
  std::string begin(kBegin.size(), '\0');
  begin.resize(InputFile(path).read(begin.data(), begin.size()));
  return lower_case(begin) == kBegin;
}

// The page and the comparison's result.json beside it. No run has its lines there, whose own
// result.json would be lost.
record::OutputFolder claim_output(const ReportOptions& options, const std::string& folder) {
  const std::vector<std::string> inputs = inputs_of(options);
  const record::FolderOutput output{
      folder,
      "report",
      inputs,
      {record::kAnswersFile, record::kProbesFile, record::kMetricsFile, record::kQuestionsFile}};
  record::check_folder_output(output);
  record::claim_file_output(options.out, inputs, "a page of `litemedcot report`", is_page);
  record::claim_file_output(
      record::result_path(folder), inputs, "the result of a comparison",
      [](const std::string& path) { return record::is_json_with(path, "arms"); });
  if (!options.tables.empty()) {
    record::check_folder_output({options.tables, "report", inputs, {}});
  }
  return record::OutputFolder(output);
}

// The run that used the adapter of this folder, by its manifest; num_runs: none did.
size_t run_of_adapter(const std::string& folder, const ReportData& data) {
  const size_t num_runs = data.comparison.runs.size();
  for (size_t run = 0; run < num_runs; ++run) {
    // Those of the runs stand first.
    const std::optional<record::Manifest>& manifest = data.manifests[run].manifest;
    const std::string adapter = manifest ? record::text_option(*manifest, "adapter") : "";
    if (adapter.empty()) continue;
    // Through a file in it, so that a slash at the end makes no difference.
    if (fs::weakly_canonical(record::metrics_path(adapter)).parent_path() == folder) return run;
  }
  return num_runs;
}

// A curve shares the colour of the run it led to, which its name then mentions.
std::vector<TrainingCurve> read_curves(const ReportOptions& options, const ReportData& data) {
  std::vector<TrainingCurve> curves;
  size_t next_series = data.comparison.runs.size();
  for (const std::string& path : options.metrics) {
    TrainingCurve curve = read_training_curve(path);
    const size_t run = run_of_adapter(curve.folder, data);
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

// The manifest of the report itself stands last.
void read_manifests(const ReportOptions& options, ReportData& data) {
  std::vector<std::string> names;
  for (const record::Result& run : data.comparison.runs) names.push_back(run.name);
  std::vector<std::string> folders;
  for (const std::string& path : options.metrics) {
    folders.push_back(fs::absolute(path).parent_path().string());
  }
  if (!options.questions.empty()) {
    folders.push_back(fs::absolute(options.questions).parent_path().string());
  }
  std::vector<std::string> run_folders = options.runs;
  run_folders.insert(run_folders.end(), options.grounding.begin(), options.grounding.end());
  for (const GroundingRun& run : data.grounding) names.push_back(run.result.name + " (grounding)");
  data.manifests = manifests_behind(run_folders, names, folders);
  for (size_t run = 0; run < options.runs.size(); ++run) {
    data.track_by_run.push_back(track_of_run(data.manifests[run].manifest, options.questions));
  }
  ReportOptions copy = options;
  record::Manifest own{"report", fields_to_json(copy.fields()), {}, Json::object(), "cpu"};
  for (const std::string& run : run_folders) {
    for (const auto& path_in :
         {record::result_path, record::answers_path, record::probes_path, record::maps_path})
      own.inputs.emplace_back(path_in(run));
  }
  if (!options.questions.empty()) own.inputs.emplace_back(options.questions);
  own.inputs.insert(own.inputs.end(), options.metrics.begin(), options.metrics.end());
  std::erase_if(own.inputs,
                [](const record::ManifestInput& input) { return !file_exists(input.path); });
  data.manifests.push_back({"report: this page", "", record::completed(std::move(own))});
}

// A grounding run has the colour of the evaluated run of its name, else one of its own.
void give_colours(ReportData& data) {
  const std::vector<record::Result>& runs = data.comparison.runs;
  size_t next = runs.size();
  for (GroundingRun& grounding : data.grounding) {
    size_t run = 0;
    while (run < runs.size() && runs[run].name != grounding.result.name) ++run;
    grounding.series = run < runs.size() ? run : next++;
  }
}

// Whether the adapter of each grounding run was trained with captions, by its training's manifest.
void note_training_captions(ReportData& data) {
  for (size_t i = 0; i < data.grounding.size(); ++i) {
    const auto& run = data.manifests[data.comparison.runs.size() + i].manifest;
    const std::string adapter = run ? record::text_option(*run, "adapter") : "";
    if (adapter.empty()) continue;
    const fs::path path = fs::weakly_canonical(record::manifest_path(adapter));
    for (const NamedManifest& one : data.manifests) {
      if (!one.manifest || fs::weakly_canonical(one.path) != path) continue;
      const auto captions =
          json_get_optional<bool>(one.manifest->options, "with-caption", one.path);
      if (captions) data.grounding[i].trained_with_captions = *captions ? "yes" : "no";
    }
  }
}

}  // namespace

std::vector<Field> ReportOptions::fields() {
  return {
      {"runs", "folders of evaluated runs and of grounding runs", as_folder(&runs)},
      {"grounding", "folders of grounding runs", as_folder(&grounding)},
      {"questions", "questions.jsonl, for examples and the list of all questions",
       as_file(&questions)},
      {"metrics", "metrics.jsonl of a training run, for its curve; repeat for several",
       as_file(&metrics)},
      {"out", "the page to write", as_file(&out), true},
      {"title", "heading of the page", &title},
      {"notice", "a line that stands out under the heading", &notice},
      {"examples", "how many questions to show", &examples, at_least(0)},
      {"items", "most questions in the list that can be filtered; 0: no list", &items, at_least(0)},
      {"pictures", "most questions of that list that have their image in the page", &images,
       at_least(0)},
      {"maps", "most heat maps of each grounding run", &maps, at_least(0)},
      {"published", "show published results of PMC-VQA, with track and source", &published},
      {"arm",
       "NAME=RUN,RUN: these runs are seeds of one arm, whatever their manifests say; repeat for "
       "several",
       &arms},
      {"group-seeds", "runs whose manifests differ in the seed alone are one arm", &group_seeds},
      {"reference",
       "the run or arm that the others are compared with; default: the one trained on answers "
       "alone, else the first",
       &reference},
      {"tables", "folder for the tables as Markdown, CSV and LaTeX", as_folder(&tables)},
  };
}

void sort_runs(ReportOptions& options) {
  std::vector<std::string> evaluated;
  for (std::string& run : options.runs) {
    (is_grounding_folder(run) ? options.grounding : evaluated).push_back(std::move(run));
  }
  options.runs = std::move(evaluated);
}

void write_report(const ReportOptions& options, const record::Comparison& comparison) {
  ReportOptions copy = options;
  check_fields(copy.fields(), "litemedcot report");
  if (options.runs.empty() && options.grounding.empty()) {
    throw InputError("litemedcot report", "no run was named", "name the folders of runs");
  }
  LMC_CHECK(comparison.runs.size() == options.runs.size(), comparison.runs.size(), " results of ",
            options.runs.size(), " runs");
  const std::string folder = fs::absolute(options.out).lexically_normal().parent_path().string();
  const record::OutputFolder output = claim_output(options, folder);

  ReportData data;
  data.title = options.title;
  data.notice = options.notice;
  data.comparison = comparison;
  data.num_examples = static_cast<size_t>(options.examples);
  for (const std::string& run : options.runs) {
    data.answers_by_run.push_back(record::read_answers(record::answers_path(run)));
  }
  if (!options.questions.empty()) data.questions = record::read_questions(options.questions);
  data.num_items = static_cast<size_t>(options.items);
  data.num_images = static_cast<size_t>(options.images);
  data.published = options.published;
  data.reference = options.reference;
  data.num_maps = static_cast<size_t>(options.maps);
  for (const std::string& run : options.grounding) {
    data.grounding.push_back(read_grounding_run(run));
  }
  give_colours(data);
  data.conditions = condition_answers(data.grounding);
  read_manifests(options, data);
  note_training_captions(data);
  data.curves = read_curves(options, data);
  question_sets(comparison, data.manifests, data.reference);  // a wrong name, before a file is made

  // First, as they may be refused.
  if (!options.tables.empty()) write_tables(options.tables, report_tables(data));
  write_file(record::result_path(folder), to_pretty_text(record::to_json(comparison)));
  write_file(options.out, report_page(data));
}

}  // namespace lmc::report
