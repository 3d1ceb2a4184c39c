// MedVInT's accuracy: the choice that resembles the output most.
//
// Source: xiaoman-zhang/PMC-VQA @ 1678ec2, src/MedVInT_TD/test.py and src/MedVInT_TE/test.py.
//
// Detail: index of the output and index of the label are compared. An output that shares no
//         character with any choice has no index, and neither has a label such as "'": the two
//         then count as equal, so the answer as right.
// Detail: `medvint` compares the whole output with the four cells, which is the rule as it is
//         usually told. The scripts differ. TD's model computes one step, and the script keeps the
//         last character of what that decodes to: `medvint_td`. Every cell that holds this
//         character scores 2 / (1 + its length), so the shortest of them wins, whatever its letter.
//         TE compares with "A".."D" themselves: `medvint_te`. One capital anywhere in the output
//         decides, and the first letter wins a tie.
// Detail: cells as in version 1 of the set, " A:text ".
#include <vector>

#include "eval/graders/most_similar.h"
#include "eval/graders/published_extractors.h"
#include "text/unicode.h"  // decode_utf8

namespace lmc::eval {

namespace {

std::vector<std::u32string> cells(const ReplyToGrade& one) {
  std::vector<std::u32string> result;
  for (const auto& [letter, text] : one.options) {
    result.push_back(text::decode_utf8(std::string(" ") + letter + ":" + text + " "));
  }
  return result;
}

// The label is a cell for the choices of TD, as the set's column `Answer` held it.
std::u32string label_cell(const ReplyToGrade& one) {
  if (one.gold.size() == 1) {
    if (const auto found = one.options.find(one.gold[0]); found != one.options.end()) {
      return text::decode_utf8(std::string(" ") + found->first + ":" + found->second + " ");
    }
  }
  return text::decode_utf8(one.gold);
}

Verdict compare(const ReplyToGrade& one, const std::vector<std::u32string>& choices,
                std::u32string_view output, std::u32string_view label) {
  const std::optional<size_t> index = most_similar(choices, output);
  Verdict verdict;
  verdict.correct = index == most_similar(choices, label);
  if (index) {
    verdict.letter = std::next(one.options.begin(), static_cast<std::ptrdiff_t>(*index))->first;
    verdict.basis = Basis::kFuzzy;
  }
  return verdict;
}

}  // namespace

Verdict medvint(const ReplyToGrade& one) {
  return compare(one, cells(one), text::decode_utf8(one.reply), label_cell(one));
}

Verdict medvint_td(const ReplyToGrade& one) {
  const std::u32string output = text::decode_utf8(one.reply);
  const size_t last = output.empty() ? 0 : output.size() - 1;
  return compare(one, cells(one), std::u32string_view(output).substr(last), label_cell(one));
}

Verdict medvint_te(const ReplyToGrade& one) {
  std::vector<std::u32string> letters;
  for (const auto& [letter, text] : one.options) {
    letters.push_back(text::decode_utf8(std::string(1, letter)));
  }
  return compare(one, letters, text::decode_utf8(one.reply), text::decode_utf8(one.gold));
}

}  // namespace lmc::eval
