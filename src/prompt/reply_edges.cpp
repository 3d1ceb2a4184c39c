#include "prompt/reply_edges.h"

namespace lmc::prompt {

namespace {

using Kind = ReplyWord::Kind;

// Whether other options are labelled in the line as this one is: "A: 10 %, B: 70 %, C: 20 %".
bool is_first_of_line(const ReplyChoices& reply, size_t letter) {
  size_t labels = 0;
  for (size_t i = letter + 1; i < letter + 400 && reply[i].kind != Kind::kBreak; ++i) {
    if (reply.letter_at(i, false) && reply[i + 1].is(reply[letter + 1].lower)) ++labels;
  }
  return labels > 1;
}

// Whether the choice, in a line of its own, is the next of a list whose earlier lines are headed by
// other options: a reply that was cut. A conclusion names an option that had its line before.
bool goes_on_a_list(const ReplyChoices& reply, const Finding& choice) {
  bool others = false;
  for (size_t i = 0; i < choice.begin; ++i) {
    if (!reply.at_line_start(i) || !reply.letter_at(i, false)) continue;
    if (reply.letter_at(i, false) == choice.letter) return false;
    others = true;
  }
  return others;
}

}  // namespace

std::optional<Finding> leading_choice(const ReplyChoices& reply, size_t from) {
  size_t i = from;
  while (i < reply.size() && (reply[i].kind == Kind::kBreak ||
                              reply.is_one_of(i, {"(", "[", "\"", "-", ">", "option"}) ||
                              (from > 0 && reply[i].kind == Kind::kMark))) {
    ++i;
  }
  if (!reply.letter_at(i, true)) return std::nullopt;
  const ReplyWord& next = reply[i + 1];
  const bool marked = next.kind != Kind::kWord && !reply.is_one_of(i + 1, {",", "'"});
  const auto found = reply.choice_at(i, true);
  // "A. Cyst: no.\nB. Tumour: yes." weighs the options, it does not choose the first.
  if (!marked || !found || is_first_of_line(reply, i)) return std::nullopt;
  return reply.opens_list(*found) ? std::nullopt : found;
}

std::optional<Finding> closing_choice(const ReplyChoices& reply) {
  constexpr size_t kTextWords = 12;
  size_t end = reply.size();
  while (end > 0 && reply[end - 1].kind != Kind::kWord) --end;
  size_t begin = end;
  while (begin > 0 && !reply.ends_sentence(begin - 1) && reply[begin - 1].kind != Kind::kBreak) {
    --begin;
  }
  // The full stop of "B. Pneumonia" ends no sentence.
  for (const size_t start : {begin, begin > 1 ? begin - 2 : begin}) {
    if (start == 0 || !(reply.ends_sentence(start - 1) || reply.at_line_start(start))) continue;
    const auto found = reply.choice_at(start, false);
    if (!found || !found->letter || !reply.letter_at(found->begin, false)) continue;
    size_t after = found->end;
    while (after < end && reply[after].kind != Kind::kWord) ++after;
    if (after < end) continue;
    size_t before = found->begin;
    while (before > 0 && reply[before - 1].kind != Kind::kWord) --before;
    const bool after_another = before > 0 && (reply.letter_at(before - 1, true) ||
                                              reply.is_one_of(before - 1, {"option", "options"}));
    // After a colon that states nothing, or options', more would have followed.
    if (after_another || reply.ends_with_text(before, kTextWords) || reply[before].is(":"))
      continue;
    if (!goes_on_a_list(reply, *found)) return found;
  }
  return std::nullopt;
}

}  // namespace lmc::prompt
