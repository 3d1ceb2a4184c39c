#include "prompt/answer_letter.h"

#include <algorithm>

#include "prompt/chat_pieces.h"    // kThinkStart, kThinkEnd
#include "prompt/reply_choices.h"  // ReplyChoices, Finding
#include "prompt/reply_words.h"    // without_thinking

namespace lmc::prompt {

namespace {

using Kind = ReplyWord::Kind;

// Words that one statement may span. A reply that ran into a loop can be one endless sentence.
constexpr size_t kSentenceWords = 80;

bool is_link(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(i, {"is", "be", "was", "being", "it's", "that's", ":", "="});
}

bool is_negation(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(i, {"not", "cannot", "never", "isn't", "can't", "wouldn't", "couldn't",
                             "shouldn't", "doesn't", "don't", "neither", "nor"});
}

bool is_denial(const ReplyChoices& reply, size_t i) {
  return is_negation(reply, i) ||
         reply.is_one_of(i, {"unlikely", "wrong", "incorrect", "excluded"});
}

// Words that may stand between "the answer is" and the letter.
bool is_filler(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(
      i, {"the",     "most",    "likely",      "probably", "therefore", "thus",        "definitely",
          "clearly", "indeed",  "still",       "then",     "correct",   "best",        "final",
          "right",   "either",  "appropriate", "actually", "in",        "fact",        "hence",
          "so",      "simply",  "given",       "by",       "as",        "follows",     "indicated",
          "labeled", "choose",  "select",      ",",        "with",      "represented", "to",
          "and",     "include", "includes",    "my"});
}

// What stands after a link ("is", ":") at the words from `i` on.
std::optional<Finding> after_link(const ReplyChoices& reply, size_t i, bool small_too) {
  for (const size_t end = i + kSentenceWords; i < reply.size() && i < end; ++i) {
    if (reply.foreign_letter_at(i) ||
        reply.is_one_of(i, {"none", "neither", "unknown", "unclear", "uncertain", "n/a"})) {
      return Finding{std::nullopt, i, i + 1};
    }
    if (const auto found = reply.choice_at(i, small_too)) {
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
  while (line < i && reply[line].kind != Kind::kWord) ++line;
  const auto heading = reply.choice_at(line, false);
  return heading && heading->end <= i + 1 && heading->begin < i;
}

// A rule looks at one word of a reply and tells what a statement that begins there says.
using Rule = std::optional<Finding> (*)(const ReplyChoices&, size_t);

// "Answer: B" or "The final answer: B" at the beginning of a line.
std::optional<Finding> answer_line(const ReplyChoices& reply, size_t i) {
  if (!reply.is_one_of(i, {"answer", "ans"}) || !reply[i + 1].is(":")) return std::nullopt;
  size_t start = i;
  while (start > 0 && reply.is_one_of(start - 1, {"the", "final", "correct", "my", "best"})) {
    --start;
  }
  return reply.at_line_start(start) ? after_link(reply, i + 2, true) : std::nullopt;
}

// "None of the provided options is correct": a conclusion, too.
bool refuses_all_options(const ReplyChoices& reply, size_t i) {
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

// "The answer is B", "the best option would be (B)", "not A but B", "Answer B."
std::optional<Finding> answer_statement(const ReplyChoices& reply, size_t i) {
  if (refuses_all_options(reply, i)) return Finding{std::nullopt, i, i + 1};
  const bool is_answer = reply[i].is("answer");
  if (!is_answer && !reply.is_one_of(i, {"option", "choice", "response", "selection"})) {
    return std::nullopt;
  }
  if (is_answer && !is_link(reply, i + 1)) {
    const auto next = reply.choice_at(i + 1, false);
    if (next && reply[next->end].kind != Kind::kWord && !reply.opens_list(*next)) return next;
  }
  bool denied = false;
  for (size_t k = i + 1; k < i + kSentenceWords && !reply.ends_sentence(k); ++k) {
    const bool turns = reply.is_one_of(k, {"but", "rather", "instead"});
    if (turns && denied) {
      if (const auto found = after_link(reply, k + 1, false)) return found;
    }
    if (is_negation(reply, k)) denied = true;
    if (turns || reply[k].is(",")) denied = false;
    if (!is_link(reply, k) || denied || is_denial(reply, k + 1)) continue;
    if (k > i + 1 && is_other_colon(reply, k)) continue;
    if (const auto found = after_link(reply, k + 1, is_answer)) return found;
  }
  return std::nullopt;
}

// Whether the clause up to word `i` negates: "it cannot be". (A clause may well ask for what is
// wrong: "the incorrect statement is".)
bool clause_negates(const ReplyChoices& reply, size_t i) {
  const size_t first = i > kSentenceWords ? i - kSentenceWords : 0;
  for (; i > first && !reply.ends_sentence(i - 1) && !reply.is_one_of(i - 1, {",", "but"}); --i) {
    if (is_negation(reply, i - 1)) return true;
  }
  return false;
}

// "B is correct", "option B. Pneumonia is the most likely cause", "B. Pneumonia: correct".
std::optional<Finding> verdict(const ReplyChoices& reply, size_t i) {
  if (reply[i].kind != Kind::kWord) return std::nullopt;
  const auto found = reply.choice_at(i, false);
  if (!found || !found->letter || clause_negates(reply, i)) return std::nullopt;
  size_t end = found->end;
  if (reply[end].is("(") && reply.letter_at(end + 1, false) == found->letter) end += 2;
  while (reply.is_one_of(end, {")", "\"", "]", ",", ":", "-", "."})) ++end;
  if (reply.is_one_of(end, {"correct", "right"})) return found;
  if (!reply.is_one_of(
          end, {"is", "would", "seems", "appears", "remains", "was", "best", "fits", "matches"})) {
    return std::nullopt;
  }
  for (size_t k = end; k < end + kSentenceWords && !reply.ends_sentence(k); ++k) {
    if (is_denial(reply, k)) return std::nullopt;
    const bool near = k < end + 8;
    if (near && reply.is_one_of(k, {"correct", "right", "answer"})) return found;
    if (near && reply.is_one_of(k, {"best", "most"}) && reply[k + 1].kind == Kind::kWord) {
      return found;
    }
    if (near && reply[k].is("more") && reply[k + 1].is("likely")) return found;
    if (reply.is_one_of(k, {"appropriate", "suitable", "correct", "best", "right"}) &&
        reply.is_one_of(k + 1, {"choice", "option", "answer"})) {
      return found;
    }
  }
  return std::nullopt;
}

// "The most likely diagnosis is:\n\nB. Pneumonia", "I would choose B", "Hence, B."
std::optional<Finding> conclusion(const ReplyChoices& reply, size_t i) {
  if (reply.is_one_of(i, {"so", "therefore", "thus", "hence"})) {
    const auto found = after_link(reply, i + 1, false);
    return found && reply.ends_sentence(found->end) ? found : std::nullopt;
  }
  const bool chooses = reply.is_one_of(
      i, {"choose", "select", "pick", "chose", "selected", "favor", "favors", "favour", "favours"});
  if (!chooses && (!is_link(reply, i) || is_other_colon(reply, i))) return std::nullopt;
  if (clause_negates(reply, i) || is_denial(reply, i + 1)) return std::nullopt;
  return after_link(reply, i + 1, false);
}

// An option named by letter and text inside a sentence: "consistent with B. Pneumonia", "a systolic
// murmur (C)". At the beginning of a line this is a heading of a list that weighs all options.
std::optional<Finding> full_mention(const ReplyChoices& reply, size_t i) {
  if (reply.at_line_start(i)) return std::nullopt;
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

// "consistent with option B"
std::optional<Finding> option_mention(const ReplyChoices& reply, size_t i) {
  if (!reply.is_one_of(i, {"option", "choice", "answer"})) return std::nullopt;
  const auto found = reply.choice_at(i, false);
  if (!found || !found->letter || !reply.letter_at(found->begin, false)) return std::nullopt;
  const bool ends_there = reply[found->end].kind != Kind::kWord;
  return ends_there && !clause_negates(reply, i) ? found : std::nullopt;
}

// The text of an option in a sentence that denies nothing. A bare number may be any number.
std::optional<Finding> quoted_text(const ReplyChoices& reply, size_t i) {
  const auto text = reply.text_at(i);
  if (!text) return std::nullopt;
  const bool has_word = std::any_of(reply[i].lower.begin(), reply[i].lower.end(),
                                    [](char c) { return c >= 'a' && c <= 'z'; });
  if (!has_word && text->end == i + 1) return std::nullopt;
  return clause_negates(reply, i) ? std::nullopt : text;
}

// A letter alone, unless it belongs to a name.
std::optional<Finding> lone_letter(const ReplyChoices& reply, size_t i) {
  const std::optional<char> letter = reply.letter_at(i, false);
  const bool is_name =
      i > 0 && reply.is_one_of(i - 1, {"vitamin", "hepatitis", "type", "group", "grade", "class",
                                       "stage", "influenza", "factor", "protein", "figure", "image",
                                       "panel", "photograph", "fig", "part"});
  return letter && !is_name ? std::optional(Finding{letter, i, i + 1}) : std::nullopt;
}

// "B", "(B) because", "B. Pneumonia" at the beginning of the reply.
std::optional<Finding> leading_choice(const ReplyChoices& reply) {
  size_t i = 0;
  while (i < reply.size() && (reply[i].kind == Kind::kBreak ||
                              reply.is_one_of(i, {"(", "[", "\"", "-", ">", "option"}))) {
    ++i;
  }
  if (!reply.letter_at(i, true)) return std::nullopt;
  const ReplyWord& next = reply[i + 1];
  const bool marked = next.kind != Kind::kWord && !reply.is_one_of(i + 1, {",", "'"});
  const auto found = reply.choice_at(i, true);
  // "A. Cyst: no.\nB. Tumour: yes." weighs the options, it does not choose the first.
  return marked && found && !reply.opens_list(*found) ? found : std::nullopt;
}

std::optional<Finding> last_of(const ReplyChoices& reply, Rule rule) {
  for (size_t i = reply.size(); i > 0; --i) {
    if (auto found = rule(reply, i - 1)) return found;
  }
  return std::nullopt;
}

// What all statements of a kind agree on.
std::optional<Finding> agreed(const ReplyChoices& reply, Rule rule) {
  std::optional<Finding> common;
  for (size_t i = 0; i < reply.size(); ++i) {
    const auto found = rule(reply, i);
    if (!found) continue;
    if (!found->letter || (common && common->letter != found->letter)) return std::nullopt;
    common = found;
  }
  return common;
}

// Whether the first sentence says that there will be no answer.
bool opens_with_refusal(const ReplyChoices& reply) {
  for (size_t i = 0; i < reply.size() && !(i > 0 && reply.ends_sentence(i)); ++i) {
    if (reply.is_one_of(i, {"cannot", "can't", "unable", "sorry", "impossible", "insufficient",
                            "failed", "error", "unfortunately", "apologize"})) {
      return true;
    }
    if (reply[i].is("not") && reply.is_one_of(i + 1, {"able", "sufficient", "possible", "enough",
                                                      "provided", "contain"})) {
      return true;
    }
  }
  return false;
}

// What can be read from a reply that states nothing: the only option it names.
std::optional<Finding> only_mention(const ReplyChoices& reply) {
  constexpr size_t kShortReply = 24;  // words and marks
  if (opens_with_refusal(reply)) return std::nullopt;
  if (const auto found = agreed(reply, quoted_text)) return found;
  bool denies = false;
  for (size_t i = 0; i < reply.size(); ++i) denies = denies || is_denial(reply, i);
  return reply.size() <= kShortReply && !denies ? agreed(reply, lone_letter) : std::nullopt;
}

}  // namespace

std::optional<char> answer_letter(std::string_view reply,
                                  const std::map<char, std::string>& options) {
  const ReplyChoices choices(without_thinking(reply), options);
  if (const auto found = last_of(choices, answer_line)) return found->letter;
  if (const auto found = last_of(choices, answer_statement)) return found->letter;
  if (const auto found = leading_choice(choices)) return found->letter;
  for (const Rule rule : {verdict, conclusion, full_mention, option_mention}) {
    if (const auto found = agreed(choices, rule)) return found->letter;
  }
  const auto found = only_mention(choices);
  return found ? found->letter : std::nullopt;
}

std::string reasoning_of(std::string_view reply) {
  std::string text;
  for (const char c : reply) {
    text += c;
    // Looked for at the end of what is kept, so that two halves of a tag around another do not
    // join.
    for (const std::string_view tag : {kThinkStart, kThinkEnd}) {
      if (text.ends_with(tag)) text.resize(text.size() - tag.size());
    }
  }
  // The last line that answers; what stands before it, or after it when it stands first.
  const auto trimmed = [](std::string_view part) {
    const size_t begin = part.find_first_not_of(" \t\r\n");
    if (begin == part.npos) return std::string();
    return std::string(part.substr(begin, part.find_last_not_of(" \t\r\n") + 1 - begin));
  };
  for (size_t end = text.size(); end > 0;) {
    const size_t previous = text.rfind('\n', end - 1);
    const size_t begin = previous == text.npos ? 0 : previous + 1;
    if (is_answer_line(std::string_view(text).substr(begin, end - begin))) {
      const std::string before = trimmed(std::string_view(text).substr(0, begin));
      return before.empty() ? trimmed(std::string_view(text).substr(end)) : before;
    }
    end = begin == 0 ? 0 : begin - 1;
  }
  return trimmed(text);
}

}  // namespace lmc::prompt
