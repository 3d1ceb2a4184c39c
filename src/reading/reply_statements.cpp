#include "reading/reply_statements.h"

#include <vector>

#include "reading/reply_denials.h"    // negates_statement, is_denial, clause_negates, denied_after
#include "reading/reply_sentences.h"  // asks, supposes

namespace lmc::reading {

namespace {

using Kind = ReplyWord::Kind;

// Words that may stand between "the answer is" and the letter.
bool is_filler(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(
      i, {"the",     "most",   "likely",      "probably", "therefore", "thus",        "definitely",
          "clearly", "indeed", "still",       "then",     "correct",   "best",        "final",
          "right",   "either", "appropriate", "actually", "in",        "fact",        "hence",
          "so",      "simply", "given",       "by",       "as",        "follows",     "indicated",
          "labeled", "choose", "select",      ",",        "with",      "represented", "to",
          "us",      "me",     "only",        "just",     "and",       "include",     "includes",
          "my"});
}

// What stands after a link ("is", ":") at the words from `i` on.
std::optional<Finding> after_link(const ReplyChoices& reply, size_t i, bool small_too) {
  for (const size_t end = i + kSentenceWords; i < reply.size() && i < end; ++i) {
    // These may as well be an option's text, or begin one: "E. coli", "Unknown".
    const bool is_text = reply.text_at(i).has_value();
    if (!is_text &&
        (reply.foreign_letter_at(i) ||
         reply.is_one_of(i, {"none", "neither", "unknown", "unclear", "uncertain", "n/a"}))) {
      return Finding{std::nullopt, i, i + 1};
    }
    if (const auto found = reply.choice_at(i, small_too)) {
      // "There is no fracture" does not answer "No".
      const bool denies = reply[found->begin].is("no") && reply[found->end].kind == Kind::kWord;
      if (denies && found->end == found->begin + 1) return std::nullopt;
      return reply.opens_list(*found) ? std::nullopt : found;
    }
    if (!is_filler(reply, i)) return std::nullopt;
  }
  return std::nullopt;
}

// Whether the colon at `i` introduces something other than the answer: it closes the heading of an
// option ("B. PET: a nuclear method") or speaks of the rest ("Why the others are wrong:").
bool is_other_colon(const ReplyChoices& reply, size_t i) {
  if (!reply[i].is(":")) return false;
  size_t line = i;
  while (line > 0 && i - line < kSentenceWords && reply[line - 1].kind != Kind::kBreak) --line;
  for (size_t k = line; k < i; ++k) {
    if (reply.is_one_of(k, {"other", "others", "why", "remaining"})) return true;
  }
  if (announces_options(reply, i)) return true;
  // "Choice A: the left atrium", in the middle of a line.
  if (i > 0 && reply.letter_at(i - 1, false) &&
      (i == 1 || reply.ends_sentence(i - 2) || reply.is_one_of(i - 2, {"option", "choice"}))) {
    return true;
  }
  while (line < i && reply[line].kind != Kind::kWord) ++line;
  const auto heading = reply.choice_at(line, false);
  return heading && heading->begin < i && (heading->end <= i + 1 || heading->begin + 1 == i);
}

// Whether the colon at `i` opens a list of options that are weighed: "Some thoughts:\n- A. Cyst:
// rare".
bool opens_weighing(const ReplyChoices& reply, size_t i) {
  if (!reply[i].is(":") || reply[i + 1].kind != Kind::kBreak) return false;
  if (i > 0 && is_link(reply, i - 1)) return false;
  if (reply[i + 2].is("-")) return true;
  const auto found = reply.choice_at(i + 1, false);
  return found && reply.is_one_of(found->end, {":", "-"});
}

// "None of the provided options is correct": a conclusion, too. Where this is an option's own text,
// it is read like any other.
bool refuses_all_options(const ReplyChoices& reply, size_t i) {
  if (reply.text_at(i)) return false;
  if (!reply[i].is("none") || !reply[i + 1].is("of") ||
      !reply.is_one_of(i + 2, {"the", "these", "those"})) {
    return false;
  }
  for (size_t k = i + 3; k < i + 8 && !reply.ends_sentence(k); ++k) {
    if (reply.is_one_of(k, {"other", "remaining"})) return false;
    if (reply.is_one_of(k, {"options", "choices", "answers", "above", "findings"})) return true;
  }
  return false;
}

// "Option", "answer" and the like; "closest" where it stands for an option: "the closest would be
// B", "the closest match is B".
bool names_the_answer(const ReplyChoices& reply, size_t i) {
  if (reply.is_one_of(i, {"answer", "option", "choice", "response", "selection"})) {
    return i == 0 || !reply.is_one_of(i - 1, {"each", "every", "any", "another", "other"});
  }
  if (!reply.is_one_of(i, {"closest", "nearest"}) &&
      !(reply[i].is("best") && reply.is_one_of(i + 1, {"match", "fit", "guess"}))) {
    return false;
  }
  if (reply.is_one_of(i + 1, {"match", "fit", "one", "guess"})) ++i;
  return is_link(reply, i + 1) || (reply[i + 1].is("would") && is_link(reply, i + 2));
}

// "Option A: the liver", "choice A is the liver": an option that is spoken of, by its label.
bool is_label(const ReplyChoices& reply, size_t i) {
  if (!reply.is_one_of(i, {"option", "choice"})) return false;
  if (i > 0 && reply.is_one_of(i - 1, {"correct", "best", "right", "final", "appropriate"})) {
    return false;
  }
  size_t letter = i + 1;
  while (reply.is_one_of(letter, {"(", "["})) ++letter;
  return reply.letter_at(letter, false).has_value();
}

// "Right" as a verdict, not as a side: "on the right", "right atrium".
bool is_called_right(const ReplyChoices& reply, size_t i) {
  if (!reply[i].is("right") || (i > 0 && reply[i - 1].is("the"))) return false;
  return reply[i + 1].kind != Kind::kWord ||
         reply.is_one_of(i + 1,
                         {"answer", "option", "choice", "one", "because", "as", "since", "and"});
}

// Whether nothing of the statement follows what it states but a remark in brackets.
bool ends_statement(const ReplyChoices& reply, size_t end) {
  return reply.ends_sentence(end) || reply[end].kind == Kind::kBreak ||
         reply.is_one_of(end, {"(", ")", "\""});
}

// Whether one word follows word `i` and ends a short reply: "it's b", where a small letter counts.
bool is_last_but_one(const ReplyChoices& reply, size_t i) {
  constexpr size_t kShort = 6;
  if (i + 1 >= kShort || reply[i + 1].kind != Kind::kWord || reply[i + 1].is("a")) return false;
  for (size_t k = i + 2; k < reply.size(); ++k) {
    if (reply[k].kind == Kind::kWord) return false;
  }
  return true;
}

// What marks one line of a list: "(correct answer)", "<-- this is the answer".
bool is_marked(const ReplyChoices& reply, size_t i) {
  while (reply[i].kind == Kind::kMark || reply.is_one_of(i, {"this", "is", "the", "my"})) ++i;
  if (!reply.is_one_of(i, {"correct", "answer"})) return false;
  while (reply.is_one_of(i, {"correct", "answer", "option", "choice"})) ++i;
  return reply[i].kind != Kind::kWord;
}

// "All options except B are wrong."
std::optional<Finding> all_others_are_wrong(const ReplyChoices& reply, size_t i,
                                            const Finding& found) {
  for (size_t k = i; k < i + kSentenceWords && !reply.ends_sentence(k); ++k) {
    if (reply.is_one_of(k, {"wrong", "incorrect", "excluded", "eliminated", "out"})) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Finding> answer_line(const ReplyChoices& reply, size_t i) {
  if (!reply.is_one_of(i, {"answer", "ans"}) || !reply[i + 1].is(":")) return std::nullopt;
  size_t start = i;
  while (start > 0 && reply.is_one_of(start - 1, {"the", "final", "correct", "my", "best",
                                                  "revised", "updated", "corrected"})) {
    --start;
  }
  if (!reply.at_line_start(start)) return std::nullopt;
  const auto found = after_link(reply, i + 2, true);
  return found && denied_after(reply, found->end) ? std::nullopt : found;
}

std::optional<Finding> answer_statement(const ReplyChoices& reply, size_t i) {
  if (refuses_all_options(reply, i)) return Finding{reply.none_option(), i, i + 1};
  const bool is_answer = reply[i].is("answer");
  if (!names_the_answer(reply, i) || is_label(reply, i)) return std::nullopt;
  if (clause_leaves_open(reply, i)) return std::nullopt;
  if (is_answer && !is_link(reply, i + 1)) {
    const auto next = reply.choice_at(i + 1, is_last_but_one(reply, i));
    if (next && reply[next->end].kind != Kind::kWord && !reply.opens_list(*next)) return next;
  }
  bool denied = false;
  for (size_t k = i + 1; k < i + kSentenceWords && !reply.ends_sentence(k); ++k) {
    const bool turns = reply.is_one_of(k, {"but", "rather", "instead"});
    if (turns && denied) {
      if (const auto found = after_link(reply, k + 1, false)) return found;
    }
    if (negates_statement(reply, k)) denied = true;
    if (turns || reply[k].is(",")) denied = false;
    if (!is_link(reply, k) || denied || is_denial(reply, k + 1)) continue;
    if (k > i + 1 && is_other_colon(reply, k)) continue;
    const auto found = after_link(reply, k + 1, is_answer || k == i + 1);
    if (found && !denied_after(reply, found->end)) return found;
  }
  return std::nullopt;
}

std::optional<Finding> verdict(const ReplyChoices& reply, size_t i) {
  if (reply[i].kind != Kind::kWord) return std::nullopt;
  const auto found = reply.choice_at(i, false);
  if (!found || !found->letter) return std::nullopt;
  if (i > 0 && reply[i - 1].is("except")) return all_others_are_wrong(reply, found->end, *found);
  if (clause_negates(reply, i)) return std::nullopt;
  if (i > 0 && reply[i - 1].is("correct") && reply.at_line_start(i - 1)) return found;  // a tick
  size_t end = found->end;
  if (reply[end].is("(") && reply.letter_at(end + 1, false) == found->letter) end += 2;
  while (reply.is_one_of(end, {")", "\"", "]", ",", ":", "-", ".", "|"})) ++end;
  if (reply.is_one_of(end, {"(", "<"}) && is_marked(reply, end + 1)) return found;
  if (reply[end].is("correct") || is_called_right(reply, end)) return found;
  if (reply.is_one_of(end, {"true", "likely"}) && !reply.text_at(end) &&
      ends_statement(reply, end + 1)) {
    return found;
  }
  if (reply[end].is("?") && reply[end + 1].is("yes") && !reply.text_at(end + 1) &&
      ends_statement(reply, end + 2)) {
    return found;
  }
  if (reply[end].is("yes") && !reply.text_at(end)) return found;
  if (!reply.is_one_of(end, {"is", "would", "seems", "appears", "remains", "was", "best", "fits",
                             "matches", "might", "may", "could", "must", "should", "comes"})) {
    return std::nullopt;
  }
  for (size_t k = end; k < end + kSentenceWords && !reply.ends_sentence(k); ++k) {
    if (is_denial(reply, k) || reply.is_one_of(k, {"less", "possible"})) return std::nullopt;
    const bool next_clause = reply.is_one_of(k, {"but", "while", "whereas"}) ||
                             (reply[k].is(",") && reply.letter_at(k + 1, false));
    if (next_clause) return std::nullopt;
    const bool near = k < end + 8;
    if (near && reply[k].is("closest")) return found;
    if (near && reply.is_one_of(k, {"correct", "answer", "likely"})) return found;
    if (near && is_called_right(reply, k)) return found;
    if (near && reply.is_one_of(k, {"best", "most"}) && reply[k + 1].kind == Kind::kWord) {
      return found;
    }
    if (reply.is_one_of(k, {"appropriate", "suitable", "correct", "best", "right"}) &&
        reply.is_one_of(k + 1, {"choice", "option", "answer"})) {
      return found;
    }
  }
  return std::nullopt;
}

std::optional<Finding> conclusion(const ReplyChoices& reply, size_t i) {
  // "I'm not sure, but I think B." "Probably C."
  const bool thinks =
      reply.is_one_of(i, {"think", "guess", "believe"}) && i > 0 && reply[i - 1].is("i");
  const bool doubts = reply.is_one_of(i, {"probably", "presumably"}) &&
                      (i == 0 || reply[i - 1].kind != Kind::kWord);
  if ((thinks || doubts) && clause_leaves_open(reply, i)) return std::nullopt;
  const bool if_so = i > 0 && reply[i - 1].is("if");
  if (thinks || doubts || (!if_so && reply.is_one_of(i, {"so", "therefore", "thus", "hence"}))) {
    const auto found = after_link(reply, i + 1, is_last_but_one(reply, i));
    return found && reply.ends_sentence(found->end) ? found : std::nullopt;
  }
  if (reply[i].is("but")) {  // "not A but B"
    const size_t clause = i > 0 && reply[i - 1].is(",") ? i - 1 : i;
    return clause_negates(reply, clause) ? after_link(reply, i + 1, false) : std::nullopt;
  }
  const bool goes_with =
      reply[i].is("with") && i > 0 && reply.is_one_of(i - 1, {"go", "going", "went", "stick"});
  const bool says = reply[i].is("say") && i > 0 && reply.is_one_of(i - 1, {"i'd", "would", "i"});
  const bool chooses =
      goes_with || says ||
      reply.is_one_of(i, {"choose", "select", "pick", "chose", "selected", "favor", "favors",
                          "favour", "favours", "leave", "leaves", "leaving"});
  if (!chooses && (!is_link(reply, i) || is_other_colon(reply, i))) return std::nullopt;
  if (opens_weighing(reply, i)) return std::nullopt;
  const bool guesses = reply[i].is(":");  // "if I had to guess: B"
  if (guesses ? clause_negates(reply, i) : clause_leaves_open(reply, i)) return std::nullopt;
  if (is_denial(reply, i + 1)) return std::nullopt;
  const auto found = after_link(reply, i + 1, is_last_but_one(reply, i));
  // "Findings: liver normal, spleen enlarged": what follows a heading is no answer by itself.
  const bool is_text = found && !reply.letter_at(found->begin, false);
  const bool heads_answer = i > 0 &&
                            reply.is_one_of(i - 1, {"diagnosis", "impression", "conclusion"}) &&
                            !(i > 1 && reply.is_one_of(i - 2, {"differential", "previous"}));
  if (is_text && reply[i].is(":") && !heads_answer && !ends_statement(reply, found->end)) {
    return std::nullopt;
  }
  return found;
}

std::optional<Finding> full_mention(const ReplyChoices& reply, size_t i) {
  if (reply.at_line_start(i) || clause_negates(reply, i)) return std::nullopt;
  if (const std::optional<char> letter = reply.letter_at(i, false)) {
    size_t text = i + 1;
    while (reply.is_one_of(text, {".", ")", ":", "]", "-", "("})) ++text;
    const auto end = reply.text_end(*letter, text);
    return end ? std::optional(Finding{letter, i, *end}) : std::nullopt;
  }
  const auto text = reply.text_at(i);
  if (!text || !reply[text->end].is("(")) return std::nullopt;
  return reply.letter_at(text->end + 1, false) == text->letter ? text : std::nullopt;
}

std::optional<Finding> option_mention(const ReplyChoices& reply, size_t i) {
  if (!reply.is_one_of(i, {"option", "choice", "answer"})) return std::nullopt;
  const auto found = reply.choice_at(i, false);
  if (!found || !found->letter || !reply.letter_at(found->begin, false)) return std::nullopt;
  const bool ends_there = reply[found->end].kind != Kind::kWord;
  return ends_there && !clause_negates(reply, i) ? found : std::nullopt;
}

std::optional<Finding> last_of(const ReplyChoices& reply, Rule rule, size_t from) {
  std::optional<Finding> conditional;
  bool contradicts = false;
  for (size_t i = reply.size(); i > from; --i) {
    const auto found = rule(reply, i - 1);
    if (!found || asks(reply, i - 1, *found) || supposes(reply, i - 1, *found)) continue;
    if (!is_conditional(reply, i - 1, *found)) return found;
    // "If it is bright, the answer is A. If it is dark, the answer is B."
    contradicts = contradicts || (conditional && conditional->letter != found->letter);
    if (!conditional) conditional = found;
  }
  return contradicts ? std::nullopt : conditional;
}

std::optional<Finding> agreed(const ReplyChoices& reply, Rule rule, size_t from) {
  std::vector<Finding> plain, conditional;
  for (size_t i = from; i < reply.size(); ++i) {
    const auto found = rule(reply, i);
    if (!found || asks(reply, i, *found) || supposes(reply, i, *found)) continue;
    (is_conditional(reply, i, *found) ? conditional : plain).push_back(*found);
    if (found->begin == i) i = found->end - 1;  // a text may hold another's
  }
  const std::vector<Finding>& all = plain.empty() ? conditional : plain;
  for (const Finding& one : all) {
    if (!one.letter || one.letter != all[0].letter) return std::nullopt;
  }
  return all.empty() ? std::nullopt : std::optional(all.back());
}

}  // namespace lmc::reading
