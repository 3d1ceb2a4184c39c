// From a reply to a verdict: by our own rules, and by those of published evaluators.
//
// The published ones are kept with their faults, so that a metric can be set beside a published
// one. docs/EXTRACTORS.md has the table. Only ours says what a reply answers.
//
// Detail:  published graders saw a data set's own cells. The options of a question have lost label
//          and blanks, so cells are written again as nearly all rows of the set have them.
// Detail:  bytes that are no UTF-8 become U+FFFD first.
// Threads: pure functions.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lmc::eval {

// What a grader may look at. The referred-to values outlive the call.
struct ReplyToGrade {
  std::string_view reply;
  const std::map<char, std::string>& options;            // letter -> text without its letter
  std::string_view gold;                                 // the right letter; some sets have others
  const std::map<char, double>& letter_log_probability;  // empty: not at hand
};

// What a verdict rests on.
enum class Basis {
  kNothing,     // no answer was read
  kRead,        // a letter or text that the reply states
  kFuzzy,       // the option that resembles the reply most
  kDefault,     // nothing resembles: the grader falls back to its first option
  kLikelihood,  // the likeliest letter; the reply was not read
};

std::string_view basis_name(Basis basis);  // "nothing", "read", "fuzzy", "default", "likelihood"

// Some published graders compare with the gold answer and never settle on a letter. `letter` is
// then the option they would have called right, and `correct` what they say: the two need not
// agree.
struct Verdict {
  std::optional<char> letter;
  bool correct = false;
  Basis basis = Basis::kNothing;
};

struct Extractor {
  std::string_view name;
  std::string_view summary;  // half a line for a table
  Verdict (*grade)(const ReplyToGrade& reply);
};

// In the order in which they are printed: ours first.
std::span<const Extractor> extractors();

// Errors: InputError that names the nearest known name.
const Extractor& find_extractor(std::string_view name);

}  // namespace lmc::eval
