#include "teacher/import.h"

#include <gmock/gmock.h>

#include "base/check.h"          // cat
#include "teacher/acceptance.h"  // judge
#include "teacher/export.h"
#include "teacher/foreign_answer.h"
#include "teacher/ledger_files.h"
#include "teacher/listed_options.h"

namespace lmc::teacher {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* kHeart =
    "The frontal radiograph shows a cardiac silhouette wider than half of the chest, so the heart "
    "is enlarged.";

class ImportTest : public LedgerFilesTest {
 protected:
  ImportTest() {
    questions_ = write_records<record::Question>(
        "questions.jsonl",
        {question_of("pmc/1", "Which organ is enlarged?",
                     {{'A', "Liver"}, {'B', "Heart"}, {'C', "Spleen"}, {'D', "Kidney"}}, 'B',
                     "images/PMC1_F1.jpg"),
         question_of("pmc/2", "What is the imaging modality?",
                     {{'A', "CT"}, {'B', "MRI"}, {'C', "X-ray"}, {'D', "Ultrasound"}}, 'C',
                     "images/PMC2_F1.jpg"),
         question_of("pmc/3", "What is the imaging modality?",
                     {{'A', "PET"}, {'B', "MRI"}, {'C', "X-ray"}, {'D', "CT"}}, 'A',
                     "images/PMC3_F1.jpg"),
         question_of("pmc/4", "What is the imaging modality?",
                     {{'A', "PET"}, {'B', "MRI"}, {'C', "X-ray"}, {'D', "CT"}}, 'B',
                     "images/PMC4_F1.jpg")});
  }

  ImportOptions options(const std::string& source) const {
    ImportOptions options;
    options.questions = questions_;
    options.source = source;
    options.out = path("ledger.jsonl");
    return options;
  }

  ImportResult run(const ImportOptions& options) {
    lines_.clear();
    return import_explanations(
        options,
        [](record::Explanation& line, const record::Question& question) {
          client::Completion reply;
          reply.text = line.reply;
          reply.finish = "stop";
          const Verdict verdict = judge(reply, question, {});
          line.accepted = verdict.accepted;
          line.reason = verdict.reason;
        },
        [&](const record::Explanation& line) { lines_.push_back(line); });
  }

  ImportResult run_rows(const std::vector<Json>& rows, bool match_images = true) {
    std::string text;
    for (const Json& row : rows) text += to_text(row) + "\n";
    ImportOptions one = options(write("foreign.jsonl", text));
    one.match_images = match_images;
    return run(one);
  }

  std::vector<std::pair<int, std::string>> unmatched() const {
    std::vector<std::pair<int, std::string>> all;
    for (const Json& line : lines_of(path("ledger.jsonl.unmatched.jsonl"))) {
      all.emplace_back(line["row"].get<int>(), line["reason"].get<std::string>());
    }
    return all;
  }

  static Json medvlthinker(const std::string& question, const std::string& options,
                           const std::string& label, const Json& reasoning) {
    return {{"images", Json::array({{{"bytes", nullptr}, {"path", nullptr}}})},
            {"question", question},
            {"options", options},
            {"answer_label", label},
            {"answer", ""},
            {"dataset_name", "pmc_vqa"},
            {"hash", nullptr},
            {"dataset_index", 17},
            {"reasoning", reasoning}};
  }

  static Json sharegpt(const std::string& id, const std::string& image, const std::string& asked,
                       const std::string& reply) {
    return {{"id", id},
            {"image", image},
            {"conversations", Json::array({{{"from", "human"}, {"value", asked}},
                                           {{"from", "gpt"}, {"value", reply}}})}};
  }

  std::string questions_;
  std::vector<record::Explanation> lines_;
};

// The rows that prepare_pmc_vqa.py and merge_pmc_vqa_cot.py make.
TEST_F(ImportTest, MedVlThinker) {
  const ImportResult result = run_rows(
      {medvlthinker("Which organ is  enlarged ?",
                    R"({"A": "Liver", "B": "Heart", "C": "Spleen", "D": "Kidney"})", "B", kHeart),
       medvlthinker("What is the imaging modality?",
                    R"({"D": "Ultrasound", "A": "CT", "B": "MRI", "C": "X-ray"})", "C",
                    cat("<think>", kHeart, "</think><answer>C</answer>")),
       medvlthinker("Which organ is enlarged?", R"({"A": "Liver", "B": "Heart"})", "B", nullptr)});
  EXPECT_EQ(result.form, "medvlthinker");
  ASSERT_EQ(lines_.size(), 2U);
  EXPECT_EQ(lines_[0].question_id, "pmc/1");
  EXPECT_TRUE(lines_[0].accepted) << lines_[0].reason;
  EXPECT_EQ(lines_[0].reasoning, kHeart);
  EXPECT_EQ(lines_[0].answer, "B");
  EXPECT_EQ(lines_[0].reply, cat(kHeart, "\n\nAnswer: B"));
  EXPECT_EQ(lines_[0].mode, "import");
  EXPECT_EQ(lines_[0].teacher, "medvlthinker");
  EXPECT_EQ(lines_[0].prompt_sha256, "");
  EXPECT_EQ(lines_[0].prompt_tokens, 0);
  EXPECT_EQ(lines_[1].question_id, "pmc/2");
  EXPECT_EQ(lines_[1].reasoning, kHeart);
  EXPECT_EQ(lines_[1].answer, "C");
  EXPECT_THAT(unmatched(), ElementsAre(Pair(3, "no explanation")));
}

TEST_F(ImportTest, LettersFollowTheOptionsTexts) {
  const std::string permuted = R"({"A": "Heart", "B": "Kidney", "C": "Liver", "D": "Spleen"})";
  ImportResult result = run_rows({medvlthinker("Which organ is enlarged?", permuted, "A", kHeart)});
  EXPECT_EQ(result.relettered, 1);
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0].answer, "B");
  EXPECT_TRUE(lines_[0].accepted);
  EXPECT_THAT(summary(result), HasSubstr("note, 1: the options stood in another order"));
  // A reasoning that speaks of "option A" would name the wrong one.
  result = run_rows({medvlthinker("Which organ is enlarged?", permuted, "A",
                                  cat(kHeart, " Therefore option A fits best.")),
                     medvlthinker("Which organ is enlarged?", permuted, "A",
                                  cat(kHeart, " A heart of this size is abnormal."))});
  EXPECT_EQ(lines_.size(), 1U);
  EXPECT_THAT(unmatched(), ElementsAre(Pair(1, "reasoning names letters of another order")));
}

TEST_F(ImportTest, LlavaCot) {
  const std::string asked =
      "<image>\nWhich organ is enlarged? Options: A. Liver, B. Heart, C. Spleen, D. Kidney";
  const std::string reply = cat(
      "<SUMMARY> I will look at the organs. </SUMMARY>\n\n<CAPTION> A frontal radiograph of the "
      "chest with a wide heart. </CAPTION>\n\n<REASONING> ",
      kHeart, " </REASONING>\n\n<CONCLUSION> ");
  const ImportResult result =
      run_rows({sharegpt("0", "chest/PMC1_F1.png", asked, cat(reply, "B </CONCLUSION>")),
                sharegpt("1", "chest/PMC1_F1.png", asked, "It is the heart.")});
  EXPECT_EQ(result.form, "llava-cot");
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0].reasoning,
            cat("A frontal radiograph of the chest with a wide heart.\n\n", kHeart));
  EXPECT_EQ(lines_[0].answer, "B");
  EXPECT_TRUE(lines_[0].accepted) << lines_[0].reason;
  EXPECT_THAT(unmatched(), ElementsAre(Pair(2, "no explanation")));
  for (const char* end :
       {"**B** </CONCLUSION>", "B: Heart\n</CONCLUSION>", "Heart </CONCLUSION>", "Heart"}) {
    run_rows({sharegpt("0", "chest/PMC1_F1.png", asked, cat(reply, end))});
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_EQ(lines_[0].answer, "B") << end;
  }
}

TEST_F(ImportTest, MessagesAsTextsAndAsParts) {
  const Json text = {
      {"model", "gpt-4o"},
      {"messages",
       Json::array({{{"role", "system"}, {"content", "You are a radiologist."}},
                    {{"role", "user"}, {"content", "<image>Which organ is enlarged?"}},
                    {{"role", "assistant"}, {"content", cat(kHeart, "\n\nAnswer: heart")}}})},
      {"images", Json::array({"PMC1_F1.jpg"})}};
  const Json parts = {
      {"messages",
       Json::array({{{"role", "user"},
                     {"content", Json::array({{{"type", "image"}, {"text", nullptr}},
                                              {{"type", "text"},
                                               {"text",
                                                "What is the imaging modality?\n(A) CT\n(B) MRI\n"
                                                "(C) X-ray\n(D) Ultrasound"}}})}},
                    {{"role", "assistant"},
                     {"content", Json::array({{{"type", "text"},
                                               {"text", cat(kHeart, "\n\nAnswer: C")}}})}}})},
      {"images", Json::array()}};
  run_rows({text, parts});
  ASSERT_EQ(lines_.size(), 2U);
  EXPECT_EQ(lines_[0].question_id, "pmc/1");
  EXPECT_EQ(lines_[0].answer, "B");
  EXPECT_EQ(lines_[0].teacher, "gpt-4o");
  EXPECT_EQ(lines_[1].question_id, "pmc/2");
  EXPECT_EQ(lines_[1].teacher, "messages");
}

// Three questions have the same text; two of them also the same options.
TEST_F(ImportTest, WhichQuestionIsMeant) {
  const std::string text = "Question: What is the imaging modality?";
  const std::string pet = text + "\nA. PET\nB. MRI\nC. X-ray\nD. CT";
  const std::string ct = text + "\nA. CT\nB. MRI\nC. X-ray\nD. Ultrasound";
  const std::string other = text + "\nA. SPECT\nB. MRI\nC. X-ray\nD. CT";
  const std::string reply = cat(kHeart, "\n\nAnswer: A");
  const ImportResult result = run_rows(
      {sharegpt("x1", "a/PMC4_F1.jpg", pet, reply),     // by image
       sharegpt("x2", "", ct, reply),                   // by options; "" names no image
       sharegpt("pmc/3", "b/PMC3_F1.jpg", pet, reply),  // by id
       sharegpt("x4", "PMC9_F1.jpg", pet, reply),       //
       sharegpt("x5", "PMC4_F1.jpg", other, reply),     //
       sharegpt("x6", "PMC1_F1.jpg", "What is the imaging modality of choice here?", reply),
       sharegpt("x7", "PMC4_F1.jpg", pet, reply)});  // again, after others
  EXPECT_THAT(unmatched(), ElementsAre(Pair(4, "another picture"), Pair(5, "other options"),
                                       Pair(6, "no such question"), Pair(7, "explained before")));
  ASSERT_EQ(lines_.size(), 3U);
  EXPECT_EQ(lines_[0].question_id, "pmc/4");
  EXPECT_EQ(lines_[0].reason, "wrong-answer");
  EXPECT_EQ(lines_[1].question_id, "pmc/2");
  EXPECT_EQ(lines_[2].question_id, "pmc/3");
  EXPECT_TRUE(lines_[2].accepted);
  EXPECT_THAT(result.rejected, UnorderedElementsAre(Pair("wrong-answer", 2)));

  run_rows({sharegpt("x1", "renamed/0001.jpg", pet, reply),
            sharegpt("x2", "renamed/0002.jpg", ct, reply)},
           false);
  EXPECT_THAT(unmatched(), ElementsAre(Pair(1, "ambiguous")));
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0].question_id, "pmc/2");
}

TEST_F(ImportTest, BadRowsEndNothing) {
  const std::string good = to_text(
      sharegpt("pmc/1", "PMC1_F1.jpg", "Which organ is enlarged?", cat(kHeart, "\nAnswer: B")));
  const ImportResult result = run(options(write(
      "foreign.jsonl", good + "\n{\"conversations\": 3}\n{\"conversations\": [{\"from\": 1}]}\n"
                              "not JSON\n[]\n{\"conversations\": []}\n")));
  EXPECT_EQ(result.rows, 6);
  EXPECT_EQ(result.lines, 1);
  EXPECT_THAT(unmatched(),
              ElementsAre(Pair(2, "unreadable"), Pair(3, "unreadable"), Pair(4, "unreadable"),
                          Pair(5, "unreadable"), Pair(6, "no explanation")));
  EXPECT_THAT(input_error_of([&] { run(options(write("f2.jsonl", "{\"text\": \"x\"}\n"))); }),
              HasSubstr("f2.jsonl:1: expected a row with messages"));
}

TEST_F(ImportTest, OneJsonListIsReadAsRows) {
  Json list = Json::array();
  for (int i = 0; i < 3; ++i) {
    list.push_back(sharegpt("pmc/1", "PMC1_F1.jpg", "Which organ is enlarged?",
                            cat(kHeart, " View ", i, ".\n\nAnswer: ", i == 1 ? "C" : "B")));
  }
  const ImportResult result = run(options(write("foreign.json", to_pretty_text(list))));
  EXPECT_EQ(result.rows, 3);
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0].reasoning, cat(kHeart, " View 0."));
  EXPECT_THAT(lines_[0].further_reasonings, ElementsAre(cat(kHeart, " View 2.")));
  EXPECT_EQ(lines_[0].samples, 3);
  EXPECT_EQ(result.further, 1);
}

TEST_F(ImportTest, WhatWasExportedComesBack) {
  record::Explanation first = accepted_line("pmc/1", kHeart, "B");
  first.further_reasonings = {cat(kHeart, " The lungs are clear."),
                              "The silhouette is wide:\n- A. not a small heart\n- 3 < 4"};
  const std::vector<record::Explanation> ledger = {
      first, accepted_line("pmc/3", "Uptake is seen without anatomy.\n\nSo it is nuclear.", "A"),
      rejected_line("pmc/4", kHeart, "A", "wrong-answer"), accepted_line("pmc/2", kHeart, "C")};
  for (const char* form : {"sharegpt", "messages"}) {
    ExportOptions exported;
    exported.questions = questions_;
    exported.explanations = write_records<record::Explanation>("in.jsonl", ledger);
    exported.out = path("export.jsonl");
    exported.form = form;
    export_explanations(exported);
    const ImportResult result = run(options(exported.out));
    EXPECT_EQ(result.form, form);
    EXPECT_EQ(result.accepted, 3);
    EXPECT_TRUE(result.unmatched.empty());
    ASSERT_EQ(lines_.size(), 3U);
    const record::Explanation expected[] = {ledger[0], ledger[3], ledger[1]};  // questions' order
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(lines_[i].question_id, expected[i].question_id);
      EXPECT_EQ(lines_[i].reasoning, expected[i].reasoning);
      EXPECT_EQ(lines_[i].answer, expected[i].answer);
      EXPECT_EQ(lines_[i].further_reasonings, expected[i].further_reasonings);
    }
  }
}

TEST(ListedOptions, ReadsTheUsualWaysOfWritingThem) {
  const std::map<char, std::string> ours = {{'A', "E. coli"}, {'B', "S. aureus"}, {'C', "+1"}};
  const auto letters = [&](const char* prompt) {
    const auto found = ListedOptions(prompt).letters_of(ours);
    std::string text;
    if (found) {
      for (const auto& [letter, foreign] : *found) text += foreign;
    }
    return text;
  };
  EXPECT_EQ(letters("Which? A. E. coli B. S. aureus C. +1"), "ABC");
  EXPECT_EQ(letters("Which?\n(A) S aureus\n(B) +1\n(C) e. coli\n\nAnswer with a letter."), "CAB");
  EXPECT_EQ(letters("Does vitamin A. help? Options: A: +1, B: E. coli, C: S. aureus."), "BCA");
  EXPECT_EQ(letters("Which? A. -1 B. S. aureus C. E. coli"), "");  // -1 is not +1
  EXPECT_FALSE(ListedOptions("A. CT scan of the chest is shown. Which organ?").any());
  // Two options that differ in signs only are told apart by them, in any order.
  const std::map<char, std::string> cells = {{'A', "CD4"}, {'B', "CD4-"}, {'C', "CD8"}};
  const auto swapped = ListedOptions("Which?\nA. CD4-\nB. CD8\nC. CD4").letters_of(cells);
  ASSERT_TRUE(swapped);
  EXPECT_EQ(*swapped, (std::map<char, char>{{'A', 'C'}, {'B', 'A'}, {'C', 'B'}}));
  const std::map<char, std::string> levels = {{'A', "T4\u2191"}, {'B', "T4\u2193"}};
  const auto turned = ListedOptions("(A) T4\u2193 (B) T4\u2191").letters_of(levels);
  ASSERT_TRUE(turned);
  EXPECT_EQ(*turned, (std::map<char, char>{{'A', 'B'}, {'B', 'A'}}));
  // Two options with the same words.
  const std::map<char, std::string> alike = {{'A', "(left)"}, {'B', "left"}};
  EXPECT_TRUE(ListedOptions("A. left\nB. left").letters_of(alike));
  EXPECT_FALSE(ListedOptions("A. right\nB. left\nC. left").letters_of(alike));
}

// The list of what was left out takes the place of an earlier one, and of nothing else.
TEST_F(ImportTest, AFileOfTheListsNameThatIsNoneStays) {
  const std::string list = path("ledger.jsonl.unmatched.jsonl");
  for (const char* other : {"notes of mine\n", "{\"question_id\": \"q\"}\n", "[1]"}) {
    write_file(list, other);
    EXPECT_THAT(input_error_of([&] { run_rows({sharegpt("x", "y.jpg", "?", "Answer: A")}); }),
                testing::HasSubstr("unmatched.jsonl: is there already"));
    EXPECT_EQ(read_file(list), other);
  }
  for (const char* earlier : {"", "{\"row\":1,\"reason\":\"x\"}\n"}) {
    write_file(list, earlier);
    run_rows({sharegpt("x", "y.jpg", "?", "Answer: A")});
    EXPECT_EQ(unmatched().size(), 1u);
  }
}

}  // namespace
}  // namespace lmc::teacher
