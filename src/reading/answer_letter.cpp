#include "reading/answer_letter.h"

#include "prompt/chat_pieces.h"        // kThinkStart, kThinkEnd
#include "reading/reply_choices.h"     // ReplyChoices, Finding
#include "reading/reply_denials.h"     // after_correction
#include "reading/reply_edges.h"       // leading_choice, closing_choice
#include "reading/reply_mentions.h"    // only_mention
#include "reading/reply_refusals.h"    // is_failure, declines, is_declined, decides
#include "reading/reply_sentences.h"   // is_conditional
#include "reading/reply_statements.h"  // answer_line, answer_statement, verdict, ...
#include "reading/reply_turns.h"       // own_turn
#include "reading/reply_words.h"       // without_thinking

namespace lmc::reading {

namespace {

// What a rule finds in a reply that declines, where the sentence neither declines nor depends on
// what the replier does not know.
template <Rule rule>
std::optional<Finding> firm(const ReplyChoices& reply, size_t i) {
  const auto found = rule(reply, i);
  const bool open = found && (is_declined(reply, i, *found) || is_conditional(reply, i, *found));
  return open ? std::nullopt : found;
}

// The same, where the sentence decides for something as well.
template <Rule rule>
std::optional<Finding> decided(const ReplyChoices& reply, size_t i) {
  const auto found = firm<rule>(reply, i);
  return found && decides(reply, i, *found) ? found : std::nullopt;
}

// What a reply says after it took back what it had said before.
std::optional<Finding> corrected(const ReplyChoices& reply) {
  const size_t from = after_correction(reply);
  if (from == 0) return std::nullopt;
  if (auto found = last_of(reply, answer_line, from)) return found;
  if (auto found = last_of(reply, answer_statement, from)) return found;
  if (auto found = leading_choice(reply, from)) return found;
  // What is concluded much later explains.
  constexpr size_t kSoon = 16;
  if (auto found = agreed(reply, conclusion, from); found && found->begin < from + kSoon) {
    return found;
  }
  const auto closing = closing_choice(reply);
  return closing && closing->begin >= from ? closing : std::nullopt;
}

// Rules that a reply which declines to answer may still meet.
std::optional<Finding> stated_all_the_same(const ReplyChoices& reply) {
  if (auto found = last_of(reply, answer_line)) return found;
  if (auto found = last_of(reply, firm<answer_statement>)) return found;
  if (is_failure(reply)) return std::nullopt;
  if (auto found = leading_choice(reply, 0)) return found;
  if (auto found = agreed(reply, firm<verdict>)) return found;
  return agreed(reply, decided<conclusion>);
}

// Rules 3 to 7 of the grammar: what is said in so many words.
std::optional<Finding> stated(const ReplyChoices& reply) {
  if (auto found = corrected(reply)) return found;
  if (declines(reply)) return stated_all_the_same(reply);
  if (auto found = last_of(reply, answer_line)) return found;
  if (auto found = last_of(reply, answer_statement)) return found;
  if (is_failure(reply)) return std::nullopt;
  if (auto found = reply.whole_reply()) return found;
  if (auto found = leading_choice(reply, 0)) return found;
  if (auto found = agreed(reply, verdict)) return found;
  return agreed(reply, conclusion);
}

// Rules 8 and 9: what is only named.
std::optional<Finding> named(const ReplyChoices& reply) {
  if (is_failure(reply) || declines(reply)) return std::nullopt;
  if (auto found = closing_choice(reply)) return found;
  if (auto found = agreed(reply, full_mention)) return found;
  if (auto found = agreed(reply, option_mention)) return found;
  return only_mention(reply);
}

// The option whose text is all of the reply, as it is written, or that text and its letter:
// "A > B (C)".
std::optional<char> written_exactly(const ReplyChoices& reply, std::string_view own) {
  if (const auto exact = reply.texts().exactly(own)) return exact;
  const size_t end = own.find_last_not_of(" \t\r\n.");
  if (end == own.npos || end < 3 || own[end] != ')' || own[end - 2] != '(') return std::nullopt;
  const auto exact = reply.texts().exactly(own.substr(0, end - 2));
  return exact == own[end - 1] ? exact : std::nullopt;
}

// An option of signs alone at the end of a reply, where nothing but a statement comes before it:
// "Answer: ++", "the answer is (-)".
std::optional<char> stated_signs(const ReplyChoices& reply) {
  size_t end = reply.size();
  while (end > 0 && reply[end - 1].kind != ReplyWord::Kind::kWord) --end;
  const bool says = end > 1 && reply[end - 1].is("is") && reply[end - 2].is("answer");
  if (end > 0 && !says && !reply[end - 1].is("answer")) return std::nullopt;
  std::string signs;
  for (size_t i = end; i < reply.size(); ++i) signs += reply[i].text;
  return reply.texts().by_signs(signs);
}

bool answers(std::string_view text, const void* options) {
  const auto found =
      stated(ReplyChoices(text, *static_cast<const std::map<char, std::string>*>(options)));
  return found && found->letter;
}

// Without options: a line that answers.
bool has_answer_line(std::string_view text, const void*) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (is_answer_line(text.substr(0, end))) return true;
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return false;
}

}  // namespace

std::optional<char> answer_letter(std::string_view reply,
                                  const std::map<char, std::string>& options) {
  const std::string own(own_turn(without_thinking(reply), answers, &options));
  const ReplyChoices choices(own, options);
  const auto exact = written_exactly(choices, own);
  if (exact && !choices.is_letter_alone()) return exact;
  if (const auto signs = stated_signs(choices)) return signs;
  if (const auto found = stated(choices)) return found->letter;
  const auto found = named(choices);
  return found ? found->letter : std::nullopt;
}

std::string reasoning_of(std::string_view reply) {
  const size_t closed = reply.rfind(prompt::kThinkEnd);
  const size_t after = closed == reply.npos ? 0 : closed + prompt::kThinkEnd.size();
  const std::string_view own = own_turn(reply.substr(after), has_answer_line, nullptr);
  reply = reply.substr(0, static_cast<size_t>(own.data() + own.size() - reply.data()));
  std::string text;
  for (const char c : reply) {
    text += c;
    // Looked for at the end of what is kept, so that two halves of a tag around another do not
    // join.
    for (const std::string_view tag : {prompt::kThinkStart, prompt::kThinkEnd}) {
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

}  // namespace lmc::reading
