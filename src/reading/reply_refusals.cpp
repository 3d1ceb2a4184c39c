#include "reading/reply_refusals.h"

#include <algorithm>

#include "reading/reply_sentences.h"  // Sentence, sentence_at

namespace lmc::reading {

namespace {

using Kind = ReplyWord::Kind;

bool is_unable(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(i, {"cannot", "can't", "unable", "couldn't"}) ||
         (reply[i].is("can") && reply[i + 1].is("not")) ||
         (reply.is_one_of(i, {"no", "not"}) &&
          reply.is_one_of(i + 1, {"puedo", "posso", "consigo"})) ||
         (reply[i].is("ne") && reply.is_one_of(i + 1, {"peux", "peut"})) ||
         (reply[i].is("not") && reply.is_one_of(i + 1, {"able", "possible"})) ||
         reply[i].is("impossible");
}

bool is_do_not(const ReplyChoices& reply, size_t i) {
  return reply[i].is("don't") || (reply[i].is("do") && reply[i + 1].is("not"));
}

// What one does who answers. ("I cannot provide medical advice" is but a remark.)
bool is_answering(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(
      i, {"determine", "determined", "diagnose", "interpret", "answer", "answered", "assist",
          "help", "decide", "view", "definitively", "analyze", "analyse"});
}

bool is_judging(const ReplyChoices& reply, size_t i) {
  return is_answering(reply, i) ||
         reply.is_one_of(i, {"tell", "say", "identify", "identified", "know", "confirm", "choose",
                             "select", "establish", "assess", "evaluate", "access", "provide",
                             "conclude", "verify", "see", "pick", "judge", "recognize"});
}

bool is_material(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(
      i, {"image",  "images",      "picture",     "pictures",   "figure",  "photo",    "photograph",
          "scan",   "scans",       "x-ray",       "radiograph", "ct",      "mri",      "slide",
          "file",   "attachment",  "information", "info",       "details", "detail",   "context",
          "data",   "description", "question",    "options",    "history", "imagen",   "bild",
          "imagem", "immagine",    "view",        "views",      "film",    "clinical", "link"});
}

bool is_request(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(
      i, {"provide",   "upload",   "share",       "attach",        "send",    "supply",
          "give",      "describe", "specify",     "clarify",       "submit",  "provided",
          "uploading", "sharing",  "providing",   "post",          "include", "re-upload",
          "reupload",  "resend",   "proporcione", "proporciona",   "suba",    "adjunte",
          "fournir",   "joindre",  "hochladen",   "bereitstellen", "senden"});
}

// Whether `holds` of one of the words from `i` on, up to `most` of them, in one sentence.
bool near_after(const ReplyChoices& reply, size_t i, size_t most,
                bool (*holds)(const ReplyChoices&, size_t)) {
  for (size_t k = i; k < i + most && k < reply.size() && !reply.ends_sentence(k); ++k) {
    if (holds(reply, k)) return true;
  }
  return false;
}

// "Please provide the image", "could you upload ...", "once you share ...", "I need the image".
bool asks_for_material(const ReplyChoices& reply, size_t i) {
  constexpr size_t kNear = 12;
  const bool polite = reply.is_one_of(i, {"please", "kindly", "bitte", "veuillez", "favor"}) ||
                      (reply.is_one_of(i, {"could", "can", "would", "once", "if", "until"}) &&
                       reply[i + 1].is("you"));
  if (polite) {
    for (size_t k = i + 1; k < i + 6 && !reply.ends_sentence(k); ++k) {
      if (!is_request(reply, k)) continue;
      return reply[k + 1].is("it") || near_after(reply, k + 1, kNear, is_material);
    }
    // "Could you tell me which slice this is?"
    return !reply[i].is("can") && near_after(reply, i + 1, 3, [](const ReplyChoices& r, size_t k) {
      return r.is_one_of(k, {"tell", "let"}) && r[k + 1].is("me");
    });
  }
  if (reply[i].is("you") && reply[i + 1].is("can") && is_request(reply, i + 2)) {
    return near_after(reply, i + 3, kNear, is_material);
  }
  // "I need to see the image", "we would need more information"; not "we need to analyze the
  // image".
  if (!reply.is_one_of(i, {"need", "require", "requires"})) return false;
  size_t next = i + 1;
  if (reply[i].is("requires") && !(i > 0 && reply[i - 1].is("question"))) return false;
  if (reply[next].is("to")) {
    if (!reply.is_one_of(next + 1, {"see", "view", "have", "know", "look"})) return false;
    return i > 0 && reply.is_one_of(i - 1, {"i", "would", "i'd", "will", "i'll"}) &&
           (near_after(reply, next + 1, kNear, is_material) ||
            (reply[next + 1].is("know") && reply.is_one_of(next + 2, {"whether", "if"})));
  }
  const bool first_person =
      i > 0 && reply.is_one_of(i - 1, {"i", "we", "would", "i'd", "will", "i'll"});
  return reply.is_one_of(next, {"more", "additional", "further", "the", "an", "access"}) &&
         (first_person || !reply[next].is("the")) && near_after(reply, next, 6, is_material);
}

// What a reply is about. (A scan or a history may well be what a patient is without.)
bool is_what_is_shown(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(i, {"image", "images", "picture", "pictures", "figure", "photo",
                             "information", "info", "context", "details"});
}

// "Without the image", "I lack the information", "no access to the picture", "isn't enough
// information", "is there an image?"
bool lacks_material(const ReplyChoices& reply, size_t i) {
  constexpr size_t kNear = 4;
  if (reply[i].is("without") ||
      (reply.is_one_of(i, {"lack", "lacking"}) && i > 0 && reply.is_one_of(i - 1, {"i", "we"}))) {
    size_t k = i + 1;
    while (reply.is_one_of(k, {"the", "an", "any", "more", "additional", "further", "seeing",
                               "having", "access", "to", "sufficient", "enough"})) {
      ++k;
    }
    return is_what_is_shown(reply, k);
  }
  if (reply[i].is("unclear") && reply[i + 1].is("from")) {  // "... which organ is marked"
    return near_after(reply, i + 2, kNear + 2, [](const ReplyChoices& r, size_t k) {
      return r.is_one_of(k, {"which", "what"});
    });
  }
  if (reply[i].is("no") && reply[i + 1].is("access")) {
    return near_after(reply, i + 2, kNear, is_what_is_shown);
  }
  if (reply.is_one_of(i, {"enough", "sufficient"}) && is_what_is_shown(reply, i + 1)) {
    return i > 0 && reply.is_one_of(i - 1, {"not", "isn't", "no", "without", "don't", "have"}) &&
           (!reply[i - 1].is("have") || (i > 1 && reply.is_one_of(i - 2, {"not", "don't"})));
  }
  if (is_what_is_shown(reply, i)) {  // "an image that I do not have"
    return reply[i + 1].is("that") && reply[i + 2].is("i") && is_do_not(reply, i + 3);
  }
  return reply[i].is("is") && reply[i + 1].is("there") && reply.is_one_of(i + 2, {"an", "any"}) &&
         is_what_is_shown(reply, i + 3) && reply[i + 4].is("?");
}

// "The image cannot be loaded", "the image is too blurry".
bool cannot_be_used(const ReplyChoices& reply, size_t i) {
  if (reply.is_one_of(i + 1, {"cannot", "can't", "couldn't", "could", "does", "did", "doesn't",
                              "didn't", "won't"})) {
    return near_after(reply, i + 1, 5, [](const ReplyChoices& r, size_t k) {
      return r.is_one_of(k, {"loaded", "load", "displayed", "opened", "open", "viewed", "accessed",
                             "render", "rendered"});
    });
  }
  return reply.is_one_of(i + 1, {"is", "was"}) && reply[i + 2].is("too") &&
         reply.is_one_of(i + 3, {"blurry", "blurred", "small", "dark", "unclear", "noisy", "low"});
}

// "No image was provided", "the image is missing", "I don't see an image".
bool misses_material(const ReplyChoices& reply, size_t i) {
  const auto given = [](const ReplyChoices& r, size_t k) {
    return r.is_one_of(k, {"provided", "attached", "uploaded", "included", "shared", "supplied",
                           "given", "available", "present", "accessible", "received", "loaded"});
  };
  const auto gives = [](const ReplyChoices& r, size_t k) {
    return r.is_one_of(k, {"attached", "attach", "uploaded", "upload", "provided", "provide",
                           "shared", "share", "included", "include"});
  };
  if (reply[i].is("no") && is_material(reply, i + 1)) {
    return (i > 0 && reply.is_one_of(i - 1, {"see", "have", "find"})) ||
           near_after(reply, i + 2, 6, given);
  }
  if (reply[i].is("you") && reply.is_one_of(i + 1, {"haven't", "didn't", "have", "did"})) {
    const bool negated = reply.is_one_of(i + 1, {"haven't", "didn't"}) || reply[i + 2].is("not");
    return negated && near_after(reply, i + 2, 3, gives) &&
           near_after(reply, i + 3, 5, is_material);
  }
  if (is_do_not(reply, i)) {
    const size_t verb = reply[i].is("do") ? i + 2 : i + 1;
    const bool first_person = i > 0 && reply.is_one_of(i - 1, {"i", "we"});
    return first_person && reply.is_one_of(verb, {"see", "have"}) &&
           reply.is_one_of(verb + 1, {"an", "any", "the", "access", "a", "enough", "sufficient"}) &&
           near_after(reply, verb + 1, 6, is_material);
  }
  if (lacks_material(reply, i)) return true;
  if (!is_material(reply, i)) return false;
  if (cannot_be_used(reply, i)) return true;
  if (reply.is_one_of(i + 1, {"is", "was", "has", "appears", "seems", "are", "were"})) {
    if (near_after(reply, i + 2, 3,
                   [](const ReplyChoices& r, size_t k) { return r.is_one_of(k, {"missing"}); })) {
      return true;
    }
    const bool negated = reply.is_one_of(i + 2, {"not"});
    return negated && near_after(reply, i + 3, 4, given);
  }
  return reply.is_one_of(i + 1, {"wasn't", "isn't", "hasn't"}) &&
         near_after(reply, i + 2, 4, given);
}

// The end of the option's text that stands at word `i`, or `i`: "Cannot be determined" as an option
// declines nothing.
size_t after_text(const ReplyChoices& reply, size_t i) {
  const auto text = reply.text_at(i);
  return text && text->end > i + 1 ? text->end : i;
}

bool is_turn(const ReplyChoices& reply, size_t i) {
  return reply.is_one_of(i, {"but", "however", "nevertheless", "nonetheless", "yet", "though", "so",
                             "therefore", "thus", "hence", "still"});
}

// Whether the replier declines; with `first_too`, also what the first sentence tells of.
bool declines_anywhere(const ReplyChoices& reply, bool first_too) {
  bool first = first_too;  // sentence
  bool unable = false;     // in this sentence
  bool speaks = false;     // of the replier itself
  for (size_t i = 0; i < reply.size(); ++i) {
    if (i > 0 && reply.ends_sentence(i)) {
      first = unable = speaks = false;
      continue;
    }
    if (const size_t end = after_text(reply, i); end > i) {
      i = end - 1;
      continue;
    }
    const bool cannot = is_unable(reply, i);
    if (first && (cannot ||
                  reply.is_one_of(i, {"sorry", "insufficient", "failed", "error", "unfortunately",
                                      "apologize"}) ||
                  (reply[i].is("not") &&
                   reply.is_one_of(i + 1, {"sufficient", "enough", "provided", "contain"})))) {
      return true;
    }
    if (asks_for_material(reply, i) || misses_material(reply, i)) return true;
    speaks = speaks || reply.is_one_of(i, {"i", "i'm", "we", "it's", "it"});
    unable = unable || cannot || is_do_not(reply, i);
    const bool remark = reply.is_one_of(i, {"advice", "diagnosis"});
    if (unable && (is_answering(reply, i) || (first_too && remark))) return true;
    if (unable && speaks && reply.is_one_of(i, {"tell", "identify", "say", "choose", "select"}) &&
        i > 0 && (is_unable(reply, i - 1) || reply[i - 1].is("to"))) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_failure(const ReplyChoices& reply) {
  size_t i = 0;
  while (i < reply.size() && reply[i].kind != Kind::kWord) ++i;
  return reply[i].lower.ends_with("error") || reply[i].lower.ends_with("exception") ||
         reply[i].is("traceback");
}

bool declines(const ReplyChoices& reply) { return declines_anywhere(reply, false); }

bool hesitates(const ReplyChoices& reply) { return declines_anywhere(reply, true); }

bool is_declined(const ReplyChoices& reply, size_t i, const Finding& found) {
  const Sentence sentence = sentence_at(reply, std::min(i, found.begin));
  bool unable = false, declined = false;
  for (size_t k = sentence.begin; k < found.begin; ++k) {
    if (is_turn(reply, k)) unable = declined = false;
    unable = unable || is_unable(reply, k) || is_do_not(reply, k);
    declined = declined || (unable && is_judging(reply, k)) ||
               (reply.is_one_of(k, {"please", "kindly"}) && !reply[k + 1].is("note")) ||
               asks_for_material(reply, k);
    // "Although I cannot see the image, the answer is B."
    if (reply[k].is(",") && reply.is_one_of(sentence.begin, {"although", "though", "while", "even",
                                                             "since", "as", "because"})) {
      unable = declined = false;
    }
  }
  return declined;
}

bool decides(const ReplyChoices& reply, size_t i, const Finding& found) {
  const Sentence sentence = sentence_at(reply, std::min(i, found.begin));
  for (size_t k = sentence.begin; k < found.begin + 1; ++k) {
    if (reply.is_one_of(k,
                        {"guess",     "likely", "best",       "probably",    "probable",   "choose",
                         "select",    "pick",   "lean",       "leaning",     "closest",    "answer",
                         "therefore", "thus",   "hence",      "so",          "conclusion", "favor",
                         "suspect",   "go",     "consistent", "appropriate", "correct"})) {
      return true;
    }
  }
  return false;
}

}  // namespace lmc::reading
