#include "report/provenance.h"

#include <filesystem>
#include <set>

#include "base/check.h"  // cat
#include "base/files.h"  // file_exists

namespace lmc::report {

namespace {

namespace fs = std::filesystem;

std::string option_of(const Json& manifest, const char* key) {
  if (!manifest.is_object() || !manifest.contains("options")) return {};
  const Json& options = manifest["options"];
  if (!options.is_object() || !options.contains(key) || !options[key].is_string()) return {};
  return options[key];
}

std::string command_of(const Json& manifest) {
  if (!manifest.is_object() || !manifest.contains("command")) return "made by";
  return manifest["command"].is_string() ? manifest["command"].get<std::string>() : "made by";
}

class Trail {
 public:
  void add_run(const std::string& folder, const std::string& name) {
    const std::string path = folder + "/manifest.json";
    const Json manifest = file_exists(path) ? read_json(path) : Json();
    seen_.insert(fs::weakly_canonical(path).string());
    found_.push_back({"run: " + name, path, manifest});
  }

  // Runs are all there before anything that led to them.
  void follow_all() {
    for (size_t i = 0; i < found_.size(); ++i) {
      const Json manifest = found_[i].manifest;  // a copy: the list grows
      add_folder(option_of(manifest, "adapter"));
      add_folder_of(option_of(manifest, "questions"));
      const std::string ledger = option_of(manifest, "explanations");
      if (!ledger.empty()) add(ledger + ".manifest.json", fs::path(ledger).filename().string(), "");
    }
  }

  void add_folder(const std::string& folder) {
    if (folder.empty()) return;
    // Through a file in it, so that a slash at the end makes no difference.
    const fs::path manifest = fs::path(folder) / "manifest.json";
    add(manifest.string(), fs::weakly_canonical(manifest).parent_path().filename().string(),
        (fs::path(folder) / "result.json").string());
  }

  std::vector<NamedManifest> take() { return std::move(found_); }

 private:
  void add_folder_of(const std::string& file) {
    if (!file.empty()) add_folder(fs::absolute(file).parent_path().string());
  }

  void add(const std::string& path, const std::string& name, const std::string& result) {
    if (!file_exists(path)) return;
    if (!seen_.insert(fs::weakly_canonical(path).string()).second) return;
    const Json manifest = read_json(path);
    found_.push_back({cat(command_of(manifest), ": ", name), path, manifest,
                      file_exists(result) ? read_json(result) : Json()});
  }

  std::vector<NamedManifest> found_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<NamedManifest> manifests_behind(const std::vector<std::string>& run_folders,
                                            const std::vector<std::string>& run_names,
                                            const std::vector<std::string>& folders) {
  Trail trail;
  for (size_t i = 0; i < run_folders.size(); ++i) trail.add_run(run_folders[i], run_names[i]);
  for (const std::string& folder : folders) trail.add_folder(folder);
  trail.follow_all();
  return trail.take();
}

}  // namespace lmc::report
