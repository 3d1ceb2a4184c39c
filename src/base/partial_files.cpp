#include "base/partial_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>

#include "base/check.h"  // cat

namespace lmc {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".part-";

// The process that a name ends with; nothing: it is no partial file's.
std::optional<pid_t> process_of(std::string_view name) {
  const size_t mark = name.rfind(kMark);
  if (mark == name.npos || mark == 0) return std::nullopt;
  const std::string_view rest = name.substr(mark + kMark.size());
  const char* end = rest.data() + rest.size();
  pid_t process = 0;
  uint64_t number = 0;
  const auto [dash, no_process] = std::from_chars(rest.data(), end, process);
  if (no_process != std::errc() || process <= 0 || dash == end || *dash != '-') return std::nullopt;
  const auto [stop, no_number] = std::from_chars(dash + 1, end, number);
  if (no_number != std::errc() || stop != end) return std::nullopt;
  return process;
}

void remove_if_left(const fs::path& path) {
  const auto process = process_of(path.filename().string());
  if (!process || ::kill(*process, 0) == 0 || errno != ESRCH) return;
  std::error_code none;
  if (fs::is_directory(fs::symlink_status(path, none))) {
    fs::remove_all(path, none);
    return;
  }
  const int descriptor = ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
  ::close(descriptor);
}

}  // namespace

std::string partial_path(const std::string& path, uint64_t number) {
  return cat(path, kMark, ::getpid(), "-", number);
}

bool is_partial_name(std::string_view name) { return process_of(name).has_value(); }

void remove_partial_files_of(const std::string& path) {
  fs::path folder = fs::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const std::string begin = fs::path(path).filename().string() + std::string(kMark);
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const fs::path& found = entry.path();
    if (found.filename().string().starts_with(begin)) remove_if_left(found);
  }
}

void remove_partial_files_in(const std::string& folder, int depth) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (entry.is_symlink(none)) continue;
    if (entry.is_directory(none)) {
      if (depth > 0) remove_partial_files_in(entry.path().string(), depth - 1);
    } else {
      remove_if_left(entry.path());
    }
  }
}

}  // namespace lmc
