#include "base/new_output.h"

#include "base/check.h"          // InputError
#include "base/files.h"          // file_exists, make_parent_folder
#include "base/partial_files.h"  // remove_partial_files_of

namespace lmc {

void check_is_new(const std::string& path) {
  if (file_exists(path)) {
    throw InputError(path, "is there already", "name another place with --out");
  }
}

NewOutput::NewOutput(const std::string& path)
    : lock_((make_parent_folder(path), path + ".lock"), path) {
  check_is_new(path);
  remove_partial_files_of(path);
}

}  // namespace lmc
