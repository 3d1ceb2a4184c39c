#include "base/check.h"

namespace lmc {

namespace {

std::string one_line(std::string_view where, std::string_view problem, std::string_view hint) {
  std::string text = cat(where, where.empty() ? "" : ": ", problem);
  if (!hint.empty()) text += cat(" (hint: ", hint, ")");
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

}  // namespace

InputError::InputError(std::string_view where, std::string_view problem, std::string_view hint)
    : std::runtime_error(one_line(where, problem, hint)) {}

void fail_check(const char* file, int line, const char* condition, const std::string& detail) {
  throw InternalError(cat(file, ":", line, ": ", condition, detail.empty() ? "" : "; ", detail));
}

}  // namespace lmc
