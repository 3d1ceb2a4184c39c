#include "teacher/form_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "reading/script.h"     // reading::script_of
#include "teacher/candidate.h"  // Candidate

namespace lmc::teacher {

namespace {

// Letters by script. An ideograph says about as much as two letters, so it counts as two.
using Letters = std::array<int64_t, reading::kNumScripts>;

void count_letters(std::string_view text, Letters& letters) {
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ') {  // nearly all there is
      letters[static_cast<size_t>(c == ' ' ? reading::Script::kNone : reading::Script::kLatin)] +=
          1;
      ++i;
      continue;
    }
    const reading::Script script = reading::script_of(reading::next_code_point(text, i));
    letters[static_cast<size_t>(script)] += script == reading::Script::kHan ? 2 : 1;
  }
}

int64_t total(const Letters& letters) {
  int64_t sum = 0;
  for (size_t i = 1; i < letters.size(); ++i) sum += letters[i];  // without kNone
  return sum;
}

double share(const Letters& letters, reading::Script script) {
  return static_cast<double>(letters[static_cast<size_t>(script)]) /
         static_cast<double>(std::max<int64_t>(total(letters), 1));
}

// A script the question does not use may appear so much: abbreviations (CT, MRI) stand in every
// language, Greek letters are symbols; anything else is a reply that changed its language.
double allowed_fraction(reading::Script script) {
  return script == reading::Script::kLatin || script == reading::Script::kGreek ? 0.5 : 0.1;
}

bool is_in_another_script(const Candidate& candidate) {
  constexpr double kInUse = 0.2;
  constexpr int64_t kEnoughLetters = 8;
  Letters asked{};
  count_letters(candidate.question.question, asked);
  if (total(asked) < kEnoughLetters) {  // "CT?" tells no language
    for (const auto& [letter, option] : candidate.question.options) count_letters(option, asked);
  }
  Letters said{};
  count_letters(candidate.reasoning, said);
  for (size_t i = 1; i < reading::kNumScripts; ++i) {
    const auto script = static_cast<reading::Script>(i);
    if (share(asked, script) < kInUse && share(said, script) > allowed_fraction(script))
      return true;
  }
  return false;
}

// Little words that every English text is full of and the languages below do not have.
const reading::Phrases& english_words() {
  static const reading::Phrases words{"the",  "of",    "and",   "to",    "with", "that",
                                      "this", "these", "which", "what",  "are",  "from",
                                      "be",   "it",    "than",  "would", "have", "has",
                                      "been", "by",    "could", "there", "their"};
  return words;
}

// The same of German, Dutch, French, Spanish, Portuguese and Italian. Some stand in English, too
// ("die", "en bloc", "de novo"), but never many.
const reading::Phrases& foreign_words() {
  static const reading::Phrases words{
      "der", "die", "das",  "und", "ist", "mit",   "von", "im",  "den", "nicht", "eine", "ein",
      "auf", "zu",  "dem",  "des", "als", "für",   "bei", "het", "een", "van",   "niet", "op",
      "le",  "la",  "les",  "et",  "est", "une",   "un",  "du",  "de",  "dans",  "avec", "pour",
      "que", "qui", "sur",  "el",  "los", "las",   "en",  "y",   "con", "una",   "por",  "del",
      "es",  "se",  "para", "o",   "os",  "da",    "do",  "em",  "com", "uma",   "um",   "não",
      "é",   "il",  "di",   "che", "per", "della", "non", "à",   "au",  "más",   "ou",   "e"};
  return words;
}

double share_of(const reading::Words& words, const reading::Phrases& listed) {
  int64_t num_words = 0, num_listed = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!words.is_word(i)) continue;
    ++num_words;
    num_listed += listed.at(words, i) ? 1 : 0;
  }
  return static_cast<double>(num_listed) / static_cast<double>(std::max<int64_t>(num_words, 1));
}

// The golden ratio: Fibonacci hashing.
uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
  return hash ^ hash >> 29;
}

bool repeats_a_sentence(const reading::Words& words) {
  constexpr int kTimes = 3;
  constexpr int64_t kMinLength =
      6 * reading::Words::kWordWeight;  // "This is incorrect." may come often
  std::unordered_map<uint64_t, int> times;
  uint64_t sentence = 0;
  int64_t weight = 0;
  for (size_t i = 0; i <= words.size(); ++i) {
    if (i < words.size() && words.kind(i) != reading::Words::Kind::kStop) {
      if (!words.is_word(i)) continue;
      sentence = mix(sentence, words.hash(i));
      weight += words.weight(i);
      continue;
    }
    if (weight >= kMinLength && ++times[sentence] >= kTimes) return true;
    sentence = 0;
    weight = 0;
  }
  return false;
}

bool repeats_its_phrases(const reading::Words& words) {
  constexpr size_t kGram = 4;
  constexpr size_t kMinLength = 40;
  constexpr double kDistinct = 0.5;
  std::vector<uint64_t> plain;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words.is_word(i)) plain.push_back(words.hash(i));
  }
  if (plain.size() < kMinLength) return false;
  const size_t num_grams = plain.size() - kGram + 1;
  std::vector<uint64_t> grams(num_grams);
  for (size_t i = 0; i < num_grams; ++i) {
    for (size_t k = 0; k < kGram; ++k) grams[i] = mix(grams[i], plain[i + k]);
  }
  std::sort(grams.begin(), grams.end());
  const auto num_distinct = std::unique(grams.begin(), grams.end()) - grams.begin();
  return static_cast<double>(num_distinct) < kDistinct * static_cast<double>(num_grams);
}

}  // namespace

bool is_too_short(const Candidate& candidate) {
  return candidate.words.count() < candidate.options.min_words;
}

bool is_too_long(const Candidate& candidate) {
  return candidate.words.count() > candidate.options.max_words;
}

bool is_in_another_language(const Candidate& candidate) {
  // Of 665 right replies to medical questions in English (WorldMedQA-V), none has under 5.5 %
  // English or over 4.8 % foreign words; sentences in the six languages have 29 % foreign ones and
  // more, and no English. Terse notes ("Left lung: upper clear") have neither and pass.
  constexpr double kMaxEnglish = 0.04;
  constexpr double kMinForeign = 0.1;
  constexpr double kEnglishQuestion = 0.1;
  constexpr int64_t kEnoughWords = 12;
  if (is_in_another_script(candidate)) return true;
  return candidate.words.count() >= kEnoughWords &&
         share_of(candidate.words, foreign_words()) >= kMinForeign &&
         share_of(candidate.words, english_words()) <= kMaxEnglish &&
         share_of(reading::Words(candidate.question.question), english_words()) >= kEnglishQuestion;
}

bool repeats_itself(const Candidate& candidate) {
  return repeats_a_sentence(candidate.words) || repeats_its_phrases(candidate.words);
}

}  // namespace lmc::teacher
