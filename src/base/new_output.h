// A file or a folder that is not there yet, and that one process at a time makes whole.
#pragma once

#include <string>

#include "base/file_lock.h"  // FileLock

namespace lmc {

// Errors: InputError when something of that name is there.
void check_is_new(const std::string& path);

// Such an output as long as it is being made. What a kill left of it is removed.
class NewOutput {
 public:
  // Errors: as check_is_new(), also for what another process made just before; InputError when one
  // makes it now.
  explicit NewOutput(const std::string& path);

 private:
  FileLock lock_;
};

}  // namespace lmc
