// The part of a text file that a reader looks at: it grows to the right as the reader asks, and
// what is used up is dropped, so that the memory is that of the longest row.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "data/text_source.h"  // TextSource

namespace lmc::data {

class TextBuffer {
 public:
  explicit TextBuffer(const std::string& path) : source_(path) {}
  TextBuffer(std::istream& stream, std::string name) : source_(stream, std::move(name)) {}

  static constexpr int kEnd = -1;

  const TextSource& source() const { return source_; }
  // What was read so far and not dropped.
  const std::string& text() const { return text_; }

  // The byte at a place of text(), read where needed; kEnd behind the file's last.
  int at(size_t place) {
    return place < text_.size() || read_up_to(place) ? static_cast<unsigned char>(text_[place])
                                                     : kEnd;
  }

  // Where the line of `place` ends, without its break.
  size_t line_end(size_t place);

  // Behind the break (LF, CRLF or CR) at `place`; `place` where the file ends.
  size_t after_break(size_t place);

  // Drops what stands before `place`, which becomes 0, if that is worth the copy.
  void drop_before(size_t& place);

  // Drops all.
  void drop() { text_.clear(); }

 private:
  bool read_up_to(size_t place);  // false: the file ends before

  TextSource source_;
  std::string text_;
  bool is_at_end_ = false;
};

}  // namespace lmc::data
