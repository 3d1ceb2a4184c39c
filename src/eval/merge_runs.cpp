#include "eval/merge_runs.h"

#include <map>
#include <set>

#include "base/check.h"       // InputError
#include "base/files.h"       // file_exists
#include "base/json.h"        // read_json
#include "eval/evaluate.h"    // chosen_questions
#include "eval/run_folder.h"  // run_name, write_run_folder
#include "eval/score.h"
#include "record/run_identity.h"  // run_identity, identity_difference

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

// What the shards of a run have in common.
Json work_of(const Json& manifest) {
  Json work = record::run_identity(manifest);
  work.erase("shard");
  return work;
}

}  // namespace

record::Result merge_runs(const std::vector<std::string>& folders, const std::string& questions,
                          const std::string& out, std::ostream& notes) {
  if (folders.empty()) throw InputError("--merge", "names no run folder");
  if (file_exists(out + "/result.json")) {
    throw InputError(out, "holds a run already", "name a new folder with --out");
  }
  Json manifest;
  std::map<std::string, Found> answers;
  std::set<std::string> shards;
  int64_t doubles = 0;
  for (const std::string& folder : folders) {
    const Json its = read_json(folder + "/manifest.json");
    shards.insert(its["options"].value("shard", ""));
    if (manifest.is_null()) manifest = its;
    if (const std::string differs = record::identity_difference(work_of(manifest), work_of(its));
        !differs.empty()) {
      throw InputError(
          folder, cat("was made with other options or inputs than ", folders[0], ": ", differs));
    }
    for (record::Answer& answer : record::read_answers(folder + "/answers.jsonl")) {
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

  const Json options = manifest["options"];
  const std::vector<record::Question> wanted =
      chosen_questions(questions.empty() ? options.value("questions", "") : questions,
                       options.value("split", ""), options.value("limit", int64_t{0}));
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

  manifest["options"]["shard"] = "";
  manifest["options"]["out"] = out;
  manifest["merged_from"] = folders;
  record::Result result = score(whole, wanted);
  result.name = run_name(options.value("name", ""), out);
  result.mode = options.value("mode", "");
  write_run_folder(out, manifest, whole, result);
  return result;
}

}  // namespace lmc::eval
