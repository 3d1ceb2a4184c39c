#include "eval/merge_runs.h"

#include <map>
#include <set>

#include "base/check.h"     // InputError
#include "base/files.h"     // file_exists
#include "eval/evaluate.h"  // chosen_questions, evaluation_manifest, run_output
#include "eval/score.h"
#include "record/run_folder.h"    // write_run_folder
#include "record/run_identity.h"  // run_difference

namespace lmc::eval {

namespace {

struct Found {
  record::Answer answer;
  std::string folder;
};

std::string shards_of(const std::set<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += cat(list.empty() ? "" : ", ", word);
  return list;
}

}  // namespace

record::Result merge_runs(const std::vector<std::string>& folders, const std::string& questions,
                          const std::string& out, std::ostream& notes) {
  if (folders.empty()) throw InputError("--merge", "names no run folder");
  if (file_exists(record::result_path(out))) {
    throw InputError(out, "holds a run already", "name a new folder with --out");
  }
  record::check_folder_output(run_output(out, folders));
  record::Manifest manifest;
  std::map<std::string, Found> answers;
  std::set<std::string> shards;
  int64_t doubles = 0;
  for (const std::string& folder : folders) {
    const record::Manifest its = evaluation_manifest(folder);
    shards.insert(record::text_option(its, "shard"));
    if (folder == folders[0]) manifest = its;
    const std::string difference = record::run_difference(manifest, its, {"shard"});
    if (!difference.empty()) {
      throw InputError(folder, cat("was made otherwise than ", folders[0], ": ", difference));
    }
    for (record::Answer& answer : record::read_answers(record::answers_path(folder))) {
      const std::string id = answer.question_id;
      const Json json = record::to_json(answer);
      const auto [place, is_new] = answers.try_emplace(id, Found{std::move(answer), folder});
      if (is_new) continue;
      if (record::to_json(place->second.answer) != json) {
        throw InputError(folder, cat("answers \"", id, "\" otherwise than ", place->second.folder));
      }
      ++doubles;
    }
  }

  const std::vector<record::Question> wanted = chosen_questions(
      questions.empty() ? record::text_option(manifest, "questions") : questions,
      record::text_option(manifest, "split"),
      json_get_or<int64_t>(manifest.options, "limit", record::manifest_path(folders[0]), 0));
  std::vector<record::Answer> whole;
  std::string first_missing;
  for (const record::Question& question : wanted) {
    const auto found = answers.find(question.id);
    if (found == answers.end()) {
      if (first_missing.empty()) first_missing = question.id;
      continue;
    }
    whole.push_back(found->second.answer);
  }
  if (whole.size() < wanted.size()) {
    throw InputError("--merge",
                     cat(wanted.size() - whole.size(), " of ", wanted.size(),
                         " questions have no answer, the first is \"", first_missing, "\""),
                     cat("here are the shards ", shards_of(shards), "; each must have ended"));
  }
  if (whole.size() < answers.size()) {
    throw InputError("--merge",
                     cat(answers.size() - whole.size(), " answers belong to no question"),
                     "name the shards' own questions with --questions");
  }
  if (doubles > 0) notes << "merge: " << doubles << " answers stood in several shards\n";

  manifest.options["shard"] = "";
  manifest.options["out"] = out;
  manifest.further["merged_from"] = folders;
  record::Result result = score(whole, wanted);
  result.name = record::run_name(record::text_option(manifest, "name"), out);
  result.mode = record::text_option(manifest, "mode");
  record::write_run_folder(run_output(out, folders), manifest, record::answers_path(out),
                           record::lines_of(whole), record::to_json(result));
  return result;
}

}  // namespace lmc::eval
