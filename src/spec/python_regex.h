// Regular expressions of adapters, which peft gives to Python's re.fullmatch.
//
// The engine is PCRE2, whose grammar holds nearly all of Python's. What the two read differently is
// no expression here. Matching takes a bounded number of steps: an adapter is a download, and
// "(.*.*)*x" would otherwise keep a stage busy for ever.
// Source: the `re` module's documentation (Python 3.13), pcre2pattern(3).
// Threads: pure functions; an object is read by any.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lmc::spec {

class PythonRegex {
 public:
  // Nothing where the meaning may differ ("[[:digit:]]", "(?|a|b)", "\h"), and where it is none.
  static std::optional<PythonRegex> compile(const std::string& expression);

  // Whether all of `text` (ASCII, without line breaks: a module's path) is matched.
  // Errors: InputError when that cannot be told in kMaxSteps.
  bool matches_whole(std::string_view text) const;

  static constexpr uint32_t kMaxSteps = 100'000;

 private:
  struct Code;
  explicit PythonRegex(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;
};

}  // namespace lmc::spec
