// Files: whole or absent, mapped, appended line by line.
//
// An input is a regular file (input_file.h). Every output file appears under its final name only when complete: it is written beside its place
// under a temporary name, synced and renamed. A reader never sees half a file.
// Errors: InputError with the path and the system's reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace lmc {

// More than any file that is read as one text: the largest tokenizers have 34 MB.
inline constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;

// Refuses a file of more than `max_bytes`.
std::string read_file(const std::string& path, uint64_t max_bytes = kMaxFileBytes);

// Writes the whole file at once, by temporary name and rename.
void write_file(const std::string& path, std::string_view bytes);

// Creates the folder and its parents; an existing folder is fine.
void make_folder(const std::string& path);

// Creates the folder in which the file `path` is to stand, and its parents.
void make_parent_folder(const std::string& path);

bool file_exists(const std::string& path);

// Calls `visit(line_number from 1, line without its line break)` for each line that is not blank.
// A last line without a line break is visited too. A line of more than kMaxLineBytes is refused.
void for_each_line(const std::string& path,
                   const std::function<void(size_t, std::string_view)>& visit);

// Streams a large file that appears under `path` only when commit() succeeds.
// Threads: one thread at a time.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();  // removes the temporary file when commit() was not called
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  // Without `durable` it does not wait for the disk: for what can be made again, as after a power
  // cut the file may be damaged.
  void commit(bool durable = true);

 private:
  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
};

// A read-only view of a whole file; pages are loaded by the system when touched.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::string& path() const { return path_; }
  // Gives back the memory of the pages read so far; they are read again when touched.
  void release_pages() const;

 private:
  std::string path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

// An append-only file of JSON objects, one a line, that survives a kill: each line is handed to the
// system in one write. What is there when it is opened must be such lines, each with the key
// `first_key`, as which new ones begin; nothing is changed before the first line is appended. Then
// a last line that lacks only its line break gets it, and one that a kill cut short is removed. Text at
// the end that cannot be such a line is somebody's.
// Threads: one thread at a time. One process at a time: the file is locked while open.
class AppendLog {
 public:
  // Errors: InputError when another process has it open, and for a file of other content, which
  // stays as it is.
  AppendLog(const std::string& path, std::string first_key);
  ~AppendLog();
  AppendLog(const AppendLog&) = delete;
  AppendLog& operator=(const AppendLog&) = delete;

  // `line` holds no line break. With `durable`, returns only when the disk has it.
  // Errors: InputError, also when the file was deleted or replaced: the lines would be lost.
  void append(std::string_view line, bool durable = false);

  // To be called after the last line, also of a file that had them all: every line is whole, and
  // (finish) the disk has it.
  // Errors: as append().
  void complete_last_line();
  void finish();

  // Returns when the disk has every line appended before.
  // Threads: any, also beside append().
  void sync() const;

 private:
  enum class Tail { kWhole, kWithoutBreak, kTorn };

  void check_is_ours();
  void check_is_there() const;
  bool is_line(std::string_view line) const;
  std::string text_after_last_break() const;
  void mend_tail();

  std::string path_;
  std::string first_key_;
  int descriptor_ = -1;
  int64_t size_ = 0;  // when it was opened
  Tail tail_ = Tail::kWhole;
};

}  // namespace lmc
