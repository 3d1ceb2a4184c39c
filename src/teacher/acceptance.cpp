#include "teacher/acceptance.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include "prompt/answer_letter.h"  // answer_letter, reasoning_of

namespace lmc::teacher {

namespace {

// A bare "The answer is B." has fewer; one short sentence of reasoning has more.
constexpr size_t kMinReasoningLetters = 24;

// Lower case, every run of blanks one blank, typographic apostrophes plain: what phrases are sought
// in.
std::string plain_words(std::string_view text) {
  constexpr std::string_view kApostrophe = "\xe2\x80\x99";
  std::string words;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, kApostrophe.size()) == kApostrophe) {
      words.push_back('\'');
      i += kApostrophe.size() - 1;
    } else if (std::isspace(static_cast<unsigned char>(text[i]))) {
      if (!words.empty() && words.back() != ' ') words.push_back(' ');
    } else {
      words.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(text[i]))));
    }
  }
  return words;
}

bool has_any(const std::string& words, std::initializer_list<std::string_view> phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view phrase) { return words.find(phrase) != words.npos; });
}

bool refuses(const std::string& words) {
  return has_any(words, {"i'm sorry", "i am sorry", "i apologize", "i can't assist",
                         "i cannot assist", "i can't help", "i cannot help", "i can't provide",
                         "i cannot provide", "i'm unable to", "i am unable to", "i'm not able to",
                         "i am not able to", "as an ai", "as a language model", "i'm an ai",
                         "i am an ai", "not a substitute for professional"});
}

bool leaks_gold(const std::string& words) {
  return has_any(words, {"answer is given as",
                         "answer was given",
                         "answer given",
                         "given answer",
                         "given correct answer",
                         "answer provided",
                         "answer was provided",
                         "answer is provided",
                         "provided answer",
                         "provided correct answer",
                         "i was told",
                         "we are told that the",
                         "i am told",
                         "as instructed",
                         "as stated in the prompt",
                         "stated correct answer",
                         "specified answer",
                         "answer key",
                         "ground truth",
                         "ground-truth",
                         "gold answer",
                         "since the correct answer is",
                         "because the correct answer is",
                         "given that the correct",
                         "given that the answer is",
                         "as if i had found"});
}

bool cites_caption(const std::string& words) {
  return has_any(words, {"caption", "figure legend"});
}

bool has_reasoning(const std::string& reasoning) {
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0 || c >= 0x80; };
  return static_cast<size_t>(std::count_if(reasoning.begin(), reasoning.end(), is_letter)) >=
         kMinReasoningLetters;
}

std::string reason_to_reject(const TeacherReply& reply, const Verdict& verdict, char gold) {
  if (reply.finish == "length") return "truncated";
  if (reply.declined || reply.finish == "content_filter") return "refused";
  const std::string words = plain_words(reply.text);
  if (words.find_first_not_of(' ') == words.npos) return "empty";
  if (refuses(words)) return "refused";
  if (verdict.letter.empty()) return "no-answer";
  if (verdict.letter[0] != gold) return "wrong-answer";
  if (!has_reasoning(verdict.reasoning)) return "no-reasoning";
  const std::string reasoning = plain_words(verdict.reasoning);
  if (leaks_gold(reasoning)) return "gold-leak";
  if (cites_caption(reasoning)) return "cites-caption";
  return {};
}

}  // namespace

Verdict judge(const TeacherReply& reply, const record::Question& question) {
  Verdict verdict;
  if (const auto letter = prompt::answer_letter(reply.text, question.options)) {
    verdict.letter = std::string(1, *letter);
  }
  verdict.reasoning = prompt::reasoning_of(reply.text);
  verdict.reason = reason_to_reject(reply, verdict, question.answer);
  verdict.accepted = verdict.reason.empty();
  return verdict;
}

}  // namespace lmc::teacher
