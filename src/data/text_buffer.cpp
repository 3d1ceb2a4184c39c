#include "data/text_buffer.h"

namespace lmc::data {

bool TextBuffer::read_up_to(size_t place) {
  while (place >= text_.size()) {
    if (is_at_end_ || !source_.append_block(text_)) {
      is_at_end_ = true;
      return false;
    }
  }
  return true;
}

size_t TextBuffer::line_end(size_t place) {
  while (at(place) != kEnd) {
    const size_t found = text_.find_first_of("\r\n", place);
    if (found != text_.npos) return found;
    place = text_.size();
  }
  return text_.size();
}

size_t TextBuffer::after_break(size_t place) {
  if (at(place) == kEnd) return place;
  return text_[place] == '\r' && at(place + 1) == '\n' ? place + 2 : place + 1;
}

void TextBuffer::drop_before(size_t& place) {
  constexpr size_t kKeptBytes = size_t{1} << 16U;
  if (place <= kKeptBytes) return;
  text_.erase(0, place);
  place = 0;
}

}  // namespace lmc::data
