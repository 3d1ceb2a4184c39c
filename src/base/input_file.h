// A file opened for reading: a regular one, whatever else the path may lead to.
//
// A pipe without a writer, a terminal or /dev/zero would be waited for, or read, without end.
// Errors: InputError with the path and the system's reason where that is about the file: it is not
// there, it is a folder, it may not be read. PassingError for any other: the file may be sound.
// Interrupted when a stop was asked for while the system was waited for (a network file system may
// keep a read for minutes).
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <istream>
#include <string>

namespace lmc {

// Whether the system's reason (errno) for not giving a file says nothing about the file.
bool is_passing(int reason);

// Throws what it amounts to: a PassingError or an InputError.
[[noreturn]] void fail_to_read(const std::string& path, int reason);

class InputFile {
 public:
  explicit InputFile(std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // At the time of opening.
  uint64_t size() const { return size_; }
  int descriptor() const { return descriptor_; }

  // Reads on; fewer than `count` bytes only at the end.
  size_t read(char* into, size_t count);

 private:
  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

// The same as a stream, for what is read line by line.
std::ifstream open_input(const std::string& path);

// More than the longest line of any data set.
inline constexpr size_t kMaxLineBytes = size_t{1} << 28;

// Reads the next line, without its line break; false at the end of the stream.
// Errors: InputError for more than kMaxLineBytes, naming `path`.
bool read_line(std::istream& in, std::string& line, const std::string& path);

}  // namespace lmc
