// The folder of a run: manifest.json, which says what made it; raw lines, appended one by one
// however often the run is killed; then result.json, written last, so that a folder that has it is
// complete. One process at a time writes it, from the first byte to the last.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"       // Field
#include "base/json.h"         // Json
#include "record/manifest.h"   // Manifest
#include "record/output.h"     // OutputFolder
#include "record/run_files.h"  // manifest_path, result_path

namespace lmc::record {

// How reports call a run: `name`, or the folder's own.
std::string run_name(const std::string& name, const std::string& folder);

// What a stage says of its run: `made_with` (who answers or what is trained), the stage's own
// options and inputs added, the hashes filled in.
Manifest stage_manifest(Manifest made_with, std::string command, const std::vector<Field>& options,
                        const std::vector<ManifestInput>& inputs);

class RunFolder {
 public:
  // Errors: InputError, those of OutputFolder.
  explicit RunFolder(const FolderOutput& output);

  // Begins the run, or goes on with it, and writes its manifest.
  // Errors: InputError when a whole line stands in `lines_path`, or among the replies of an
  // endpoint, and other work made it; it says in what they differ.
  void begin(const Manifest& manifest, const std::string& lines_path) const;

 private:
  std::string path_;
  OutputFolder folder_;
};

// A complete run, of lines that other runs made, in a new folder.
// Errors: InputError when the folder holds a run already.
void write_run_folder(const FolderOutput& output, const Manifest& manifest,
                      const std::string& lines_path, const std::string& lines, const Json& result);

}  // namespace lmc::record
