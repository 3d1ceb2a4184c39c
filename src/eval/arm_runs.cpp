#include "eval/arm_runs.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "base/check.h"           // InputError, cat
#include "base/files.h"           // file_exists
#include "record/run_files.h"     // manifest_path
#include "record/run_identity.h"  // run_identity

namespace lmc::eval {

namespace {

std::string take_seed(Json& options) {
  const auto found = options.find("seed");
  if (found == options.end()) return "-";
  const std::string seed = to_text(*found);
  options.erase("seed");
  return seed;
}

// The manifest of the training that made this folder; none: it was not trained here.
std::optional<record::Manifest> training_of(const std::string& folder) {
  const std::string path = record::manifest_path(folder);
  if (folder.empty() || !file_exists(path)) return std::nullopt;
  record::Manifest manifest = record::read_manifest(path);
  if (manifest.command != "train") return std::nullopt;
  return manifest;
}

Json hashes_of(const record::Manifest& manifest, const std::set<std::string>& left_out) {
  Json hashes = Json::array();
  for (const record::ManifestInput& input : manifest.inputs) {
    if (!left_out.contains(input.path)) hashes.push_back(input.sha256);
  }
  return hashes;
}

// "distilled-seed1", "distilled-seed2": "distilled".
std::string common_name(const std::vector<std::string>& names) {
  std::string common = names[0];
  for (const std::string& name : names) {
    const auto end = std::mismatch(common.begin(), common.end(), name.begin(), name.end()).first;
    common.erase(end, common.end());
  }
  const auto trim = [&] {
    while (!common.empty() &&
           std::string_view(" -_.,:=(/").find(common.back()) != std::string::npos)
      common.pop_back();
  };
  trim();
  for (const std::string_view word : {"seed", "Seed", "s"}) {
    if (!common.ends_with(word) || common.size() == word.size()) continue;
    const char before = common[common.size() - word.size() - 1];
    if (std::isalnum(static_cast<unsigned char>(before)) != 0) continue;
    common.resize(common.size() - word.size());
    trim();
  }
  return common.empty() ? names[0] : common;
}

std::string without_end_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

ArmRuns arm_from_words(const std::string& words, std::span<const std::string> folders,
                       std::span<const std::string> names, std::set<size_t>& taken) {
  const size_t equals = words.find('=');
  if (equals == 0 || equals == std::string::npos) {
    throw InputError("--arm", cat("expected NAME=RUN,RUN, found \"", words, "\""),
                     "--arm distilled=runs/seed1,runs/seed2");
  }
  ArmRuns arm{words.substr(0, equals), {}};
  size_t begin = equals + 1;
  while (begin <= words.size()) {
    const size_t end = std::min(words.find(',', begin), words.size());
    const std::string word = words.substr(begin, end - begin);
    begin = end + 1;
    size_t run = 0;
    while (run < folders.size() && names[run] != word &&
           without_end_slash(folders[run]) != without_end_slash(word)) {
      ++run;
    }
    if (run == folders.size()) {
      throw InputError(cat("--arm ", arm.name), cat("no run of the report is \"", word, "\""),
                       "name folders as they stand before it, or runs by their names");
    }
    if (!taken.insert(run).second) {
      throw InputError(cat("--arm ", arm.name), cat("\"", word, "\" is in an arm already"));
    }
    arm.runs.push_back(run);
  }
  if (arm.runs.size() < 2) {
    throw InputError(cat("--arm ", arm.name), "expected two runs or more", "NAME=RUN,RUN");
  }
  std::sort(arm.runs.begin(), arm.runs.end());
  return arm;
}

}  // namespace

SeedIdentity seed_identity(const record::Manifest& manifest) {
  SeedIdentity identity{record::run_identity(manifest), ""};
  Json& work = identity.work;
  work.erase("shard");
  const bool is_sampled = work.value("temperature", Json(0)) != 0;
  const std::string seed = take_seed(work);
  identity.seeds = is_sampled ? seed : "-";  // it decides nothing where nothing is drawn
  std::set<std::string> replaced;
  for (const char* key : {"adapter", "model"}) {
    const std::string folder = record::text_option(manifest, key);
    const std::optional<record::Manifest> training = training_of(folder);
    if (!training) continue;
    Json trained_by = record::run_identity(*training);
    identity.seeds += cat(" ", take_seed(trained_by));
    work[cat("training of ", key)] = std::move(trained_by);
    replaced.insert(folder);
  }
  work["inputs"] = hashes_of(manifest, replaced);
  return identity;
}

std::vector<ArmRuns> find_arms(const ArmOptions& options, std::span<const std::string> folders,
                               std::span<const std::string> names) {
  std::set<size_t> taken;
  std::vector<ArmRuns> arms;
  for (const std::string& words : options.named) {
    arms.push_back(arm_from_words(words, folders, names, taken));
  }
  if (options.by_manifest) {
    std::map<std::string, std::pair<std::vector<size_t>, std::set<std::string>>> by_work;
    std::vector<std::string> order;
    for (size_t run = 0; run < folders.size(); ++run) {
      const std::string path = record::manifest_path(folders[run]);
      if (taken.contains(run) || !file_exists(path)) continue;
      const SeedIdentity identity = seed_identity(record::read_manifest(path));
      const std::string work = to_text(identity.work);
      if (!by_work.contains(work)) order.push_back(work);
      auto& [runs, seeds] = by_work[work];
      // The same seed again is the same run again, and no second measurement.
      if (seeds.insert(identity.seeds).second) runs.push_back(run);
    }
    for (const std::string& work : order) {
      const std::vector<size_t>& runs = by_work[work].first;
      if (runs.size() < 2) continue;
      std::vector<std::string> of_arm;
      for (const size_t run : runs) of_arm.push_back(names[run]);
      arms.push_back({common_name(of_arm), runs});
    }
  }
  std::set<std::string> used(names.begin(), names.end());
  for (ArmRuns& arm : arms) {
    const bool is_named = &arm - arms.data() < static_cast<ptrdiff_t>(options.named.size());
    if (used.contains(arm.name)) {
      if (is_named) {
        throw InputError(cat("--arm ", arm.name), "a run or another arm has this name");
      }
      arm.name += cat(" (", arm.runs.size(), " seeds)");
      for (int i = 2; used.contains(arm.name); ++i) arm.name += cat(" ", i);
    }
    used.insert(arm.name);
  }
  return arms;
}

}  // namespace lmc::eval
