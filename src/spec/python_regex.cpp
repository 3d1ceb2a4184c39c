#define PCRE2_CODE_UNIT_WIDTH 8
#include "spec/python_regex.h"

#include <pcre2.h>

#include <cctype>
#include <utility>

#include "base/check.h"  // InputError, LMC_CHECK

namespace lmc::spec {

namespace {

// Escapes of letters and digits that mean the same in both.
constexpr std::string_view kCommonEscapes = "AbBdDsSwWZnrtfvax0123456789";
// What may follow "(?" in both.
constexpr std::string_view kCommonGroups[] = {":", "=", "!", "<=", "<!", "P<", "P=", ">", "i)"};

bool is_common_group(std::string_view after) {
  for (const std::string_view group : kCommonGroups) {
    if (after.starts_with(group)) return true;
  }
  return false;
}

bool reads_alike(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? text[i] : '\0'; };
  bool in_set = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\0') return false;
    if (c == '\\') {
      ++i;
      const bool is_word = std::isalnum(static_cast<unsigned char>(at(i))) != 0;
      if (is_word && kCommonEscapes.find(at(i)) == kCommonEscapes.npos) return false;
    } else if (in_set) {
      if (c == ']') in_set = false;
      // A class of POSIX in one, characters in the other.
      if (c == '[' && (at(i + 1) == ':' || at(i + 1) == '.' || at(i + 1) == '=')) return false;
    } else if (c == '[') {
      in_set = true;
      // A "]" in first place is a character of the set.
      if (at(i + 1) == '^') ++i;
      if (at(i + 1) == ']') ++i;
    } else if (c == '(' && at(i + 1) == '*') {
      return false;  // a verb in one, an error in the other
    } else if (c == '(' && at(i + 1) == '?' && !is_common_group(text.substr(i + 2))) {
      return false;
    }
  }
  return true;
}

}  // namespace

struct PythonRegex::Code {
  pcre2_code* code = nullptr;
  pcre2_match_context* limits = nullptr;

  Code() = default;
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() {
    pcre2_match_context_free(limits);
    pcre2_code_free(code);
  }
};

std::optional<PythonRegex> PythonRegex::compile(const std::string& expression) {
  if (!reads_alike(expression)) return std::nullopt;
  int error = 0;
  PCRE2_SIZE place = 0;
  auto made = std::make_shared<Code>();
  made->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                    PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_UTF, &error, &place, nullptr);
  if (made->code == nullptr) return std::nullopt;
  made->limits = pcre2_match_context_create(nullptr);
  LMC_CHECK(made->limits != nullptr);
  pcre2_set_match_limit(made->limits, kMaxSteps);
  return PythonRegex(std::move(made));
}

bool PythonRegex::matches_whole(std::string_view text) const {
  pcre2_match_data* const data = pcre2_match_data_create(1, nullptr);
  LMC_CHECK(data != nullptr);
  const int found = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                0, 0, data, code_->limits);
  pcre2_match_data_free(data);
  if (found == PCRE2_ERROR_NOMATCH) return false;
  if (found < 0) {
    throw InputError(
        "adapter_config.json",
        cat("a regular expression takes more than ", kMaxSteps, " steps on \"", text, "\""),
        "write it without repetitions of repetitions");
  }
  return true;
}

}  // namespace lmc::spec
