// MedEvalKit's grading of multiple choice, used for Lingshu's tables.
//
// Source: alibaba-damo-academy/MedEvalKit @ 9b12e3b, judge_multi_choice() and parse_response() of
//         utils/utils.py, called by utils/PMC_VQA/PMC_VQA.py; extract_boxed_content() of the
//         package mathruler 0.1.0.
//
// Detail: what is neither a letter nor an option falls to the most similar option, and when nothing
//         is similar to the first: an empty reply is right wherever A is.
// Detail: the cells of the set go in as they stand, " A: text ". They hold a colon and blanks
// around,
//         a reply has lost both before it is compared: no reply ever equals an option, so a reply
//         in words is always judged by resemblance, " b" of "option: b" too.
// Detail: "boxed" without a box is read as the word "none". A guard against answers of over 300
//         characters sets a flag that is set anyway, so it has no effect.
// Detail: a marker such as "answer is" drops all before its last place, one marker after the other.
#include <vector>

#include "eval/graders/most_similar.h"
#include "eval/graders/published_extractors.h"
#include "eval/graders/python_text.h"  // lower_case, strip, before_first, after_last, without
#include "text/unicode.h"              // decode_utf8

namespace lmc::eval {

namespace {

struct Choices {
  std::vector<std::u32string> letters;  // in lower case
  std::vector<std::u32string> cells;    // in lower case
  std::vector<char> of;

  explicit Choices(const std::map<char, std::string>& options) {
    for (const auto& [letter, text] : options) {
      letters.push_back(lower_case(text::decode_utf8(std::string(1, letter))));
      cells.push_back(lower_case(text::decode_utf8(std::string(" ") + letter + ": " + text + " ")));
      of.push_back(letter);
    }
  }
};

std::optional<size_t> place_of(const std::vector<std::u32string>& list, std::u32string_view text) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == text) return i;
  }
  return std::nullopt;
}

// The last \boxed{...} with its braces closed, else "None".
std::u32string_view boxed_content(std::u32string_view text) {
  constexpr std::u32string_view kBoxed = U"\\boxed{";
  const size_t box = text.rfind(kBoxed);
  if (box == text.npos) return U"None";
  const std::u32string_view content = text.substr(box + kBoxed.size());
  int depth = 0;
  for (size_t i = 0; i < content.size(); ++i) {
    if (content[i] == U'{') ++depth;
    if (content[i] == U'}') --depth;
    if (depth == -1) return strip(content.substr(0, i));
  }
  return U"None";
}

// All closed <answer> blocks, joined by blanks; the text itself when they are empty.
std::u32string tagged_content(const std::u32string& text) {
  constexpr std::u32string_view kOpen = U"<answer>";
  constexpr std::u32string_view kClose = U"</answer>";
  std::u32string joined;
  for (size_t open = text.find(kOpen); open != text.npos;) {
    const size_t begin = open + kOpen.size();
    const size_t close = text.find(kClose, begin);
    if (close == text.npos) break;
    joined += text.substr(begin, close - begin) + U" ";
    open = text.find(kOpen, close + kClose.size());
  }
  const std::u32string_view content = strip(joined);
  return content.empty() ? text : std::u32string(content);
}

std::u32string parsed(std::u32string text) {
  if (text.find(U"boxed") != text.npos) {
    text = boxed_content(text);
  } else if (text.find(U"<answer>") != text.npos) {
    text = tagged_content(text);
  }
  for (const std::u32string_view marker :
       {U"**answer**:", U"**answer**", U"*answer*:", U"**answer:**", U"answer is", U"answer:",
        U"\u7B54\u6848:", U"final answer", U"final answer is"}) {
    text = std::u32string(after_last(text, marker));
  }
  return text;
}

}  // namespace

Verdict medevalkit(const ReplyToGrade& one) {
  if (one.options.empty()) return {};
  const Choices choices(one.options);
  const std::u32string whole = lower_case(text::decode_utf8(one.reply));
  std::u32string reply = whole;
  const std::u32string_view first = before_first(whole, U"\n\n");
  const std::u32string_view last = before_first(after_last(whole, U"\n\n"), U".");
  if (place_of(choices.letters, first)) {
    reply = first;
  } else if (place_of(choices.letters, last)) {
    reply = last;
  }
  reply = without(lower_case(strip(parsed(reply))), U"\n");
  const std::u32string_view stated = after_last(before_first(reply, U"."), U":");
  const std::u32string gold_text = text::decode_utf8(one.gold);
  const std::u32string gold = lower_case(strip(gold_text));

  Verdict verdict;
  if (const auto letter = place_of(choices.letters, stated)) {
    verdict = {choices.of[*letter], stated == gold || choices.cells[*letter] == gold, Basis::kRead};
  } else if (const auto cell = place_of(choices.cells, stated)) {
    verdict = {choices.of[*cell], stated == gold || choices.letters[*cell] == gold, Basis::kRead};
  } else if (stated == gold) {
    verdict = {std::nullopt, true, Basis::kRead};
  } else {
    const auto similar = most_similar(choices.cells, reply);
    const size_t index = similar.value_or(0);
    verdict = {choices.of[index], choices.letters[index] == gold || choices.cells[index] == gold,
               similar ? Basis::kFuzzy : Basis::kDefault};
  }
  return verdict;
}

}  // namespace lmc::eval
