#include "teacher/unseen_rules.h"

#include <algorithm>
#include <cstdint>
#include <unordered_set>

#include "teacher/candidate.h"  // Candidate

namespace lmc::teacher {

namespace {

// A run of the caption that is copied, not found by chance. Two sentences on one image share
// runs of five or six words ("in the right upper lobe of the lung").
constexpr int kCopiedWords = 8;

// Whether the question or an option has one of the phrases.
bool question_has(const record::Question& question, const reading::Phrases& phrases) {
  return phrases.in(reading::Words(question.question)) ||
         std::any_of(question.options.begin(), question.options.end(),
                     [&](const auto& option) { return phrases.in(reading::Words(option.second)); });
}

// How rationales in public sets betray that the answer was known: MedReason ("This conclusion
// aligns with the provided answer"), STaR-like rationalisations, GPT-4o given the standard answer
// (LLaVA-CoT), models that were shown a hint ("the problem states that the correct answer is C").
const reading::Phrases& leaks() {
  static const reading::Phrases phrases{
      // The noun: "the provided correct answer", but not "the given answer choices".
      "given|provided|specified|supplied|stated|indicated|designated ?correct|right|final answer "
      "!choices|choice|options|option|key",
      "given|provided|specified|stated correct|right option|choice|label",
      "official|expected|intended|predetermined|reference answer !choices|choice|options|option",
      "known correct answer",
      "standard answer",
      "gold answer|label",
      "answer key",
      "ground truth",
      // The verb: "the answer was given", "the correct answer is stated to be".
      "answer|option|choice was|has ?been given|provided|supplied|specified|stated !by",
      "answer is ?already given|provided|supplied|specified|stated|told !by",
      "answer is listed|marked|labeled|labelled|designated|indicated as|to|in",
      "answer given|provided|supplied is|as|in|to|was",
      "is|was|are|were given|provided|listed|marked|labeled|labelled|designated|indicated|"
      "specified|stated as|to ?be ?the|being correct|right ?answer|option|choice",
      "is|was|are|were given|provided|listed|marked|designated|indicated|specified|stated as the "
      "answer",
      // Who told: "the prompt says that the answer is", "I was told".
      "question|prompt|problem|user|instruction|instructions|task|exercise ?explicitly|clearly|"
      "already states|stated|says|said|specifies|specified|tells|told|gives|gave|provides|provided "
      "?us|me ?that ?the correct|right answer|option",
      "prompt|user|problem|instruction|instructions|task ?explicitly|clearly|already "
      "states|stated|says|said|tells|told ?us|me ?that the answer",
      "i was|am told",
      "i have|had been told",
      "i'm told",
      "we are|were told ?that ?the ?correct|right answer",
      "we are|were told ?that the correct|right",
      "as instructed !by",
      "as stated|given|indicated|provided|specified|requested in the prompt|instructions|"
      "instruction|task|answer",
      "according to the prompt|instructions|instruction|answer",
      // Reasoning that starts from it: "since the correct answer is", "to justify the answer".
      "since|because|as|knowing ?we|that ?know ?that the correct|right answer is|was",
      "given ?that the ?correct|right|only answer|option|choice is|was|given|provided",
      "given the correct|right answer",
      "we|i|already know|knew ?that the correct|right answer",
      "aligns|align|aligning|agrees|agree|agreeing|consistent|accordance with the correct|right "
      "answer",
      "matches|matching|match|justify|justifies|justifying|rationalize|rationalise|rationalizing "
      "the correct|right answer",
      "backward|backwards from the ?correct|given answer",
      "hint|hints says|said|states|suggests|tells|given|provided",
      "given|provided hint|hints",
      "according to the ?given|provided hint|hints",
      "as if i had found",
      "without saying|mentioning|revealing that it was",
      // Chinese: the answer that was given, known, standard; the hint.
      "给定 ?的 ?正 ?确 答案",
      "给出 的 正确 答案",
      "提供 的 ?正 ?确 答案",
      "所给 ?的 ?正 ?确 答案",
      "已知 ?正 ?确 答案",
      "标准 答案",
      "参考 答案",
      "根据 提示",
  };
  return phrases;
}

const reading::Phrases& captions() {
  static const reading::Phrases phrases{
      "caption|captions|captioned",
      "figure|image|picture legend|legends",
      "figure's|image's legend",
      "according to the figure|image|picture|provided|accompanying description",
      "accompanying description|descriptions",
      "图注",
      "图片 说明",
      "图像 说明",
  };
  return phrases;
}

// Something beside the image: how an explanation speaks of it, and how a question that shows it
// to the student would.
struct Unseen {
  reading::Phrases spoken_of;
  reading::Phrases named;
};

const Unseen& panels() {
  static const Unseen unseen{
      {"panel|panels|subpanel|subfigure|subfigures|subplot #",
       "left|right|upper|lower|top|bottom|middle|central|first|second|third|fourth|last|other|"
       "others|adjacent|remaining|neighboring|neighbouring ?hand|most|sided panel|panels|subpanel|"
       "subfigure|subfigures"},
      {"panel|panels|subpanel|subfigure|subfigures|subplot"}};
  return unseen;
}

// "Figure 3 sign" and "figure 8 configuration" are findings.
const Unseen& figures() {
  static const Unseen unseen{
      {"figure|figures|fig|figs . # !sign|shape|shaped|configuration|appearance|pattern|loop"},
      {"figure|figures|fig|figs . #"}};
  return unseen;
}

const Unseen& tables() {
  static const Unseen unseen{{"table|tables # !with|of"}, {"table|tables"}};
  return unseen;
}

const Unseen& texts() {
  static const Unseen unseen{
      {"the|this author|authors|author's|authors' !or",
       "the|this|original|accompanying|associated|main|source text|article|paper|manuscript|"
       "publication|study|abstract ?also|further|clearly|explicitly states|state|stated|"
       "mentions|mention|mentioned|says|said|reports|reported|describes|described|concludes|"
       "concluded|notes|noted",
       "accompanying|associated|original|source text|article|paper|manuscript|publication",
       "according to the|this ?original|accompanying text|article|paper|manuscript|publication|"
       "study|report|researchers",
       "as described|stated|reported|mentioned|noted|discussed in the|this ?original|accompanying|"
       "main text|article|paper|manuscript|publication|study|report",
       "文 中 提到", "原文", "本文", "该研究 指出", "作者"},
      {"text|article|paper|author|authors|manuscript|publication|study|report|abstract|"
       "researchers",
       "文 中", "原文", "本文", "研究", "作者"}};
  return unseen;
}

// A hash of each shortest run of words that weighs `kCopiedWords`, one for each word it may start
// at.
std::vector<uint64_t> runs_of(const reading::Words& words) {
  constexpr int kWeight = kCopiedWords * reading::Words::kWordWeight;
  std::vector<uint64_t> hashes;  // of single words
  std::vector<int> weights;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!words.is_word(i)) continue;
    hashes.push_back(words.hash(i));
    weights.push_back(words.weight(i));
  }
  std::vector<uint64_t> runs;
  for (size_t begin = 0; begin < hashes.size(); ++begin) {
    uint64_t run = 0;
    int weight = 0;
    for (size_t i = begin; i < hashes.size() && weight < kWeight; ++i) {
      run = (run ^ hashes[i]) * 0x9E3779B97F4A7C15ull;  // the golden ratio: Fibonacci hashing
      run ^= run >> 29;
      weight += weights[i];
    }
    if (weight < kWeight) break;
    runs.push_back(run);
  }
  return runs;
}

}  // namespace

bool leaks_gold(const Candidate& candidate) {
  return leaks().in(candidate.words) && !question_has(candidate.question, leaks());
}

bool cites_caption(const Candidate& candidate) {
  return captions().in(candidate.words) && !question_has(candidate.question, captions());
}

bool copies_caption(const Candidate& candidate) {
  if (!candidate.options.caption_was_shown) return false;
  const std::vector<uint64_t> of_caption = runs_of(reading::Words(candidate.question.caption));
  std::unordered_set<uint64_t> copied(of_caption.begin(), of_caption.end());
  const auto forgive = [&](const std::string& text) {
    for (const uint64_t run : runs_of(reading::Words(text))) copied.erase(run);
  };
  forgive(candidate.question.question);
  for (const auto& [letter, option] : candidate.question.options) forgive(option);
  if (copied.empty()) return false;
  const std::vector<uint64_t> said = runs_of(candidate.words);
  return std::any_of(said.begin(), said.end(), [&](uint64_t run) { return copied.contains(run); });
}

bool speaks_of_other_panels(const Candidate& candidate) {
  for (const Unseen* unseen : {&panels(), &figures(), &tables(), &texts()}) {
    if (unseen->spoken_of.in(candidate.words) && !question_has(candidate.question, unseen->named)) {
      return true;
    }
  }
  return false;
}

}  // namespace lmc::teacher
