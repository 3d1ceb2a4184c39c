#include "reading/reply_mentions.h"

#include <algorithm>

#include "reading/reply_denials.h"     // text_is_denied, is_called_normal, is_denial
#include "reading/reply_refusals.h"    // hesitates
#include "reading/reply_statements.h"  // agreed

namespace lmc::reading {

namespace {

using Kind = ReplyWord::Kind;

// What names a panel, a type or a figure, not an option.
bool is_name_of_letter(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(
      i, {"vitamin", "hepatitis", "type", "group", "grade", "class", "stage", "influenza", "factor",
          "protein", "figure", "image", "panel", "photograph", "fig", "part"});
}

// The colon that the line of word `i` follows. (One that states an answer has been read before.)
std::optional<size_t> colon_before(const ReplyChoices& reply, size_t i) {
  if (!reply.at_line_start(i)) return std::nullopt;
  while (i > 0 && (reply[i - 1].kind == Kind::kBreak || reply.is_one_of(i - 1, {"-", "("}))) --i;
  return i > 0 && reply[i - 1].is(":") ? std::optional(i - 1) : std::nullopt;
}

// "B. Pneumonia: no fever" weighs the option; "B. Pneumonia" on a line of its own does not.
bool is_heading(const ReplyChoices& reply, const Finding& text) {
  if (text.begin > 0 && reply.at_line_start(text.begin) && reply[text.end].is(":")) return true;
  size_t label = text.begin;
  while (label > 0 && reply[label - 1].kind == Kind::kMark) --label;
  if (label == 0 || reply.letter_at(label - 1, false) != text.letter) return false;
  if (label > 1 && reply.is_one_of(label - 2, {"option", "choice"})) --label;
  const auto colon = colon_before(reply, label - 1);
  if (colon && announces_options(reply, *colon)) return true;
  return reply.at_line_start(label - 1) && reply[text.end].kind != Kind::kBreak;
}

// "No" and the like answer only where a sentence begins with them; else they deny something.
bool is_mere_word(const ReplyChoices& reply, const Finding& text) {
  if (text.end != text.begin + 1) return false;
  const size_t i = text.begin;
  if (!reply.is_one_of(i, {"no", "not", "none", "yes"})) return false;
  const bool starts = i == 0 || reply.ends_sentence(i - 1) || reply[i - 1].kind == Kind::kBreak;
  return !starts || (!reply[i].is("yes") && reply[i + 1].kind == Kind::kWord);
}

// The text of an option in a sentence that denies nothing. A bare number may be any number.
std::optional<Finding> quoted_text(const ReplyChoices& reply, size_t i) {
  const auto text = reply.text_at(i);
  if (!text) return std::nullopt;
  const bool has_word = std::any_of(reply[i].lower.begin(), reply[i].lower.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
  });
  if (!has_word && text->end == i + 1) return std::nullopt;
  const bool counts =
      !is_mere_word(reply, *text) && !is_heading(reply, *text) && !text_is_denied(reply, *text);
  return counts ? text : std::nullopt;
}

// The same, where it is not set aside as normal.
std::optional<Finding> quoted_finding(const ReplyChoices& reply, size_t i) {
  const auto text = quoted_text(reply, i);
  return text && is_called_normal(reply, *text) ? std::nullopt : text;
}

// A letter alone, unless it belongs to a name or is what is left out.
std::optional<Finding> lone_letter(const ReplyChoices& reply, size_t i) {
  const std::optional<char> letter = reply.letter_at(i, false);
  if (!letter || colon_before(reply, i)) return std::nullopt;
  if (i > 0 && (is_name_of_letter(reply, i - 1) ||
                reply.is_one_of(i - 1, {"except", "but", "besides", "excluding"}))) {
    return std::nullopt;
  }
  return Finding{letter, i, i + 1};
}

// The only number of a reply.
std::optional<Finding> number(const ReplyChoices& reply, size_t i) {
  const ReplyWord& word = reply[i];
  if (word.kind != Kind::kWord || word.text[0] < '0' || word.text[0] > '9') return std::nullopt;
  if (i > 0 && is_name_of_letter(reply, i - 1)) return Finding{std::nullopt, i, i + 1};
  return Finding{reply.number_at(i), i, i + 1};
}

bool names_another_letter(const ReplyChoices& reply, const Finding& found) {
  for (size_t i = 0; i < reply.size(); ++i) {
    if (i >= found.begin && i < found.end) continue;
    const auto other = lone_letter(reply, i);
    if (other && other->letter != found.letter) return true;
  }
  return false;
}

}  // namespace

std::optional<Finding> only_mention(const ReplyChoices& reply) {
  constexpr size_t kShortReply = 24;  // words and marks
  if (hesitates(reply)) return std::nullopt;
  const bool is_short = reply.size() <= kShortReply;
  for (const Rule rule : {quoted_text, quoted_finding}) {
    if (const auto found = agreed(reply, rule)) {
      return is_short && names_another_letter(reply, *found) ? std::nullopt : found;
    }
  }
  if (!is_short) return std::nullopt;
  for (size_t i = 0; i < reply.size(); ++i) {
    if (is_denial(reply, i) || reply.is_one_of(i, {"eliminate", "exclude", "rule", "ruled",
                                                   "discard", "reject", "dismiss"})) {
      return std::nullopt;
    }
  }
  if (const auto found = agreed(reply, lone_letter)) return found;
  return agreed(reply, number);
}

}  // namespace lmc::reading
