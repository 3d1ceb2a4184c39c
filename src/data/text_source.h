// A file of text as UTF-8, in blocks and constant memory, however its program stored it.
//
// Read as they are: UTF-8, with or without a byte order mark. Decoded, and said so by note():
//   UTF-16  with a byte order mark, or known by the NUL of each ASCII character at its head;
//   Windows-1252  the whole file or nothing: when it is not valid UTF-8, holds no character of
//           UTF-8 beyond ASCII, no byte that Windows-1252 leaves undefined, and its letters stand
//           as they do in Western words (other code pages and Chinese encodings do not).
// Every other file is handed on as it is, and its lines that are not UTF-8 are the reader's to
// reject: no letter is ever replaced by U+FFFD here.
// Errors: InputError for a file that cannot be read, and for one that is no text, which is called
//         by its name (workbook, archive, web page, git-lfs pointer, ...).
#pragma once

#include <istream>
#include <memory>
#include <string>
#include <string_view>

namespace lmc::data {

enum class TextForm { kUtf8, kNotUtf8, kWindows1252, kUtf16Le, kUtf16Be };

class TextSource {
 public:
  explicit TextSource(const std::string& path);
  // Reads from `stream`, which must be seekable and outlive the source; `name` stands for the path
  // in errors.
  TextSource(std::istream& stream, std::string name);

  const std::string& name() const { return name_; }
  TextForm form() const { return form_; }

  // What was decoded; null for UTF-8. One of a few fixed sentences, to be counted.
  const char* note() const;

  // Appends the next block; false at the end.
  bool append_block(std::string& text);

 private:
  void find_form();
  size_t read_block();
  void append_utf16(std::string& text, std::string_view bytes);

  std::string name_;
  std::unique_ptr<std::istream> file_;
  std::istream& stream_;
  TextForm form_ = TextForm::kUtf8;
  std::string block_;
  std::string rest_;  // of UTF-16: bytes that wait for the next block
};

bool is_utf8(std::string_view text);

// What a line of a file that is not Windows-1252 throughout is rejected for.
inline constexpr char kNotUtf8[] = "bytes that are not UTF-8 (save the file as UTF-8)";
inline constexpr char kNulByte[] = "a NUL character";

}  // namespace lmc::data
