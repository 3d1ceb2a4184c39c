#include "base/check.h"

#include "base/printable.h"   // printable, printable_with_short_quotes
#include "base/utf8_edges.h"  // whole_characters

namespace lmc {

namespace {

std::string one_line(std::string_view where, std::string_view problem, std::string_view hint) {
  // What a file or an endpoint said is quoted in it; nobody reads more than this of it.
  constexpr size_t kMaxQuoteBytes = 80;
  constexpr size_t kMaxProblemBytes = 2000;
  constexpr size_t kMaxWhereBytes = 1000;
  std::string said = printable_with_short_quotes(problem, kMaxQuoteBytes);
  if (said.size() > kMaxProblemBytes) {
    said = cat(whole_characters(said, kMaxProblemBytes), "...");
  }
  std::string text =
      cat(printable(whole_characters(where, kMaxWhereBytes)),
          where.size() > kMaxWhereBytes ? "..." : "", where.empty() ? "" : ": ", said);
  if (!hint.empty()) text += cat(" (hint: ", printable(hint), ")");
  return text;
}

}  // namespace

InputError::InputError(std::string_view where, std::string_view problem, std::string_view hint)
    : std::runtime_error(one_line(where, problem, hint)) {}

void fail_check(const char* file, int line, const char* condition, const std::string& detail) {
  throw InternalError(cat(file, ":", line, ": ", condition, detail.empty() ? "" : "; ", detail));
}

}  // namespace lmc
