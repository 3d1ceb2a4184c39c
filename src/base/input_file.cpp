#include "base/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"          // InputError, Interrupted
#include "base/interrupt.h"      // interrupt_requested
#include "base/passing_error.h"  // PassingError

namespace lmc {

namespace {

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

void go_on_unless_stopped(const std::string& path) {
  if (interrupt_requested()) throw Interrupted(cat("while reading ", path));
}

}  // namespace

bool is_passing(int reason) {
  // These are about a path, its type or its permissions, however often the system is asked.
  constexpr std::array kOfTheFile = {ENOENT, ENOTDIR, ELOOP,  ENAMETOOLONG, EACCES, EPERM,
                                     EISDIR, ENXIO,   ENODEV, EINVAL,       EFBIG,  EOVERFLOW};
  return std::find(kOfTheFile.begin(), kOfTheFile.end(), reason) == kOfTheFile.end();
}

void fail_to_read(const std::string& path, int reason) {
  const std::string problem = cat("cannot read: ", std::strerror(reason));
  if (!is_passing(reason)) throw InputError(path, problem);
  if (reason == EMFILE) {
    throw PassingError(path, problem, "raise the limit (ulimit -n); the same command then goes on");
  }
  throw PassingError(path, problem);
}

InputFile::InputFile(std::string path) : path_(std::move(path)) {
  // The system would open what the path says before it.
  if (path_.find('\0') != path_.npos) throw InputError(path_, "the path holds a NUL character");
  // Not blocking: the open of a pipe waits for its writer.
  do {
    descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor_ < 0 && errno == EINTR) go_on_unless_stopped(path_);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) fail_to_read(path_, errno);
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    const int reason = errno;
    ::close(std::exchange(descriptor_, -1));
    fail_to_read(path_, reason);
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(std::exchange(descriptor_, -1));
    throw InputError(path_, cat("expected a file, found ", kind_of(status.st_mode)));
  }
  size_ = static_cast<uint64_t>(status.st_size);
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

size_t InputFile::read(char* into, size_t count) {
  size_t done = 0;
  while (done < count) {
    const ssize_t got = ::read(descriptor_, into + done, count - done);
    if (got == 0) break;
    if (got > 0) {
      done += static_cast<size_t>(got);
    } else if (errno == EINTR) {
      go_on_unless_stopped(path_);
    } else {
      fail_to_read(path_, errno);
    }
  }
  return done;
}

std::ifstream open_input(const std::string& path) {
  const InputFile checked(path);
  std::ifstream in(path, std::ios::binary);
  if (!in) fail_to_read(path, errno);
  return in;
}

bool read_line(std::istream& in, std::string& line, const std::string& path) {
  line.clear();
  std::array<char, size_t{1} << 16> block;
  for (;;) {
    in.getline(block.data(), block.size());
    const auto got = static_cast<size_t>(in.gcount());
    if (in.bad()) fail_to_read(path, EIO);
    if (in.eof()) {
      line.append(block.data(), got);
      return !line.empty();
    }
    if (!in.fail()) {
      line.append(block.data(), got - 1);  // the line break counts
      return true;
    }
    in.clear();  // the block is full
    line.append(block.data(), got);
    if (line.size() > kMaxLineBytes) {
      throw InputError(
          path, cat("expected lines of at most ", kMaxLineBytes, " bytes, found a longer one"));
    }
  }
}

}  // namespace lmc
