#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"  // InputError
#include "base/files.h"  // file_exists, make_folder

namespace lmc {

namespace {

// Whether the name still leads to the open file: its last holder removes it.
bool is_still_at(int descriptor, const std::string& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

}  // namespace

FileLock::FileLock(std::string lock_path, const std::string& what) : path_(std::move(lock_path)) {
  for (;;) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw InputError(path_, cat("cannot create: ", std::strerror(errno)));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return;  // a file system that has no locks
      ::close(descriptor_);
      throw InputError(what, "another process is writing it",
                       "wait for it, or stop it, before starting again");
    }
    if (is_still_at(descriptor_, path_)) return;
    ::close(descriptor_);
  }
}

FileLock::~FileLock() {
  // Removed while it is held: who comes later makes a new one.
  if (is_still_at(descriptor_, path_)) ::unlink(path_.c_str());
  ::close(descriptor_);
}

FolderLock::FolderLock(const std::string& folder) : folder_(folder), is_new_(!file_exists(folder)) {
  make_folder(folder);
  lock_.emplace(folder + "/.lock", folder);
}

FolderLock::~FolderLock() {
  lock_.reset();
  if (is_new_) ::rmdir(folder_.c_str());  // which does nothing to a folder that holds something
}

}  // namespace lmc
