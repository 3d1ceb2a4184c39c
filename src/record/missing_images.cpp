#include "record/missing_images.h"

#include <unistd.h>

#include <cerrno>
#include <set>

#include "base/check.h"          // cat
#include "base/input_file.h"     // is_passing, fail_to_read
#include "base/passing_error.h"  // PassingError

namespace lmc::record {

namespace {

bool is_there(const std::string& path) {
  if (::access(path.c_str(), R_OK) == 0) return true;
  if (is_passing(errno)) fail_to_read(path, errno);
  return false;
}

}  // namespace

void check_images_are_there(size_t count, size_t at,
                            const std::function<std::string(size_t question)>& image_of) {
  const std::string first = image_of(at);
  if (first.empty()) return;
  std::set<std::string> away;
  const auto is_away = [&](size_t question) {
    const std::string path = image_of(question);
    if (path.empty() || away.contains(path)) return true;
    if (is_there(path)) return false;
    away.insert(path);
    return true;
  };
  for (size_t i = at; i < count && away.size() < kPatienceWithImages; ++i) {
    if (!is_away(i)) return;
  }
  for (size_t i = at; i > 0 && away.size() < kPatienceWithImages; --i) {
    if (!is_away(i - 1)) return;
  }
  throw PassingError(
      first,
      cat("cannot be opened", away.size() == 1
                                  ? std::string()
                                  : cat(", nor any other of ", away.size(), " images in a row")),
      "bring the images back; the same command then goes on");
}

void check_images_are_there(std::span<const Question> questions, size_t at) {
  check_images_are_there(questions.size(), at, [&](size_t i) { return questions[i].image; });
}

}  // namespace lmc::record
