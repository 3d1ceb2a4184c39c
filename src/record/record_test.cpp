#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/files.h"   // write_file
#include "base/sha256.h"  // sha256_hex
#include "record/answer.h"
#include "record/explanation.h"
#include "record/manifest.h"
#include "record/question.h"

namespace lmc::record {
namespace {

using testing::HasSubstr;

class RecordTest : public testing::Test {
 protected:
  RecordTest() { make_folder(folder_); }
  ~RecordTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    write_file(folder_ + "/" + name, text);
    return folder_ + "/" + name;
  }

  const std::string folder_ = testing::TempDir() + "record_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

// What the call throws as an InputError; fails when it throws nothing.
template <class Call>
std::string input_error(const Call& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no InputError";
  return "";
}

Question full_question() {
  Question question;
  question.id = "pmc-vqa-2/35";
  question.image = "figures/PMC1_F1.jpg";
  question.image_sha256 = std::string(64, 'a');
  question.question = "Which \"color\"?\nTwo lines, \xC2\xB5m";
  question.options = {{'A', "Green"}, {'B', "None"}};
  question.answer = 'B';
  question.caption = "A cell.";
  question.split = "train";
  question.source = "pmc-vqa-2:train_2.csv";
  question.group = "PMC1_F1";
  question.boxes = {{"nodule", {1, 2.5, 30, 40}}};
  question.modality = "xray";
  return question;
}

TEST_F(RecordTest, QuestionKeepsEveryField) {
  const Question in = full_question();
  const std::string path = write("q.jsonl", to_text(to_json(in)) + "\n");
  const std::vector<Question> all = read_questions(path);
  ASSERT_EQ(all.size(), 1U);
  const Question& out = all[0];
  EXPECT_EQ(out.image, folder_ + "/figures/PMC1_F1.jpg");
  Question same = out;
  same.image = in.image;
  EXPECT_EQ(to_json(same), to_json(in));
  ASSERT_EQ(out.boxes.size(), 1U);
  EXPECT_EQ(out.boxes[0].ltrb_px[1], 2.5);
  EXPECT_EQ(out.options, in.options);
}

TEST_F(RecordTest, AbsoluteImagePathStays) {
  Question in = full_question();
  in.image = "/data/x.png";
  const std::string path = write("q.jsonl", to_text(to_json(in)) + "\n");
  EXPECT_EQ(read_questions(path)[0].image, "/data/x.png");
}

TEST_F(RecordTest, UnknownKeysAndCrlfAreFine) {
  Json json = to_json(full_question());
  json["reviewed_by"] = "someone";
  json["schema"] = 1;
  const std::string path = write("q.jsonl", to_text(json) + "\r\n\r\n");
  EXPECT_EQ(read_questions(path).size(), 1U);
}

TEST_F(RecordTest, NewerSchemaIsRefused) {
  Json json = to_json(full_question());
  json["schema"] = 2;
  const std::string path = write("q.jsonl", to_text(json) + "\n");
  EXPECT_THAT(input_error([&] { read_questions(path); }),
              AllOf(HasSubstr("q.jsonl:1"), HasSubstr("found 2")));
}

TEST_F(RecordTest, EveryRequiredQuestionKeyIsMissed) {
  const Json whole = to_json(full_question());
  for (const std::string key :
       {"id", "image", "image_sha256", "question", "options", "answer", "split", "source"}) {
    Json json = whole;
    json.erase(key);
    const std::string path = write("q.jsonl", to_text(whole) + "\n" + to_text(json) + "\n");
    EXPECT_THAT(input_error([&] { read_questions(path); }),
                AllOf(HasSubstr("q.jsonl:2"), HasSubstr("\"" + key + "\" is missing")));
  }
}

TEST_F(RecordTest, WrongQuestionsAreErrors) {
  const Json whole = to_json(full_question());
  const auto error_of = [&](const std::string& key, const Json& value) {
    Json json = whole;
    json[key] = value;
    return input_error([&] { question_from_json(json, "here"); });
  };
  EXPECT_THAT(error_of("answer", "C"), HasSubstr("there is no option C"));
  EXPECT_THAT(error_of("answer", "AB"), HasSubstr("one letter"));
  EXPECT_THAT(error_of("options", {{"A", "only"}}), HasSubstr("two or more"));
  EXPECT_THAT(error_of("options", {{"a", "x"}, {"b", "y"}}), HasSubstr("found \"a\""));
  EXPECT_THAT(error_of("options", {{"A", 1}, {"B", "y"}}), HasSubstr("expected string"));
  EXPECT_THAT(error_of("id", ""), HasSubstr("empty"));
  EXPECT_THAT(error_of("boxes", Json::parse(R"([{"label": "x", "ltrb_px": [1, 2]}])")),
              HasSubstr("found 2 numbers"));
}

TEST_F(RecordTest, RepeatedIdIsAnError) {
  const std::string line = to_text(to_json(full_question())) + "\n";
  const std::string path = write("q.jsonl", line + line);
  EXPECT_THAT(input_error([&] { read_questions(path); }),
              AllOf(HasSubstr("q.jsonl:2"), HasSubstr("occurs twice")));
}

TEST_F(RecordTest, QuestionFileCutShortIsAnError) {
  const std::string line = to_text(to_json(full_question()));
  const std::string path = write("q.jsonl", line + "\n" + line.substr(0, 40));
  EXPECT_THAT(input_error([&] { read_questions(path); }), HasSubstr("q.jsonl:2: not valid JSON"));
}

TEST_F(RecordTest, WhatIsNoQuestionFileSaysWhatItMayBe) {
  const std::string line = to_text(to_json(full_question()));
  const auto error_of = [&](const std::string& text) {
    const std::string path = write("q.jsonl", text);
    return input_error([&] { read_questions(path); });
  };
  const std::string marked = write("q.jsonl", "\xEF\xBB\xBF" + line + "\n");
  EXPECT_EQ(read_questions(marked).size(), 1U) << "a byte order mark is nothing";
  EXPECT_THAT(error_of("\xFF\xFE{"), HasSubstr("UTF-16"));
  EXPECT_THAT(error_of("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("git lfs pull"));
  EXPECT_THAT(error_of("<!DOCTYPE html>\n"), HasSubstr("web page"));
  EXPECT_THAT(error_of("[" + line + "]\n"), HasSubstr("jq -c '.[]'"));
  EXPECT_THAT(error_of(to_pretty_text(to_json(full_question()))), HasSubstr("jq -c ."));
  EXPECT_THAT(error_of("{\"id\": NaN}\n"), HasSubstr("write null"));
}

Explanation explanation(const std::string& id, bool accepted) {
  Explanation line;
  line.question_id = id;
  line.accepted = accepted;
  line.reason = accepted ? "" : "other-letter";
  line.reasoning = "The heart is wide.";
  line.answer = "A";
  line.reply = "The heart is wide.\n\nAnswer: A";
  line.mode = "reject";
  line.teacher = "teacher";
  line.prompt_sha256 = "00";
  line.prompt_tokens = 7;
  line.reply_tokens = 9;
  return line;
}

TEST_F(RecordTest, LastLedgerLineOfAQuestionCounts) {
  const auto line = [](const Explanation& one) { return to_text(to_json(one)) + "\n"; };
  const std::string path =
      write("l.jsonl", line(explanation("q1", false)) + line(explanation("q2", true)) +
                           line(explanation("q1", true)) + R"({"question_id": "q3", "acc)");
  const std::vector<Explanation> ledger = read_ledger(path);
  ASSERT_EQ(ledger.size(), 2U);
  EXPECT_EQ(to_json(ledger[0]), to_json(explanation("q1", true)));
  EXPECT_EQ(ledger[1].question_id, "q2");
}

TEST_F(RecordTest, BrokenLedgerLineBeforeTheLastIsAnError) {
  const std::string good = to_text(to_json(explanation("q1", true))) + "\n";
  std::string path = write("l.jsonl", "{\"question_id\n" + good);
  EXPECT_THAT(input_error([&] { read_ledger(path); }), HasSubstr("l.jsonl:1: not valid JSON"));
  path = write("l.jsonl", good + "{\"question_id\n");  // whole, as it has its line break
  EXPECT_THAT(input_error([&] { read_ledger(path); }), HasSubstr("l.jsonl:2: not valid JSON"));
}

TEST_F(RecordTest, AnswerKeepsEveryField) {
  Answer in{"q1", "A", "B", "Answer: B", "end", 4, {}, ""};
  in.letter_log_probability = {{'A', -0.1}, {'B', -std::numeric_limits<double>::infinity()}};
  Answer failed{"q2", "A", "", "", "", 0, {}, "x.png: not an image"};
  const std::string path =
      write("a.jsonl", to_text(to_json(in)) + "\n" + to_text(to_json(failed)) + "\n");
  const std::vector<Answer> out = read_answers(path);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(to_json(out[0]), to_json(in));
  EXPECT_EQ(out[0].letter_log_probability.at('A'), -0.1);
  EXPECT_TRUE(std::isinf(out[0].letter_log_probability.at('B')));
  EXPECT_EQ(out[1].error, failed.error);
  EXPECT_EQ(out[1].letter, "");
}

TEST_F(RecordTest, WrongAnswersAreErrors) {
  const Json whole = to_json(Answer{"q1", "A", "B", "Answer: B", "end", 4, {}, ""});
  Json json = whole;
  json["letter"] = "none";
  EXPECT_THAT(input_error([&] { answer_from_json(json, "here"); }), HasSubstr("\"none\""));
  json = whole;
  json["reply_tokens"] = 1.5;
  EXPECT_THAT(input_error([&] { answer_from_json(json, "here"); }), HasSubstr("integer"));
  const std::string line = to_text(whole) + "\n";
  const std::string path = write("a.jsonl", line + line);
  EXPECT_THAT(input_error([&] { read_answers(path); }), HasSubstr("answered twice"));
}

TEST_F(RecordTest, ManifestNamesBuildAndInputs) {
  const std::string input = write("in.txt", "abc");
  make_folder(folder_ + "/run");
  write_manifest(folder_ + "/run/manifest.json",
                 {"train", {{"rank", 16}}, {input}, {{"torch", "2.6"}}, "cpu"});
  const Json json = read_json(folder_ + "/run/manifest.json");
  EXPECT_EQ(json["command"], "train");
  EXPECT_EQ(json["options"]["rank"], 16);
  EXPECT_EQ(json["inputs"][0]["path"], input);
  // FIPS 180-2, appendix B.1: the hash of "abc".
  EXPECT_EQ(json["inputs"][0]["sha256"],
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(json["libraries"]["torch"], "2.6");
  EXPECT_THAT(json["version"].get<std::string>(),
              testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  const std::string commit = json["commit"];
  EXPECT_TRUE(commit == "unknown" ||
              commit.substr(0, 40).find_first_not_of("0123456789abcdef") == std::string::npos)
      << commit;
  EXPECT_THAT(json["time"].get<std::string>(), testing::MatchesRegex("20..-..-..T..:..:..Z"));
}

TEST_F(RecordTest, HashOfAFolderIsThatOfItsFiles) {
  make_folder(folder_ + "/model/deep");
  write("model/b", "b");
  write("model/a", "a");
  write("model/deep/c", "c");
  const auto line = [](const std::string& text, const std::string& name) {
    return sha256_hex(text) + "  " + name + "\n";
  };
  EXPECT_EQ(sha256_of_input(folder_ + "/model"),
            sha256_hex(line("a", "a") + line("b", "b") + line("c", "deep/c")));
  EXPECT_THAT(input_error([&] { sha256_of_input(folder_ + "/none"); }), HasSubstr("no such file"));
}

}  // namespace
}  // namespace lmc::record
