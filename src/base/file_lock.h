// A lock that one process holds while it writes: to a folder, or to a file that is replaced whole.
//
// It is a lock of the system (flock) on a file beside what is written, so it ends with its process,
// however that ends. The file is removed with the lock; one that a kill left behind is taken over.
// A file system without locks excludes nobody.
#pragma once

#include <optional>
#include <string>

namespace lmc {

// Threads: one object belongs to one thread. Two objects of one process exclude each other too.
class FileLock {
 public:
  // `what` is written: it begins the error line.
  // Errors: InputError, at once, when another holds the lock.
  FileLock(std::string lock_path, const std::string& what);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::string path_;
  int descriptor_ = -1;
};

// The same of a folder, by a file ".lock" in it. The folder is made where it is not there, and
// removed again with the lock if nothing was written into it.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  std::string folder_;
  bool is_new_;
  std::optional<FileLock> lock_;
};

}  // namespace lmc
