#include "reading/reply_edges.h"

#include "reading/reply_statements.h"  // agreed, verdict

namespace lmc::reading {

namespace {

using Kind = ReplyWord::Kind;

// Whether nothing but the option stands in its line.
bool is_bare(const ReplyChoices& reply, const Finding& choice) {
  size_t end = choice.end;
  while (end < reply.size() && reply[end].kind == Kind::kMark) ++end;
  return reply[end].kind == Kind::kBreak;
}

// The letter after this one among the options.
std::optional<char> successor(const ReplyChoices& reply, char letter) {
  for (char next = static_cast<char>(letter + 1); next <= 'Z'; ++next) {
    if (reply.texts().has(next)) return next;
  }
  return std::nullopt;
}

bool has_letter(const ReplyChoices& reply, const Finding& choice) {
  return reply.letter_at(choice.begin, true) == choice.letter;
}

// Whether the choice is but the first of a list that weighs the options. It is not where the list
// begins anew after it ("B. Spleen", then A, C and D), comes back to it, or says more of the others
// than their names while it stands alone; an option of the list that is called right takes its
// place.
bool is_first_of_list(const ReplyChoices& reply, const Finding& choice) {
  auto next = reply.next_of_list(choice);
  if (!next) return false;
  if (const auto right = agreed(reply, verdict, choice.end);
      right && right->letter != choice.letter) {
    return true;
  }
  const bool lettered = has_letter(reply, choice) && has_letter(reply, *next);
  if (lettered && next->letter != successor(reply, *choice.letter)) return false;
  bool others_are_bare = true;
  constexpr int kMaxItems = 26;
  for (int item = 0; next && item < kMaxItems; ++item) {
    if (next->letter == choice.letter) return false;
    others_are_bare = others_are_bare && is_bare(reply, *next);
    next = reply.next_of_list(*next);
  }
  return others_are_bare || !is_bare(reply, choice);
}

// Whether other options are labelled in the line as this one is: "A: 10 %, B: 70 %, C: 20 %"; not
// "B. Spleen. A. Liver: normal. C. Kidney: normal."
bool is_first_of_line(const ReplyChoices& reply, const Finding& choice) {
  size_t labels = 0;
  for (size_t i = choice.begin + 1; i < choice.begin + 400 && reply[i].kind != Kind::kBreak; ++i) {
    const auto letter = reply.letter_at(i, false);
    if (!letter || !reply[i + 1].is(reply[choice.begin + 1].lower)) continue;
    if (labels == 0 && letter != successor(reply, *choice.letter)) return false;
    ++labels;
  }
  return labels > 1;
}

// An option's text that is the first sentence: "Spleen.", "Spleen (B)".
std::optional<Finding> leading_text(const ReplyChoices& reply, size_t i) {
  const auto text = reply.text_at(i);
  if (!text) return std::nullopt;
  size_t end = text->end;
  if (reply.is_one_of(end, {"(", "["}) && reply.letter_at(end + 1, false) == text->letter) end += 3;
  const bool ends = reply.ends_sentence(end) || reply[end].kind == Kind::kBreak;
  if (!ends || reply[end].is("?")) return std::nullopt;
  const Finding found{text->letter, i, end};
  return is_first_of_list(reply, found) ? std::nullopt : std::optional(found);
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

// "A. Liver\nB. Spleen\n\nB": a letter below a repeated list that names it, too.
bool answers_list(const ReplyChoices& reply, const Finding& choice) {
  if (!reply.at_line_start(choice.begin) || !is_bare(reply, choice)) return false;
  for (size_t i = 0; i < choice.begin; ++i) {
    if (reply.letter_at(i, false) == choice.letter && reply.text_end(*choice.letter, i + 1)) {
      return true;
    }
  }
  return false;
}

// Whether the small letter at word `i` counts a point, not an option: "(a) ... (b) ..."
bool counts_points(const ReplyChoices& reply, const Finding& choice) {
  const std::string& letter = reply[choice.begin].text;
  if (letter.size() != 1 || letter[0] < 'a' || letter[0] > 'z') return false;
  if (!reply[choice.begin + 1].is(")") || choice.end > choice.begin + 2) return false;
  const std::string next(1, static_cast<char>(letter[0] + 1));
  for (size_t i = choice.end; i < reply.size(); ++i) {
    if (reply[i].text == next && reply[i + 1].is(")")) return true;
  }
  return false;
}

}  // namespace

std::optional<Finding> leading_choice(const ReplyChoices& reply, size_t from) {
  size_t i = from;
  while (i < reply.size() && (reply[i].kind == Kind::kBreak ||
                              reply.is_one_of(i, {"(", "[", "\"", "-", ">", "option"}) ||
                              (from > 0 && reply[i].kind == Kind::kMark))) {
    ++i;
  }
  const auto found = reply.choice_at(i, true);
  if (!found || found->begin != i) return std::nullopt;
  const bool by_letter = reply.letter_at(i, true) && (!found->letter || has_letter(reply, *found));
  if (!by_letter) return from == 0 ? leading_text(reply, i) : std::nullopt;
  const bool marked = reply[i + 1].kind != Kind::kWord && !reply.is_one_of(i + 1, {",", "'"});
  if (!marked || counts_points(reply, *found)) return std::nullopt;
  if (found->letter && (is_first_of_line(reply, *found) || is_first_of_list(reply, *found))) {
    return std::nullopt;
  }
  return found;
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
    const bool after_text =
        reply.ends_with_text(before, kTextWords) && !answers_list(reply, *found);
    if (after_another || after_text || reply[before].is(":")) continue;
    if (!goes_on_a_list(reply, *found)) return found;
  }
  return std::nullopt;
}

}  // namespace lmc::reading
