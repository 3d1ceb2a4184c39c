#include "prompt/answer_letter.h"

#include "prompt/chat_pieces.h"       // kThinkStart, kThinkEnd
#include "prompt/reply_choices.h"     // ReplyChoices, Finding
#include "prompt/reply_denials.h"     // after_correction, is_failure
#include "prompt/reply_edges.h"       // leading_choice, closing_choice
#include "prompt/reply_mentions.h"    // only_mention
#include "prompt/reply_statements.h"  // answer_line, answer_statement, verdict, ...
#include "prompt/reply_words.h"       // without_thinking

namespace lmc::prompt {

namespace {

// What a reply says after it took back what it had said before.
std::optional<Finding> corrected(const ReplyChoices& reply) {
  const size_t from = after_correction(reply);
  if (from == 0) return std::nullopt;
  if (auto found = last_of(reply, answer_line, from)) return found;
  if (auto found = last_of(reply, answer_statement, from)) return found;
  if (auto found = leading_choice(reply, from)) return found;
  return agreed(reply, conclusion, from);
}

std::optional<Finding> settled(const ReplyChoices& reply) {
  if (auto found = corrected(reply)) return found;
  if (auto found = last_of(reply, answer_line)) return found;
  if (auto found = last_of(reply, answer_statement)) return found;
  if (is_failure(reply)) return std::nullopt;
  if (auto found = reply.whole_reply()) return found;
  if (auto found = leading_choice(reply, 0)) return found;
  for (const Rule rule : {verdict, conclusion, full_mention, option_mention}) {
    if (auto found = agreed(reply, rule)) return found;
    if (rule == conclusion) {
      if (auto found = closing_choice(reply)) return found;
    }
  }
  return only_mention(reply);
}

}  // namespace

std::optional<char> answer_letter(std::string_view reply,
                                  const std::map<char, std::string>& options) {
  const auto found = settled(ReplyChoices(without_thinking(reply), options));
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
