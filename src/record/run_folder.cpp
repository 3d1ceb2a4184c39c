#include "record/run_folder.h"

#include <filesystem>

#include "base/check.h"           // InputError
#include "base/files.h"           // write_file, file_exists
#include "record/run_identity.h"  // run_difference
#include "record/run_lines.h"     // has_lines

namespace lmc::record {

std::string run_name(const std::string& name, const std::string& folder) {
  if (!name.empty()) return name;
  return std::filesystem::path(folder + "/.").lexically_normal().parent_path().filename().string();
}

Manifest stage_manifest(Manifest made_with, std::string command, const std::vector<Field>& options,
                        const std::vector<ManifestInput>& inputs) {
  made_with.add_options(options);
  made_with.command = std::move(command);
  made_with.inputs.insert(made_with.inputs.end(), inputs.begin(), inputs.end());
  return completed(std::move(made_with));
}

RunFolder::RunFolder(const FolderOutput& output) : path_(output.folder), folder_(output) {}

void RunFolder::begin(const Manifest& manifest, const std::string& lines_path) const {
  const std::string path = manifest_path(path_);
  // The replies of an endpoint are paid for, and may be there before the first line is.
  if (has_lines(lines_path) || has_lines(replies_path(path_))) {
    const std::string difference = run_difference(read_manifest(path), manifest);
    if (!difference.empty()) {
      throw InputError(path_, cat("holds a run that differs: ", difference),
                       "name another folder with --out, or repeat the first command to continue");
    }
  }
  write_file(path, to_pretty_text(to_json(manifest)));
}

void write_run_folder(const FolderOutput& output, const Manifest& manifest,
                      const std::string& lines_path, const std::string& lines, const Json& result) {
  const OutputFolder folder(output);
  for (const std::string& path : {manifest_path(output.folder), result_path(output.folder)}) {
    if (!file_exists(path)) continue;
    throw InputError(output.folder, "holds a run already", "name a new folder with --out");
  }
  write_file(manifest_path(output.folder), to_pretty_text(to_json(manifest)));
  write_file(lines_path, lines);
  write_file(result_path(output.folder), to_pretty_text(result));
}

}  // namespace lmc::record
