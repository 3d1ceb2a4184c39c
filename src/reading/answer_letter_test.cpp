#include "reading/answer_letter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/files.h"           // for_each_line, file_exists
#include "prompt/golden_cases.h"  // shared_data
#include "prompt/question.h"      // training_reply

namespace lmc::reading {
namespace {

const std::map<char, std::string> kOptions{
    {'A', "Pneumonia"}, {'B', "Pulmonary embolism"}, {'C', "Lung cancer"}, {'D', "Normal"}};

struct Case {
  const char* reply;
  char letter;
};

const Case kAnswers[] = {
    {"B", 'B'},
    {"b", 'B'},
    {"B.", 'B'},
    {"(B)", 'B'},
    {"B)", 'B'},
    {"**B**", 'B'},
    {"B: Pulmonary embolism", 'B'},
    {" B\n", 'B'},
    {"A", 'A'},
    {"a", 'A'},
    {"a.", 'A'},
    {"Answer: B", 'B'},
    {"answer: b", 'B'},
    {"**Answer:** B", 'B'},
    {"Answer: **B**", 'B'},
    {"Answer: (B)", 'B'},
    {"Answer: [B]", 'B'},
    {"Answer: Option B", 'B'},
    {"Answer: B) Pulmonary embolism", 'B'},
    {"Answer: Pulmonary embolism", 'B'},
    {"Answer:\nB", 'B'},
    {"**Answer**: B", 'B'},
    {"Answer - B", 'B'},
    {"### Answer\n\nB", 'B'},
    {"Final answer: D", 'D'},
    {"Final Answer: The final answer is D", 'D'},
    {"The final answer is $\\boxed{C}$.", 'C'},
    {"\\boxed{\\text{C}}", 'C'},
    {"\\boxed{A}", 'A'},
    {"$\\boxed{\\textbf{D. Normal}}$", 'D'},
    {"<answer>C</answer>", 'C'},
    {"<think>A is right. Answer: A</think><answer>C</answer>", 'C'},
    {"<answer>C", 'C'},
    {"<answer>\nC. Lung cancer\n</answer>", 'C'},
    {"The answer is B", 'B'},
    {"The answer is B because of A.", 'B'},
    {"The answer is A because of the consolidation.", 'A'},
    {"The correct answer is (C).", 'C'},
    {"The correct option is B.", 'B'},
    {"The correct choice would be option D.", 'D'},
    {"I would choose B.", 'B'},
    {"I choose option (C)", 'C'},
    {"I'd go with B.", 'B'},
    {"I think it's C.", 'C'},
    {"It is most likely B.", 'B'},
    {"Option B is correct.", 'B'},
    {"B is the correct answer.", 'B'},
    {"B is correct, A is not.", 'B'},
    {"Pulmonary embolism", 'B'},
    {"The picture shows a pulmonary embolism.", 'B'},
    {"The most likely diagnosis is pulmonary embolism.", 'B'},
    {"{\"answer\": \"B\"}", 'B'},
    {"{\"reasoning\": \"x\", \"answer\": \"C\"}", 'C'},
    {"答案：B", 'B'},
    {"Answer：B", 'B'},
    {"Correct answer: C. Lung cancer", 'C'},
    {"Therefore, C.", 'C'},
    {"So the answer must be D.", 'D'},
    {"A. The image shows a cavity.\n\nAnswer: C", 'C'},
    {"B. But on second thought, the answer is D.", 'D'},
    {"The answer is A. Wait, no. The answer is B.", 'B'},
    {"First I thought Answer: A\nAnswer: C", 'C'},
    {"The answer is not A but B.", 'B'},
    {"The answer is not A, it is B.", 'B'},
    {"reasoning The answer is A\n</think>\n\nAnswer: B", 'B'},
    {"A. Pneumonia - incorrect\nB. Pulmonary embolism - correct\nC. Lung cancer - incorrect", 'B'},
    {"Option A is incorrect. Option B is incorrect. Option D is incorrect. Therefore, the answer "
     "is C.",
     'C'},
    {"The best answer is therefore B, pulmonary embolism.", 'B'},
    {"My answer is B", 'B'},
    {"Answer B", 'B'},
    {"Answer is B", 'B'},
    {"B or C, but most likely the answer is C", 'C'},
    {"The answer is C (Lung cancer).", 'C'},
    {"**C. Lung cancer**", 'C'},
    {"The correct answer is **C. Lung cancer**.", 'C'},
    {"The correct answer is option C: Lung cancer", 'C'},
    {"- B", 'B'},
    {"> B", 'B'},
    {"Answer: B.\n\nExplanation: If there were fever, the answer would be A.", 'B'},
    {"ANSWER: B", 'B'},
    {"the answer is: b", 'B'},
    {"Letter: B", 'B'},
    {"Choice: C", 'C'},
    {"Diagnosis: Lung cancer", 'C'},
    {"Reasoning: A looks fine.\nConclusion: B", 'B'},
    {"Between A and B, I would select B.", 'B'},
    {"Normal", 'D'},
    {"The lungs are normal.", 'D'},
    {"A and B are wrong, so C.", 'C'},
    {"Answer: D (Normal)", 'D'},
    {"It's B", 'B'},
    {"B - Pulmonary embolism", 'B'},
    {"B because the vessels are cut off.", 'B'},
    {"A because of the consolidation.", 'A'},
    {"B, since there is a filling defect.", 'B'},
    {"The answer is likely to be C.", 'C'},
    {"The answer, in my opinion, is B.", 'B'},
    {"Answer: A.", 'A'},
    {"Answer: A Pneumonia", 'A'},
    {"Answer: A\nReason: The image ...", 'A'},
    {"Answer: a", 'A'},
    {"Hence option C best explains the finding.", 'C'},
    {"Correct option: (B)", 'B'},
    {"The right answer would be A.", 'A'},
    {"Thus, the correct answer is A: Pneumonia.", 'A'},
    {"C?", 'C'},
    {"Answer: C?", 'C'},
    {"The correct answer is **B) Pulmonary embolism**.", 'B'},
    {"Based on the image, the answer is:\n\n(B)", 'B'},
    {"B) Pulmonary embolism\n\nExplanation: the vessel is cut off.", 'B'},
    {"Sure! The answer is B.", 'B'},
    {"I am unable to view images, but the most likely answer is B.", 'B'},
    {"I cannot be sure. If I had to guess: C", 'C'},
    {"Answer: B (not A)", 'B'},
    {"My final answer is **(D)**.", 'D'},
    {"Ans: B", 'B'},
    {"Correct: B", 'B'},
    {"B\n\nThe image shows a filling defect.", 'B'},
    {"The best choice is D - Normal.", 'D'},
    {"Choose B.", 'B'},
    {"The answer is \"B\".", 'B'},
    {"Answer = B", 'B'},
    {"-> B", 'B'},
    {"**B. Pulmonary embolism** is the most likely diagnosis.", 'B'},
    {"The findings on this long series of slices, taken together with what the question says of "
     "the patient, are most consistent with option B.",
     'B'},
    {"It's not A, B, or C, so it must be D.", 'D'},
    {"Between A and B, B is more likely.", 'B'},
    {"I would rule out A and C. Between B and D, the wedge shape favors B.", 'B'},
    {"The answer is D, not B.", 'D'},
    {"The answer isn't B; it's C.", 'C'},
    {"Therefore, the incorrect statement is C.", 'C'},
    {"The image shows:\n1. A dense zone\n2. A clear angle\n\nThe answer is A.", 'A'},
    {"**Why not the others:**\n* **A. Pneumonia:** no fever.\n* **C. Lung cancer:** no mass.\n\n"
     "**Answer:** B",
     'B'},
};

const char* const kNoAnswers[] = {
    "A or B",
    "The answer is either A or B.",
    "Answer: A and C",
    "Answer: A, B",
    "Both B and C are possible.",
    "It could be A. It could be B.",
    "",
    "   ",
    "I'm sorry, but I can't help with that.",
    "I cannot determine the answer from this image.",
    "Failed to obtain answer via API.",
    "Error code: 500 - Internal Server Error",
    "A chest X-ray is shown.",
    "A 45-year-old man with fever.",
    "I don't know.",
    "None of the above.",
    "None of the options is correct.",
    "Answer: None of the above",
    "Answer: E",
    "E",
    "The answer is not B.",
    "Answer: X",
    "Answer:",
    "<think>The answer is B",
    "<think>The answer is A</think>",
    "A. Pneumonia\nB. Pulmonary embolism\nC. Lung cancer\nD. Normal",
    "Vitamin B deficiency",
    "Options: A, B, C, D",
    "The patient has type A blood and hepatitis B.",
    "answer B is wrong",
    "Answer: B or C",
    "This is not pneumonia.",
    "The answer cannot be B.",
    "Answer: not A",
    "Answer: I cannot tell",
    "Answer: Unable to determine",
    "Rate limit exceeded. Please try again later.",
    "AB",
    "A/B",
    "ABCD",
    "Neither A nor B is right.",
    "The answer is none of these.",
    "Answer: A; B",
    "Answer: A / C",
    "Image A shows the lung and image B shows the heart.",
    "502 Bad Gateway",
    "I'm sorry, I can't identify pneumonia in images.",
    "The correct option depends on the history.",
    "Please provide the image.",
    "<think>\n</think>\n",
};

TEST(AnswerLetter, RepliesThatAnswer) {
  for (const Case& one : kAnswers) {
    EXPECT_EQ(answer_letter(one.reply, kOptions), one.letter) << one.reply;
  }
}

TEST(AnswerLetter, RepliesWithoutAnAnswer) {
  for (const char* reply : kNoAnswers) {
    EXPECT_EQ(answer_letter(reply, kOptions), std::nullopt) << reply;
  }
}

TEST(AnswerLetter, OnlyTheQuestionsOwnLettersCount) {
  const std::map<char, std::string> two{{'A', "Yes"}, {'B', "No"}};
  EXPECT_EQ(answer_letter("Answer: C", two), std::nullopt);
  EXPECT_EQ(answer_letter("no", two), 'B');
  const std::map<char, std::string> five{
      {'A', "1"}, {'B', "2"}, {'C', "3"}, {'D', "4"}, {'E', "5"}};
  EXPECT_EQ(answer_letter("Answer: E", five), 'E');
  EXPECT_EQ(answer_letter("The answer is 4.", five), 'D');
}

TEST(AnswerLetter, OptionsThatBeginAlikeOrAreLetters) {
  const std::map<char, std::string> alike{{'A', "Cyst"}, {'B', "Cyst of the liver"}};
  EXPECT_EQ(answer_letter("The answer is cyst of the liver.", alike), 'B');
  EXPECT_EQ(answer_letter("The answer is cyst.", alike), 'A');
  const std::map<char, std::string> letters{{'A', "A"}, {'B', "B"}};
  EXPECT_EQ(answer_letter("It is a tube.", letters), std::nullopt);
  EXPECT_EQ(answer_letter("The answer is B.", letters), 'B');
}

// No reply may crash the reading of it, whatever bytes it holds.
TEST(AnswerLetter, AnyPieceOfAReply) {
  const std::string reply =
      "<think>A?</think>\n**Answer:** \\boxed{\\text{(B)}} \xE2\x80\xA2 <answer>C. Lung\xFF \n\n- "
      "D)";
  for (size_t begin = 0; begin < reply.size(); ++begin) {
    for (size_t length = 0; length <= reply.size() - begin; ++length) {
      answer_letter(std::string_view(reply).substr(begin, length), kOptions);
      reasoning_of(std::string_view(reply).substr(begin, length));
    }
  }
}

TEST(AnswerLetter, LongRepliesTakeNoLongTime) {
  std::string reply;
  for (int i = 0; i < 20000; ++i) reply += "option: is not answer B or so, ";
  answer_letter(reply, kOptions);
}

TEST(ReasoningOf, EndsWhereAnInventedQuestionBegins) {
  EXPECT_EQ(reasoning_of("Dense.\n\nAnswer: B\n\nQuestion: Which side?\nLeft.\nAnswer: A"),
            "Dense.");
  EXPECT_EQ(reasoning_of("Dense.\n\nAnswer: B<|im_end|>\n<|im_start|>user\nNext"), "Dense.");
  EXPECT_EQ(reasoning_of("Question: dense?\nYes.\n\nAnswer: B"), "Question: dense?\nYes.");
}

TEST(ReasoningOf, IsWhatStandsBeforeTheAnswerLine) {
  EXPECT_EQ(reasoning_of("Dense.\nWide.\n\nAnswer: B"), "Dense.\nWide.");
  EXPECT_EQ(reasoning_of("Dense.\n\n**Final answer:** B\n"), "Dense.");
  EXPECT_EQ(reasoning_of("<think>\nDense.\n</think>\n\nAnswer: B"), "Dense.");
  EXPECT_EQ(reasoning_of("<think>Dense.</think>\n<answer>B</answer>"), "Dense.");
  EXPECT_EQ(reasoning_of("<th</think>ink>Den<<think></think>think>se."), "Dense.");
  EXPECT_EQ(reasoning_of("Answer: B\nIt is dense."), "It is dense.");
  EXPECT_EQ(reasoning_of("It is dense."), "It is dense.");
  EXPECT_EQ(reasoning_of("Answer: B"), "");
  EXPECT_EQ(reasoning_of(""), "");
}

// Reads every reply of a file of marked replies; returns how many there were.
int read_marked_replies(const std::string& name, const char* remark) {
  int count = 0;
  for_each_line(prompt::golden_folder() + "/" + name, [&](size_t line, std::string_view text) {
    const Json row = parse_json(text, cat(name, ":", line));
    std::map<char, std::string> options;
    for (const auto& [letter, option] : row["options"].items()) options[letter[0]] = option;
    std::optional<char> expected;
    if (row["letter"].is_string()) expected = row["letter"].get<std::string>().at(0);
    EXPECT_EQ(answer_letter(row["reply"].get<std::string>(), options), expected)
        << line << ": " << row["reply"] << " to " << row["options"] << " (" << row[remark] << ")";
    ++count;
  });
  return count;
}

// Replies written for this test, each marked by hand.
TEST(AnswerLetter, HandMarkedReplies) {
  EXPECT_GE(read_marked_replies("hand_marked_replies.jsonl", "note"), 60);
}

// The same, by what they try: options that begin with letters, replies that lead with their answer,
// invented questions, rhetorical ones, requests for what is missing, signs.
TEST(AnswerLetter, RepliesByKind) {
  EXPECT_GE(read_marked_replies("replies_by_kind.jsonl", "kind"), 300);
}

// A file of replies from elsewhere, with "expected" a letter or nothing.
TEST(AnswerLetter, RepliesOfAGivenFile) {
  const char* path = std::getenv("LMC_REPLIES");
  if (path == nullptr) GTEST_SKIP() << "no LMC_REPLIES";
  for_each_line(path, [&](size_t line, std::string_view text) {
    const Json row = parse_json(text, cat(path, ":", line));
    std::map<char, std::string> options;
    for (const auto& [letter, option] : row["options"].items()) options[letter[0]] = option;
    const auto letter = answer_letter(row["reply"].get<std::string>(), options);
    EXPECT_EQ(letter ? std::string(1, *letter) : std::string(), row["expected"]) << row["reply"];
  });
}

// A reply that names an option by its text alone names it wherever it stands.
TEST(AnswerLetter, TextsAreReadInEveryOrder) {
  const std::vector<std::string> texts = {"T4\u2191, TSH\u2193", "T4\u2193, TSH\u2191", "B cells",
                                          "Hepatitis C"};
  const std::vector<std::string> frames = {"%", "The answer is %.", "Answer: %", "It shows %.",
                                           "%. The rest is not seen."};
  std::vector<size_t> order = {0, 1, 2, 3};
  do {
    std::map<char, std::string> options;
    for (size_t i = 0; i < 4; ++i) options[static_cast<char>('A' + i)] = texts[order[i]];
    for (const auto& [letter, text] : options) {
      for (std::string frame : frames) {
        const std::string reply = frame.replace(frame.find('%'), 1, text);
        EXPECT_EQ(answer_letter(reply, options), letter) << reply;
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(AnswerLetter, OfATrainingReply) {
  for (const prompt::ChatStyle chat :
       {prompt::ChatStyle::kInstruct, prompt::ChatStyle::kThinking}) {
    const std::string reply = prompt::training_reply(
        "Not A, as it is solid.", 'B', prompt::ReplyStyle::kReasoningThenAnswer, chat);
    EXPECT_EQ(answer_letter(reply, kOptions), 'B');
    EXPECT_EQ(reasoning_of(reply), "Not A, as it is solid.");
    EXPECT_EQ(answer_letter(prompt::training_reply("", 'A', prompt::ReplyStyle::kAnswerOnly, chat),
                            kOptions),
              'A');
  }
}

// Roll-outs of one question with all kinds of tags left open, doubled or missing.
TEST(AnswerLetterOfRealReplies, TaggedRollOuts) {
  const std::string path =
      prompt::shared_data() +
      "/model_outputs/medvlthinker/qwen2_5_vl_7b_16_rollouts_medmcqa15425.json";
  if (!file_exists(path)) GTEST_SKIP() << "no replies at " << path;
  const std::map<char, std::string> options{{'A', "Cap Stage."},
                                            {'B', "Bus Stage."},
                                            {'C', "Advanced Bell Stage."},
                                            {'D', "Early Bell Stage."}};
  std::string letters;
  const Json rows = read_json(path);
  for (const Json& one : rows["parsed_outputs"]) {
    letters += answer_letter(one["output_text"].get<std::string>(), options).value_or('-');
  }
  EXPECT_EQ(letters, "DCAACDDDDDDBDDDD");
}

}  // namespace
}  // namespace lmc::reading
