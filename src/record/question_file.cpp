#include "record/question_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <unordered_set>

#include "base/check.h"  // InputError

namespace lmc::record {

QuestionFile::QuestionFile(const std::string& path,
                           const std::function<void(size_t place, const Question& question)>& visit)
    : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  std::ifstream file(path, std::ios::binary);
  if (descriptor_ < 0 || !file) throw InputError(path, cat("cannot read: ", std::strerror(errno)));
  std::unordered_set<std::string> ids;
  std::string text;
  uint64_t offset = 0;
  for (uint32_t number = 1; std::getline(file, text); ++number) {
    if (text.find_first_not_of(" \t\r") != text.npos) {
      const Question question = question_from_line(text, path, number);
      if (!ids.insert(question.id).second) {
        throw InputError(cat(path, ":", number), cat("the id \"", question.id, "\" occurs twice"));
      }
      lines_.push_back({offset, static_cast<uint32_t>(text.size()), number});
      if (visit) visit(lines_.size() - 1, question);
    }
    offset += text.size() + 1;
  }
}

QuestionFile::~QuestionFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Question QuestionFile::read(size_t place) const {
  const Line& line = lines_.at(place);
  std::string text(line.length, '\0');
  const ssize_t got =
      ::pread(descriptor_, text.data(), text.size(), static_cast<off_t>(line.offset));
  if (got != static_cast<ssize_t>(text.size())) {
    throw InputError(cat(path_, ":", line.number), "the file was changed while it was in use");
  }
  return question_from_line(text, path_, line.number);
}

}  // namespace lmc::record
