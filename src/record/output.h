// An output is nobody's input: what is asked of every output before anything is touched.
//
// An output is none of the files and folders that are read, by whatever name they are called; it is
// no file of another stage; and what it replaces was made by the same stage. So a mistyped --out
// ends with an error, and never with a file that is lost.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_lock.h"  // FolderLock

namespace lmc::record {

// What a stage writes into a folder.
struct FolderOutput {
  std::string folder;
  std::string command;  // as manifests have it: "train"
  std::vector<std::string>
      inputs;  // files and folders that are read; empty texts count for nothing
  // Names in the folder that the stage writes or replaces; a folder's end in '/'. They are the
  // stage's only if its manifest stands beside them, so that is written first.
  std::vector<std::string> files;
};

// Errors: InputError when the folder is an input or holds one that would be replaced, holds another
// stage's run, or such files without the manifest of this stage.
void check_folder_output(const FolderOutput& output);

// Such a folder, checked, made, locked for this process as long as the object lives, and without
// what a kill left in it.
class OutputFolder {
 public:
  explicit OutputFolder(const FolderOutput& output);

 private:
  FolderLock lock_;
};

// For an output that is one file, replaced whole. `is_ours` says of a file that is there whether it
// is of the kind that would replace it; `kind` names that kind in errors: "a calibration". What a
// kill left beside it is removed.
// Errors: InputError when the path is an input, a file in a folder that is an input or of a run, a
// folder, or a file of another kind.
void claim_file_output(const std::string& path, const std::vector<std::string>& inputs,
                       const std::string& kind,
                       const std::function<bool(const std::string& path)>& is_ours);

// For a list, JSON Lines of objects with this key, that a command writes beside its output by a name
// that it was not given.
// Errors: InputError when a file of that name is there that is no such list.
void check_list_beside(const std::string& path, const std::string& key);

// For `is_ours`: whether the file is one JSON object with this key, or JSON Lines whose first line
// is.
bool is_json_with(const std::string& path, const std::string& key);
bool is_json_lines_with(const std::string& path, const std::string& key);

}  // namespace lmc::record
