#include "reading/reply_denials.h"

namespace lmc::reading {

namespace {

using Kind = ReplyWord::Kind;

// "by lack", "due to the absence": what is missing is what is meant.
bool is_cause(const ReplyChoices& reply, size_t i) {
  while (i > 0 && reply.is_one_of(i - 1, {"the", "a", "an", "dietary", "chronic", "severe"})) --i;
  return i > 0 && reply.is_one_of(i - 1, {"by", "to", "from", "of", "means", "indicates",
                                          "reflects", "suggests", "represents"});
}

// A word after which what follows is no statement but a noun's description: "the structure not
// observed is C", "the one that does not fit is C".
bool describes_noun(const ReplyChoices& reply, size_t i) {
  size_t head = i;
  while (head > 0 &&
         reply.is_one_of(head - 1, {"do", "does", "did", "is", "are", "was", "were", "can", "could",
                                    "would", "has", "have", "most", "least"})) {
    --head;
  }
  if (head > 0 && reply.is_one_of(head - 1, {"that", "which", "who", "what"})) {
    // "I know that it is not B": a clause of its own.
    const bool clause = head > 1 && reply.is_one_of(head - 2, {"think", "believe", "say", "know",
                                                               "sure", "clear", "means", "so"});
    return !clause && reply[head - 1].kind == Kind::kWord;
  }
  if (head != i || !reply[i].is("not") || i == 0 || reply[i - 1].kind != Kind::kWord) return false;
  const std::string& next = reply[i + 1].lower;
  const bool participle = next.ends_with("ed") || next.ends_with("ing") || next.ends_with("en") ||
                          reply.is_one_of(i + 1, {"shown", "present", "in", "found", "visible",
                                                  "part", "typical", "consistent", "compatible"});
  return participle && !reply.is_one_of(i - 1, {"it", "this", "that", "be", "been", "being", "i",
                                                "we", "they", "there"});
}

// Words that deny the thing named after them.
bool denies_next(const ReplyChoices& reply, size_t i) {
  if (reply[i].is("no")) return !reply.is_one_of(i + 1, {"doubt", "question", ","});
  // "Caused by lack of vitamin B12" does not deny it.
  if (reply.is_one_of(i, {"lack", "absence"}) && is_cause(reply, i)) return false;
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

// "I thought it was A, but it is B", "... However, it's B.": the word after the turn, where an
// option is all that it turns to; or 0.
size_t after_turn_to_option(const ReplyChoices& reply, size_t i) {
  const bool in_fact = reply[i].is("in") && reply[i + 1].is("fact");
  if (i == 0 || !(in_fact || reply.is_one_of(i, {"but", "however"}))) return 0;
  size_t k = i;
  while (reply.is_one_of(k, {"but", "however", ",", "actually", "in", "fact", "really"})) ++k;
  if (reply[k].is("it's")) {
    ++k;
  } else if (reply[k].is("it") && reply[k + 1].is("is")) {
    k += 2;
  } else {
    return 0;
  }
  while (reply.is_one_of(k, {"actually", "in", "fact", "really"})) ++k;
  const auto found = reply.choice_at(k, false);
  const bool by_letter = found && found->letter && reply.letter_at(found->begin, false);
  return by_letter && reply.ends_sentence(found->end) ? i + 1 : 0;
}

bool names_option_soon(const ReplyChoices& reply, size_t i) {
  constexpr size_t kNear = 6;
  for (size_t k = i; k < i + kNear; ++k) {
    const auto found = reply.choice_at(k, false);
    if (found && found->letter) return true;
  }
  return false;
}

// "No, it's B", "sorry, I mean B", "Edit: B", "I made a mistake: ...", "After re-examining ...":
// the word after it, or 0.
size_t after_taking_back(const ReplyChoices& reply, size_t i) {
  if (i == 0) return 0;
  const bool starts = reply[i - 1].kind != Kind::kWord;
  const bool apart = reply[i + 1].kind != Kind::kWord;
  // "A: No, that is the liver." corrects nothing, nor does "C. Thymus - no. D. ..." in a list.
  const bool weighs = reply[i - 1].is(":") || (reply[i - 1].is("-") && !reply[i + 1].is(","));
  const bool no = reply[i].is("no") && !weighs && names_option_soon(reply, i + 1);
  if (starts && apart && !reply.text_at(i) && (no || reply.is_one_of(i, {"sorry", "edit"}))) {
    return i + 1;
  }
  if (reply[i - 1].is("i") && reply.is_one_of(i, {"mean", "meant"})) {
    return names_option_soon(reply, i + 1) ? i + 1 : 0;
  }
  if (reply[i].is("on") && reply.is_one_of(i + 1, {"reflection", "reconsideration"})) return i + 2;
  if (starts && reply[i].is("hold") && reply[i + 1].is("on")) return i + 2;
  const bool looks_again =
      reply.is_one_of(i, {"re-examining", "reexamining", "re-examination", "reconsidering",
                          "rechecking", "re-evaluating", "reviewing"});
  if (looks_again && reply[i - 1].is("after")) return i + 1;
  const bool mine = reply[i - 1].is("my") || (i > 1 && reply[i - 2].is("made"));
  if (mine && reply[i].is("mistake")) return i + 1;
  const bool apologizes = reply.is_one_of(i, {"error", "confusion"}) && i > 2 &&
                          reply[i - 2].is("for") &&
                          reply.is_one_of(i - 3, {"apologize", "sorry", "apologies"});
  return apologizes ? i + 1 : 0;
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
  if (reply[i].is("no") && reply.is_one_of(i + 1, {"evidence", "indication", "reason", "proof"})) {
    return reply.is_one_of(i + 2, {"that", "to", "for"});
  }
  if (reply.is_one_of(i, {"no", "non"})) {
    return reply.is_one_of(i + 1, {"is", "hay", "puedo", "puede", "posso", "consigo", "se"});
  }
  return reply.is_one_of(i, {"not", "cannot", "never", "isn't", "can't", "wouldn't", "couldn't",
                             "shouldn't", "doesn't", "don't", "neither", "nor"});
}

bool negates_statement(const ReplyChoices& reply, size_t i) {
  return is_negation(reply, i) && !describes_noun(reply, i);
}

bool is_denial(const ReplyChoices& reply, size_t i) {
  return is_negation(reply, i) ||
         reply.is_one_of(i, {"unlikely", "wrong", "incorrect", "excluded"});
}

bool clause_negates(const ReplyChoices& reply, size_t i) {
  return any_before_in_clause(reply, i, [&](size_t k) { return negates_statement(reply, k); });
}

bool clause_leaves_open(const ReplyChoices& reply, size_t i) {
  return any_before_in_clause(reply, i, [&](size_t k) {
    return negates_statement(reply, k) || reply.is_one_of(k, {"whether", "if"});
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

bool is_called_normal(const ReplyChoices& reply, const Finding& text) {
  if (!reply.is_one_of(text.end, {"is", "are", "was", "were", "appears", "appear", "remains",
                                  "looks", "seems", ":", "-", "("})) {
    return false;
  }
  constexpr size_t kNear = 4;
  for (size_t k = text.end + 1; k < text.end + kNear && !reply.ends_sentence(k); ++k) {
    if (reply.is_one_of(k, {"normal", "unremarkable", "intact", "spared", "uninvolved", "healthy",
                            "unaffected", "preserved", "clear"})) {
      return true;
    }
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

size_t after_correction(const ReplyChoices& reply) {
  for (size_t i = reply.size(); i > 0; --i) {
    const size_t at = i - 1;
    const bool starts = at == 0 || reply[at - 1].kind != Kind::kWord;
    if (const size_t turned = after_turn_to_option(reply, at); turned > 0) return turned;
    if (const size_t taken = after_taking_back(reply, at); taken > 0) return taken;
    if (starts && reply.is_one_of(at, {"wait", "correction"}) &&
        reply[at + 1].kind != Kind::kWord) {
      return at + 1;
    }
    if (starts && reply[at].is("actually") &&
        reply.is_one_of(at + 1, {",", "no", "it's", "it", "the"})) {
      return at + 1;
    }
    if (reply[at].is("scratch") && reply[at + 1].is("that")) return at + 2;
    const size_t before = at > 1 && reply[at - 1].is("a") ? at - 2 : at - 1;
    const bool anew = reply.is_one_of(at, {"another", "closer", "further"}) && at > 0 &&
                      reply.is_one_of(before, {"on", "upon", "after", "with", "taking"});
    if ((anew || reply[at].is("second")) &&
        reply.is_one_of(at + 1, {"thought", "thoughts", "look", "inspection", "reflection"})) {
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

}  // namespace lmc::reading
