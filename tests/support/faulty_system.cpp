// A system that fails, for a program that is started with this library in LD_PRELOAD.
//
//   LMC_FAULT="ERRNO FIRST COUNT PART"  opening to read a path that has PART in it fails with this
//                                       errno, from the FIRST time on (from 0), COUNT times
//   LMC_CRASH_AT=N       at its change number N (from 1) of the file system the process is killed:
//                        a write is half done then, anything else is not done
//   LMC_CHANGES_FILE=F   the number of changes is written there when the program ends
//
// A change is a write to a regular file, a file or folder made, a rename, a removal, a truncation, a
// sync: each is a place where a kill or a power cut may find the program.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> num_changes{0};
std::atomic<long> num_opened{0};

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

[[noreturn]] void die() {
  ::syscall(SYS_kill, ::getpid(), SIGKILL);
  ::_exit(137);
}

// True: this is the change at which to die.
bool is_last_change() {
  static const char* const at = std::getenv("LMC_CRASH_AT");
  const long number = ++num_changes;
  return at != nullptr && number == std::atol(at);
}

void change() {
  if (is_last_change()) die();
}

bool is_regular(int descriptor) {
  struct stat status {};
  return descriptor > 2 && ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

// Whether opening it fails, with errno set.
bool fails(const char* path, int flags) {
  static const char* const fault = std::getenv("LMC_FAULT");
  if (fault == nullptr || (flags & O_ACCMODE) != O_RDONLY) return false;
  int reason = 0;
  long first = 0;
  long count = 0;
  char part[256] = {};
  if (std::sscanf(fault, "%d %ld %ld %255s", &reason, &first, &count, part) != 4) return false;
  if (std::strstr(path, part) == nullptr) return false;
  const long number = num_opened++;
  if (number < first || number >= first + count) return false;
  errno = reason;
  return true;
}

struct AtEnd {
  ~AtEnd() {
    const char* const path = std::getenv("LMC_CHANGES_FILE");
    if (path == nullptr) return;
    char text[32];
    const int size = std::snprintf(text, sizeof text, "%ld", num_changes.load());
    const long file = ::syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    ::syscall(SYS_write, file, text, size);
    ::syscall(SYS_close, file);
  }
} at_end;

int open_with(const char* name, const char* path, int flags, mode_t mode) {
  if ((flags & O_CREAT) != 0) change();
  if (fails(path, flags)) return -1;
  return real<int (*)(const char*, int, ...)>(name)(path, flags, mode);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(rest, int)) : mode_t{0};
  va_end(rest);
  return open_with("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(rest, int)) : mode_t{0};
  va_end(rest);
  return open_with("open64", path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  const auto write_now = real<ssize_t (*)(int, const void*, size_t)>("write");
  if (is_regular(descriptor) && is_last_change()) {
    write_now(descriptor, bytes, size / 2);
    die();
  }
  return write_now(descriptor, bytes, size);
}

int rename(const char* from, const char* to) {
  change();
  return real<int (*)(const char*, const char*)>("rename")(from, to);
}

int unlink(const char* path) {
  change();
  return real<int (*)(const char*)>("unlink")(path);
}

int unlinkat(int folder, const char* path, int flags) {
  change();
  return real<int (*)(int, const char*, int)>("unlinkat")(folder, path, flags);
}

int rmdir(const char* path) {
  change();
  return real<int (*)(const char*)>("rmdir")(path);
}

int mkdir(const char* path, mode_t mode) {
  change();
  return real<int (*)(const char*, mode_t)>("mkdir")(path, mode);
}

int ftruncate(int descriptor, off_t size) {
  change();
  return real<int (*)(int, off_t)>("ftruncate")(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) {
  change();
  return real<int (*)(int, off64_t)>("ftruncate64")(descriptor, size);
}

int fsync(int descriptor) {
  change();
  return real<int (*)(int)>("fsync")(descriptor);
}

int fdatasync(int descriptor) {
  change();
  return real<int (*)(int)>("fdatasync")(descriptor);
}

}  // extern "C"
