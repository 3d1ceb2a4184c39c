#include "record/output.h"

#include <filesystem>
#include <fstream>

#include "base/check.h"          // InputError, cat
#include "base/files.h"          // file_exists, read_file
#include "base/input_file.h"     // InputFile, open_input
#include "base/json.h"           // parse_json
#include "base/partial_files.h"  // remove_partial_files_in
#include "record/manifest.h"     // read_manifest
#include "record/run_files.h"    // manifest_path

namespace lmc::record {

namespace {

namespace fs = std::filesystem;

constexpr char kOtherOut[] = "name another place with --out";

// Whether both are there and the same, whatever they are called.
bool is_same(const std::string& a, const std::string& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// Whether the file lies in the folder or below it.
bool lies_in(const std::string& path, const std::string& folder) {
  std::error_code error;
  const fs::path inner = fs::canonical(path, error);
  const fs::path outer = error ? fs::path() : fs::canonical(folder, error);
  if (error) return false;
  const fs::path relative = inner.lexically_relative(outer);
  return !relative.empty() && *relative.begin() != "..";
}

void check_not_input(const std::string& output, const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    if (input.empty() || !is_same(output, input)) continue;
    throw InputError(output, cat("is read as input (", input, ") and would be replaced"),
                     kOtherOut);
  }
}

}  // namespace

void check_folder_output(const FolderOutput& output) {
  const std::string& folder = output.folder;
  if (file_exists(folder) && !is_folder(folder)) {
    throw InputError(folder, "expected a folder, found a file", kOtherOut);
  }
  check_not_input(folder, output.inputs);
  const std::string manifest = manifest_path(folder);
  const bool is_ours = file_exists(manifest);
  if (is_ours) {
    const std::string command = read_manifest(manifest).command;
    if (command.empty()) throw InputError(manifest, "names no command", kOtherOut);
    if (command != output.command) {
      throw InputError(folder,
                       cat("holds what `litemedcot ", command, "` made, which `", output.command,
                           "` would replace"),
                       kOtherOut);
    }
  }
  for (const std::string& name : output.files) {
    const std::string path = (fs::path(folder) / name).string();
    if (is_folder(path) && !name.ends_with('/')) {
      throw InputError(path, "expected a file, found a folder", kOtherOut);
    }
    check_not_input(path, output.inputs);
    if (is_ours || !file_exists(path)) continue;
    throw InputError(path,
                     cat("is there already, and no manifest.json says that `litemedcot ",
                         output.command, "` made it"),
                     kOtherOut);
  }
}

OutputFolder::OutputFolder(const FolderOutput& output)
    : lock_((check_folder_output(output), output.folder)) {
  check_folder_output(output);  // again: another process may have ended in between
  remove_partial_files_in(output.folder);
}

void claim_file_output(const std::string& path, const std::vector<std::string>& inputs,
                       const std::string& kind,
                       const std::function<bool(const std::string& path)>& is_ours) {
  if (is_folder(path)) throw InputError(path, "expected a file, found a folder", kOtherOut);
  check_not_input(path, inputs);
  if (file_exists(path)) {
    for (const std::string& input : inputs) {
      if (input.empty() || !is_folder(input) || !lies_in(path, input)) continue;
      throw InputError(path, cat("is a file of the input ", input, " and would be replaced"),
                       kOtherOut);
    }
    const InputFile looked_at(path);  // no pipe, which could not be
    if (file_exists(manifest_path(fs::absolute(path).parent_path().string()))) {
      throw InputError(path, "is a file of the run in its folder, and would be replaced",
                       kOtherOut);
    }
    if (!is_ours(path)) {
      throw InputError(path, cat("is there already, and is not ", kind), "name another place");
    }
  }
  remove_partial_files_of(path);
}

void check_list_beside(const std::string& path, const std::string& key) {
  if (!file_exists(path) || is_json_lines_with(path, key)) return;
  throw InputError(path, "is there already, and is not the list that would replace it",
                   "move it, or name another --out");
}

bool is_json_with(const std::string& path, const std::string& key) {
  try {
    const Json json = read_json(path);
    return json.is_object() && json.contains(key);
  } catch (const InputError&) {
    return false;
  }
}

bool is_json_lines_with(const std::string& path, const std::string& key) {
  std::ifstream in = open_input(path);
  std::string line;
  if (!std::getline(in, line)) return in.eof();  // nothing in it is lost
  try {
    const Json json = parse_json(line, path);
    return json.is_object() && json.contains(key);
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace lmc::record
