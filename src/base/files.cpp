#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/check.h"          // InputError
#include "base/input_file.h"     // InputFile, open_input, read_line, is_passing, fail_to_read
#include "base/json.h"           // parse_json
#include "base/partial_files.h"  // partial_path

namespace lmc {

namespace {

[[noreturn]] void fail(const std::string& path, std::string_view action) {
  throw InputError(path, cat("cannot ", action, ": ", std::strerror(errno)));
}

void write_all(int descriptor, const char* data, size_t size, const std::string& path) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, data, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(path, "write");
    }
    data += written;
    size -= static_cast<size_t>(written);
  }
}

// A rename is on disk only once its folder is.
void sync_folder_of(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

std::string read_file(const std::string& path, uint64_t max_bytes) {
  InputFile file(path);
  const auto check = [&](uint64_t bytes) {
    if (bytes <= max_bytes) return;
    throw InputError(path, cat("expected a file of at most ", max_bytes, " bytes, found ", bytes));
  };
  check(file.size());
  // In blocks up to its end: a file may grow, and those of /proc have no size.
  std::string text;
  constexpr size_t kBlock = size_t{1} << 16;
  text.reserve(file.size() + kBlock);
  for (size_t got = kBlock; got == kBlock;) {
    const size_t end = text.size();
    text.resize(end + kBlock);
    got = file.read(text.data() + end, kBlock);
    text.resize(end + got);
    check(text.size());
  }
  return text;
}

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw InputError(path, cat("cannot create the folder: ", error.message()));
}

void make_parent_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) make_folder(folder.string());
}

bool file_exists(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return true;
  if (is_passing(errno)) fail_to_read(path, errno);
  return false;
}

void for_each_line(const std::string& path,
                   const std::function<void(size_t, std::string_view)>& visit) {
  std::ifstream in = open_input(path);
  std::string line;
  for (size_t number = 1; read_line(in, line, path); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find_first_not_of(" \t") != line.npos) visit(number, line);
  }
}

namespace {

// Tells the unfinished files of one process apart.
uint64_t next_number() {
  static std::atomic<uint64_t> number{0};
  return number++;
}

}  // namespace

AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)), temporary_(partial_path(path_, next_number())) {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path_, "create");
  // Says to other machines that it is being written; where the file system has no locks, so be it.
  ::flock(descriptor_, LOCK_EX | LOCK_NB);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write_all(descriptor_, reinterpret_cast<const char*>(bytes.data()), bytes.size(), path_);
}

void AtomicFile::write(std::string_view text) {
  write_all(descriptor_, text.data(), text.size(), path_);
}

void AtomicFile::commit(bool durable) {
  LMC_CHECK(descriptor_ >= 0, "commit() is called once");
  if (durable && ::fsync(descriptor_) != 0) fail(path_, "write to disk");
  ::close(std::exchange(descriptor_, -1));
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary_.c_str());
    errno = reason;
    fail(path_, "rename into place");
  }
  if (durable) sync_folder_of(path_);
}

MappedFile::MappedFile(const std::string& path) : path_(path) {
  const InputFile file(path);
  size_ = static_cast<size_t>(file.size());
  if (size_ == 0) return;
  void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
  if (address == MAP_FAILED) fail_to_read(path, errno);
  data_ = static_cast<const std::byte*>(address);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::release_pages() const {
  if (data_ != nullptr) ::madvise(const_cast<std::byte*>(data_), size_, MADV_DONTNEED);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

AppendLog::AppendLog(const std::string& path, std::string first_key)
    : path_(path), first_key_(std::move(first_key)) {
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path, "open");
  try {
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) fail(path, "lock");
      throw InputError(path, "another process is writing this file",
                       "wait for it, or stop it, before starting again");
    }
    check_is_ours();
  } catch (...) {
    ::close(std::exchange(descriptor_, -1));
    throw;
  }
}

AppendLog::~AppendLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendLog::check_is_ours() {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail(path_, "look at");
  if (!S_ISREG(status.st_mode)) throw InputError(path_, "expected a regular file");
  size_ = status.st_size;
  std::ifstream in = open_input(path_);
  bool is_ours = false, has_lines = false;
  std::string line;
  while (!is_ours && std::getline(in, line)) {
    if (in.eof()) break;  // the last line, without its line break
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    has_lines = true;
    is_ours = is_line(line);
  }
  const std::string rest = text_after_last_break();
  const std::string beginning = cat("{\"", first_key_, "\":");
  const size_t common = std::min(rest.size(), beginning.size());
  if (rest.empty()) {
    tail_ = Tail::kWhole;
  } else if (is_line(rest)) {
    tail_ = Tail::kWithoutBreak;
    is_ours = true;
  } else {
    tail_ = Tail::kTorn;
    // After a power cut the end of a file of ours may also be blocks that were never written.
    if (rest.compare(0, common, beginning, 0, common) == 0) {
      is_ours = is_ours || !has_lines;
    } else if (rest.front() != '\0') {
      throw InputError(path_,
                       cat("ends in text that would be cut off, as it is no line that would be "
                           "appended: expected an object with the key \"",
                           first_key_, "\""),
                       "remove it, or name another file; this one is left as it is");
    }
  }
  if (is_ours || (!has_lines && rest.empty())) return;
  throw InputError(path_,
                   cat("holds other lines than would be appended: expected objects with the key \"",
                       first_key_, "\""),
                   "name another file; this one is left as it is");
}

// Whether it is a whole line of this file's.
bool AppendLog::is_line(std::string_view line) const {
  try {
    const Json json = parse_json(line, path_);
    return json.is_object() && json.contains(first_key_);
  } catch (const InputError&) {
    return false;
  }
}

std::string AppendLog::text_after_last_break() const {
  constexpr off_t kBlock = 1 << 16;
  std::string text;
  for (off_t begin = size_; begin > 0;) {
    const off_t count = std::min(begin, kBlock);
    begin -= count;
    std::string block(static_cast<size_t>(count), '\0');
    if (::pread(descriptor_, block.data(), block.size(), begin) != count) fail(path_, "read");
    const size_t line_break = block.rfind('\n');
    if (line_break != block.npos) return block.substr(line_break + 1) + text;
    text.insert(0, block);
  }
  return text;
}

void AppendLog::mend_tail() {
  const Tail tail = std::exchange(tail_, Tail::kWhole);
  if (tail == Tail::kWithoutBreak) write_all(descriptor_, "\n", 1, path_);
  if (tail != Tail::kTorn) return;
  const off_t end = size_ - static_cast<off_t>(text_after_last_break().size());
  if (::ftruncate(descriptor_, end) != 0) fail(path_, "cut the incomplete last line");
}

void AppendLog::check_is_there() const {
  struct stat open {};
  struct stat named {};
  if (::fstat(descriptor_, &open) == 0 && ::stat(path_.c_str(), &named) == 0 &&
      open.st_dev == named.st_dev && open.st_ino == named.st_ino) {
    return;
  }
  throw InputError(path_, "was deleted or replaced while it was being written",
                   "the same command goes on with what is there");
}

void AppendLog::append(std::string_view line, bool durable) {
  LMC_CHECK(line.find('\n') == std::string_view::npos, "a record is one line");
  complete_last_line();
  const std::string text = cat(line, "\n");
  write_all(descriptor_, text.data(), text.size(), path_);
  if (durable) sync();
}

void AppendLog::complete_last_line() {
  check_is_there();
  mend_tail();
}

void AppendLog::finish() {
  complete_last_line();
  sync();
}

void AppendLog::sync() const {
  if (::fdatasync(descriptor_) != 0) fail(path_, "write to disk");
}

}  // namespace lmc
