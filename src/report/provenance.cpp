#include "report/provenance.h"

#include <filesystem>
#include <set>

#include "base/check.h"        // cat
#include "base/files.h"        // file_exists
#include "record/run_files.h"  // manifest_path

namespace lmc::report {

namespace {

namespace fs = std::filesystem;

class Trail {
 public:
  void add_run(const std::string& folder, const std::string& name) {
    const std::string path = record::manifest_path(folder);
    seen_.insert(fs::weakly_canonical(path).string());
    found_.push_back({"run: " + name, path});
    if (file_exists(path)) found_.back().manifest = record::read_manifest(path);
  }

  // Runs are all there before anything that led to them.
  void follow_all() {
    for (size_t i = 0; i < found_.size(); ++i) {
      if (!found_[i].manifest) continue;
      const record::Manifest manifest = *found_[i].manifest;  // a copy: the list grows
      add_folder(record::text_option(manifest, "adapter"));
      add_folder_of(record::text_option(manifest, "questions"));
      const std::string ledger = record::text_option(manifest, "explanations");
      if (ledger.empty()) continue;
      add(record::ledger_manifest_path(ledger), fs::path(ledger).filename().string(), "");
    }
  }

  void add_folder(const std::string& folder) {
    if (folder.empty()) return;
    // Through a file in it, so that a slash at the end makes no difference.
    const std::string manifest = record::manifest_path(folder);
    add(manifest, fs::weakly_canonical(manifest).parent_path().filename().string(),
        record::result_path(folder));
  }

  std::vector<NamedManifest> take() { return std::move(found_); }

 private:
  void add_folder_of(const std::string& file) {
    if (!file.empty()) add_folder(fs::absolute(file).parent_path().string());
  }

  void add(const std::string& path, const std::string& name, const std::string& result) {
    if (!file_exists(path)) return;
    if (!seen_.insert(fs::weakly_canonical(path).string()).second) return;
    record::Manifest manifest = record::read_manifest(path);
    const std::string command = manifest.command.empty() ? "made by" : manifest.command;
    found_.push_back({cat(command, ": ", name), path, std::move(manifest),
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
