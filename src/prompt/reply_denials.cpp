#include "prompt/reply_denials.h"

namespace lmc::prompt {

namespace {

using Kind = ReplyWord::Kind;

// Words that deny the thing named after them.
bool denies_next(const ReplyChoices& reply, size_t i) {
  if (reply[i].is("no")) return !reply.is_one_of(i + 1, {"doubt", "question", ","});
  return is_negation(reply, i) ||
         reply.is_one_of(i, {"without", "rather", "instead", "than", "exclude", "excludes",
                             "excluding", "against", "unlike", "lack", "lacks", "absence", "rule",
                             "rules", "ruled", "denies", "whether", "if", "non"});
}

// Whether the comma at `i` stands between options' texts: "no pneumonia, effusion or mass".
bool joins_texts(const ReplyChoices& reply, size_t i) {
  constexpr size_t kTextWords = 8;
  const bool joined = reply.is_one_of(i + 1, {"or", "and", "nor"});
  if (!reply.text_at(joined ? i + 2 : i + 1)) return false;
  return reply.ends_with_text(i, kTextWords);
}

bool ends_clause(const ReplyChoices& reply, size_t i) {
  return reply.ends_sentence(i) || reply[i].kind == Kind::kBreak ||
         reply.is_one_of(i, {"but", "however", "although", "though", "while"});
}

// Whether `holds` of a word of the clause before word `i`.
template <class Holds>
bool any_before_in_clause(const ReplyChoices& reply, size_t i, Holds holds) {
  const size_t first = i > kSentenceWords ? i - kSentenceWords : 0;
  for (; i > first && !reply.ends_sentence(i - 1) && !reply.is_one_of(i - 1, {",", "but"}); --i) {
    if (holds(i - 1)) return true;
  }
  return false;
}

}  // namespace

bool is_link(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(i,
                         {"is", "be", "was", "being", "it's", "that's", ":", "=", "\xE6\x98\xAF"});
}

bool announces_options(const ReplyChoices& reply, size_t i) {
  constexpr size_t kNear = 3;
  if (!reply[i].is(":")) return false;
  for (size_t k = i; k > 0 && i - k < kNear && !is_link(reply, k - 1); --k) {
    if (reply.is_one_of(k - 1, {"options", "choices"})) return true;
  }
  return false;
}

bool is_negation(const ReplyChoices& reply, size_t i) {
  // Spanish "no" and Italian "non" before a verb; in English they come before what is absent.
  if (reply.is_one_of(i, {"no", "non"})) {
    return reply.is_one_of(i + 1, {"is", "hay", "puedo", "puede", "posso", "consigo", "se"});
  }
  return reply.is_one_of(i, {"not", "cannot", "never", "isn't", "can't", "wouldn't", "couldn't",
                             "shouldn't", "doesn't", "don't", "neither", "nor"});
}

bool is_denial(const ReplyChoices& reply, size_t i) {
  return is_negation(reply, i) ||
         reply.is_one_of(i, {"unlikely", "wrong", "incorrect", "excluded"});
}

bool clause_negates(const ReplyChoices& reply, size_t i) {
  return any_before_in_clause(reply, i, [&](size_t k) { return is_negation(reply, k); });
}

bool clause_leaves_open(const ReplyChoices& reply, size_t i) {
  return any_before_in_clause(reply, i, [&](size_t k) {
    return is_negation(reply, k) || reply.is_one_of(k, {"whether", "if"});
  });
}

bool denied_after(const ReplyChoices& reply, size_t i) {
  if (!reply.is_one_of(i, {"is", "are", "was", "isn't", "can't", "cannot"})) return false;
  constexpr size_t kNear = 3;
  for (size_t k = i; k < i + kNear && !reply.ends_sentence(k) && !reply[k].is(","); ++k) {
    if (is_denial(reply, k)) return true;
  }
  return false;
}

bool text_is_denied(const ReplyChoices& reply, const Finding& text) {
  const size_t first = text.begin > kSentenceWords ? text.begin - kSentenceWords : 0;
  for (size_t i = text.begin; i > first && !ends_clause(reply, i - 1); --i) {
    if (reply[i - 1].is(",") && !joins_texts(reply, i - 1)) break;
    if (denies_next(reply, i - 1)) return true;
  }
  const size_t last = text.end + kSentenceWords;
  for (size_t i = text.end; i < last && !ends_clause(reply, i); ++i) {
    if (reply.is_one_of(i, {",", "and", "or", "with", "because", "which", "that", "as"})) break;
    if (is_denial(reply, i) || reply.is_one_of(i, {"absent", "ruled", "less", "would"})) {
      return true;
    }
  }
  for (size_t i = text.end; i < last; ++i) {
    if (reply.ends_sentence(i)) return reply[i].is("?");
  }
  return false;
}

bool is_failure(const ReplyChoices& reply) {
  size_t i = 0;
  while (i < reply.size() && reply[i].kind != Kind::kWord) ++i;
  return reply[i].lower.ends_with("error") || reply[i].lower.ends_with("exception") ||
         reply[i].is("traceback");
}

bool refuses(const ReplyChoices& reply) {
  bool first = true;  // sentence
  bool declines = false;
  for (size_t i = 0; i < reply.size(); ++i) {
    if (i > 0 && reply.ends_sentence(i)) {
      first = false;
      declines = false;
      continue;
    }
    const bool cannot = reply.is_one_of(i, {"cannot", "can't", "unable"}) ||
                        (reply.is_one_of(i, {"no", "not"}) &&
                         reply.is_one_of(i + 1, {"puedo", "posso", "consigo"})) ||
                        (reply[i].is("ne") && reply.is_one_of(i + 1, {"peux", "peut"})) ||
                        (reply[i].is("not") && reply.is_one_of(i + 1, {"able", "possible"})) ||
                        (reply[i].is("impossible"));
    if (first && (cannot ||
                  reply.is_one_of(i, {"sorry", "insufficient", "failed", "error", "unfortunately",
                                      "apologize"}) ||
                  (reply[i].is("not") &&
                   reply.is_one_of(i + 1, {"sufficient", "enough", "provided", "contain"})))) {
      return true;
    }
    const bool does_not = reply[i].is("don't") || (reply[i].is("do") && reply[i + 1].is("not"));
    declines = declines || cannot || does_not;
    if (declines &&
        reply.is_one_of(i, {"determine", "determined", "diagnose", "interpret", "answer", "assist",
                            "help", "decide", "view", "advice", "diagnosis", "definitively"})) {
      return true;
    }
  }
  return false;
}

size_t after_correction(const ReplyChoices& reply) {
  for (size_t i = reply.size(); i > 0; --i) {
    const size_t at = i - 1;
    const bool starts = at == 0 || reply[at - 1].kind != Kind::kWord;
    if (starts && reply.is_one_of(at, {"wait", "correction"}) &&
        reply[at + 1].kind != Kind::kWord) {
      return at + 1;
    }
    if (starts && reply[at].is("actually") && reply.is_one_of(at + 1, {",", "no"})) return at + 1;
    if (reply[at].is("scratch") && reply[at + 1].is("that")) return at + 2;
    if (reply[at].is("second") && reply.is_one_of(at + 1, {"thought", "thoughts", "look"})) {
      return at + 2;
    }
    if (reply[at].is("let") && reply[at + 1].is("me") &&
        reply.is_one_of(at + 2, {"reconsider", "correct", "re-evaluate", "recheck", "re-check",
                                 "rethink", "double-check", "revise"})) {
      return at + 3;
    }
    if (reply[at].is("changed") && reply[at + 1].is("my") && reply[at + 2].is("mind")) {
      return at + 3;
    }
  }
  return 0;
}

}  // namespace lmc::prompt
