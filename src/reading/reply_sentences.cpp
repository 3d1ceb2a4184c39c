#include "reading/reply_sentences.h"

#include <algorithm>

#include "reading/reply_denials.h"  // kSentenceWords

namespace lmc::reading {

namespace {

using Kind = ReplyWord::Kind;

bool ends_line(const ReplyChoices& reply, size_t i) {
  return reply.ends_sentence(i) || reply[i].kind == Kind::kBreak;
}

bool opens_question(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(
      i, {"is",    "are",    "was",   "were", "isn't", "aren't", "wasn't",   "could",    "can",
          "would", "should", "might", "may",  "does",  "do",     "did",      "doesn't",  "couldn't",
          "will",  "has",    "have",  "what", "which", "why",    "how",      "who",      "where",
          "when",  "shall",  "am",    "must", "can't", "what's", "wouldn't", "\xC2\xBF", "or"});
}

// Past what may stand before a question's verb: "So, is it B?", "But could it be B?"
size_t after_opening(const ReplyChoices& reply, size_t i, size_t end) {
  while (i < end &&
         (reply[i].kind != Kind::kWord ||
          reply.is_one_of(i, {"and", "but", "so", "then", "now", "well", "hmm", "ok", "okay", "yet",
                              "however", "first", "next", "alternatively"}))) {
    if (reply[i].is("\xC2\xBF")) break;
    ++i;
  }
  return i;
}

// "if", but not that of "if I had to choose", "even if", "as if".
bool is_condition(const ReplyChoices& reply, size_t i) {
  if (!reply.is_one_of(i, {"if", "unless", "suppose", "supposing", "assuming", "otherwise"}))
    return false;
  if (i > 0 && reply.is_one_of(i - 1, {"even", "as", "determine", "tell"})) return false;
  return !reply.is_one_of(i + 1, {"i", "we", "you", "one", "i'm", "forced", "pressed", "asked",
                                  "required", "anything", "any", "so", "needed", "necessary"});
}

bool is_would(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(i, {"would", "could", "might", "would've", "wouldn't"});
}

bool has_in(const ReplyChoices& reply, size_t begin, size_t end,
            bool (*holds)(const ReplyChoices&, size_t)) {
  for (size_t i = begin; i < end; ++i) {
    if (holds(reply, i)) return true;
  }
  return false;
}

bool is_turn(const ReplyChoices& reply, size_t i) {
  if (i > 0 && reply[i - 1].is("if")) return false;  // "if so"
  return reply.is_one_of(i, {"but", "however", "so", "therefore", "thus", "hence"});
}

// The sentence of a statement, from its last turn before what is found: "... but he was standing,
// so the answer is B".
Sentence part_of_sentence(const ReplyChoices& reply, size_t i, const Finding& found) {
  const size_t last_word = found.end > found.begin ? found.end - 1 : found.begin;
  Sentence part{sentence_at(reply, std::min(i, found.begin)).begin,
                sentence_at(reply, last_word).end};
  for (size_t k = part.begin; k < found.begin; ++k) {
    if (is_turn(reply, k)) part.begin = k + 1;
  }
  return part;
}

// "If the image shows an effusion": what may well be so.
bool is_open_condition(const ReplyChoices& reply, size_t i) {
  for (size_t k = i + 1; k < i + kSentenceWords && !ends_line(reply, k) && !reply[k].is(","); ++k) {
    if (reply.is_one_of(k, {"is", "are", "has", "shows", "suggests", "indicates", "reveals",
                            "demonstrates", "represents", "confirms", "presents", "contains",
                            "supports", "points", "refers"})) {
      return true;
    }
  }
  return false;
}

bool is_unreal_condition(const ReplyChoices& reply, size_t i) {
  return is_condition(reply, i) && !is_open_condition(reply, i);
}

// "Is it an axial slice? If so, the answer is B."
bool answers_own_question(const ReplyChoices& reply, size_t i) {
  return i > 0 && reply[i].is("if") && reply.is_one_of(i + 1, {"so", "yes", "no", "not"}) &&
         reply[i - 1].is("?");
}

// "Had there been fever, ...", "Were it round, ..."
bool is_inverted(const ReplyChoices& reply, const Sentence& sentence) {
  return reply.is_one_of(sentence.begin, {"had", "were"});
}

}  // namespace

Sentence sentence_at(const ReplyChoices& reply, size_t i) {
  Sentence sentence{i, i};
  const size_t first = i > kSentenceWords ? i - kSentenceWords : 0;
  while (sentence.begin > first && !ends_line(reply, sentence.begin - 1)) --sentence.begin;
  const size_t last = i + kSentenceWords;
  while (sentence.end < last && sentence.end < reply.size() && !ends_line(reply, sentence.end)) {
    ++sentence.end;
  }
  return sentence;
}

bool asks(const ReplyChoices& reply, size_t i, const Finding& found) {
  // The full stop of "B. Spleen?" ends no sentence.
  const size_t last_word = found.end > found.begin ? found.end - 1 : found.begin;
  const Sentence sentence{sentence_at(reply, std::min(i, found.begin)).begin,
                          sentence_at(reply, last_word).end};
  size_t mark = sentence.end;
  while (mark > last_word && reply[mark].kind == Kind::kBreak) --mark;
  if (!reply[mark].is("?")) return false;
  // A question may begin anew after a colon or a comma: "Let me see: is it B?"
  bool is_question = false;
  for (size_t k = sentence.begin; k <= found.begin; ++k) {
    const bool begins = k == sentence.begin || reply.is_one_of(k - 1, {":", ","});
    if (!begins) continue;
    const size_t verb = after_opening(reply, k, found.begin);
    // "Which option is right: B?" names what it asks for.
    is_question = is_question || (verb < found.begin && opens_question(reply, verb));
  }
  if (!is_question) return false;
  size_t next = mark + 1;
  while (next < reply.size() && reply[next].kind != Kind::kWord) ++next;
  const bool affirmed =
      reply.is_one_of(next, {"yes", "indeed", "exactly", "correct"}) && !reply.text_at(next);
  return !affirmed;
}

bool supposes(const ReplyChoices& reply, size_t i, const Finding& found) {
  const Sentence sentence = part_of_sentence(reply, i, found);
  if (answers_own_question(reply, sentence.begin)) return true;
  for (size_t k = sentence.begin; k < found.begin; ++k) {
    if (reply.is_one_of(k, {"example", "instance", "e.g"})) return true;
  }
  const bool condition = has_in(reply, sentence.begin, found.begin, is_unreal_condition) ||
                         is_inverted(reply, sentence);
  if (condition && has_in(reply, sentence.begin, found.begin, is_would)) return true;
  if (condition) return has_in(reply, found.end, sentence.end, is_would);
  const bool later = has_in(reply, found.end, sentence.end, is_condition);
  return later && has_in(reply, sentence.begin, sentence.end, is_would);
}

bool is_conditional(const ReplyChoices& reply, size_t i, const Finding& found) {
  const Sentence sentence = part_of_sentence(reply, i, found);
  return has_in(reply, sentence.begin, found.begin, is_condition) || supposes(reply, i, found);
}

}  // namespace lmc::reading
