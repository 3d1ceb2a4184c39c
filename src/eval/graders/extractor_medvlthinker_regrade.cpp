// MedVLThinker's second grading, which its tables come from: looser about where an answer stands.
//
// Source: UCSC-VLAA/MedVLThinker @ a3163b1, _extract_answer(), extract_answer() and grade_answer()
//         of analysis/regrade_eval_results.py.
//
// Detail: the last closed <answer> block, of it the first line; else the rest of the line after the
//         last "answer:", else "answer is:", else "answer is", else "is:" (also that of "this:").
//         Of several markers in one line the first counts, as its match swallows the line.
// Detail: what was found must still equal the answer: "the answer is B." is wrong for its full
// stop.
// Detail: markers are found in any case; Python's re then also takes a long s for an s and a
//         dotless or dotted I for an i.
// Deviation: the substring rule that the script has for LLaVA-Med alone is left out.
#include <optional>

#include "eval/graders/equals_answer.h"
#include "eval/graders/published_extractors.h"
#include "eval/graders/python_text.h"  // strip, without, is_python_space
#include "text/unicode.h"              // decode_utf8

namespace lmc::eval {

namespace {

// Letter by letter in one case, so that places stay what they were.
std::u32string folded(std::u32string_view text) {
  std::u32string result(text);
  for (char32_t& c : result) {
    if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
    if (c == U'\u017F') c = U's';
    if (c == U'\u0130' || c == U'\u0131') c = U'i';
  }
  return result;
}

// The rest of the line after the last `marker` that no earlier match of it has swallowed, blanks
// and breaks after the marker apart.
std::optional<std::u32string_view> after_marker(std::u32string_view text,
                                                std::u32string_view marker) {
  const std::u32string lower = folded(text);
  std::optional<std::u32string_view> rest;
  for (size_t at = lower.find(marker); at != lower.npos; at = lower.find(marker, at)) {
    at += marker.size();
    while (at < text.size() && is_python_space(text[at])) ++at;
    const size_t end = std::min(text.find(U'\n', at), text.size());
    rest = text.substr(at, end - at);
    at = end;
  }
  return rest;
}

std::optional<std::u32string_view> last_answer_block(std::u32string_view text) {
  constexpr std::u32string_view kOpen = U"<answer>";
  constexpr std::u32string_view kClose = U"</answer>";
  std::optional<std::u32string_view> block;
  size_t at = 0;
  while (true) {
    const size_t open = text.find(kOpen, at);
    if (open == text.npos) return block;
    const size_t begin = open + kOpen.size();
    const size_t close = text.find(kClose, begin);
    if (close == text.npos) return block;
    block = text.substr(begin, close - begin);
    at = close + kClose.size();
  }
}

std::u32string_view answer_part(std::u32string_view text) {
  if (const auto block = last_answer_block(text)) {
    const std::u32string_view stripped = strip(*block);
    return strip(stripped.substr(0, stripped.find_first_of(U"\n\r")));
  }
  for (const std::u32string_view marker : {U"answer:", U"answer is:", U"answer is", U"is:"}) {
    if (const auto rest = after_marker(text, marker)) return strip(*rest);
  }
  return strip(text);
}

}  // namespace

Verdict medvlthinker_regrade(const ReplyToGrade& one) {
  const std::u32string reply = text::decode_utf8(one.reply);
  std::u32string prediction(answer_part(reply));
  for (const std::u32string_view tag : {U"<think>", U"</think>", U"<answer>", U"</answer>"}) {
    prediction = without(prediction, tag);
  }
  return grade_prediction(one, prediction);
}

}  // namespace lmc::eval
