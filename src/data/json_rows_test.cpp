#include "data/json_rows.h"

#include <gmock/gmock.h>

#include "base/check.h"       // InputError
#include "data/own_answer.h"  // kSeveralAnswers
#include "data/test_folder.h"
#include "data/test_rows.h"

namespace lmc::data {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class JsonRowsTest : public FolderTest {
 protected:
  // "number:first-last=question" of each row, and "number:first-last!" of those with a problem.
  std::string rows_of(const std::string& text) {
    std::string found;
    for_each_json_row(write("rows.json", text), [&](JsonRow& row) {
      found += cat(row.number, ":", row.first_line, "-", row.last_line);
      const bool has_question = row.value.is_object() && row.value.contains("question");
      const std::string text = (has_question ? row.value["question"] : row.value).dump();
      found +=
          row.problem.empty() ? "=" + (has_question ? text.substr(1, text.size() - 2) : text) : "!";
      found += ";";
    });
    return found;
  }

  std::string error_of(const std::string& text) {
    try {
      rows_of(text);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  // Own questions: the answers' letters, '-' for a rejected row.
  std::string letters_of(const std::string& text) {
    set_ = {};
    for_each_json_line(write("own.jsonl", text), set_.collect());
    std::map<int64_t, char> letters;
    for (const SourceQuestion& one : set_.questions) letters[one.row] = one.question.answer;
    for (const RejectedRow& row : set_.rejected) letters[row.row] = '-';
    std::string found;
    for (const auto& [row, letter] : letters) found += letter;
    return found;
  }

  const record::Question& only(const std::string& text) {
    EXPECT_EQ(letters_of(text).size(), 1U) << text;
    if (set_.questions.empty()) {
      ADD_FAILURE() << text << ": " << set_.rejected.at(0).detail;
      set_.questions.emplace_back();
    }
    return set_.questions[0].question;
  }

  QuestionSet set_;
};

constexpr char kRow[] = R"("image":"a.png","question":"Q?","options":["x","y","z"])";

TEST_F(JsonRowsTest, LinesListsAndSpreadObjects) {
  EXPECT_EQ(rows_of("{\"question\":\"p\"}\n\n{\"question\":\"q\"}"), "1:1-1=p;3:3-3=q;");
  EXPECT_EQ(rows_of("\xEF\xBB\xBF{\"question\":\"p\"}\r\n{\"question\":\"q\"}\r\n \r\n"),
            "1:1-1=p;2:2-2=q;");
  EXPECT_EQ(rows_of("{\"question\":\"p\"}\r{\"question\":\"q\"}\r"), "1:1-1=p;2:2-2=q;");
  EXPECT_EQ(rows_of("[{\"question\":\"p\"},\n {\"question\":\"[}\\\"]\"}\n]\n"),
            "1:1-1=p;2:2-2=[}\\\"];");
  EXPECT_EQ(rows_of("\n[ ]"), "");
  EXPECT_EQ(rows_of("[{\"question\":\"p\"}]\n[]\n [{\"question\":\"q\"},]\n"), "1:1-1=p;2:3-3=q;")
      << "lists behind one another";
  EXPECT_EQ(rows_of("{\n \"question\": \"p\"\n}\n{\n \"question\": \"q\"\n}\n"),
            "1:1-3=p;2:4-6=q;");
  EXPECT_EQ(rows_of(""), "");
}

TEST_F(JsonRowsTest, ABadRowIsOneRow) {
  EXPECT_EQ(rows_of("{\"question\":\"p\"\n{\"question\":\"q\"}\n"), "1:1-1!;2:2-2=q;");
  EXPECT_EQ(rows_of("no JSON\n{\"question\":\"q\"}\n"), "1:1-1!;2:2-2=q;");
  EXPECT_EQ(rows_of("[{\"question\":\"p\"}, {\"question\" 5}, 3]"), "1:1-1=p;2:1-1!;3:1-1=3;");
  EXPECT_EQ(rows_of("{\"question\":\"p\\u0000\"}\n{\"question\":\"q\"}\n"), "1:1-1!;2:2-2=q;");
  EXPECT_EQ(rows_of("{\"question\":\"\u00F6\"}\n{\"question\":\"\xF6\"}\n"),
            "1:1-1=\u00F6;2:2-2!;");
}

TEST_F(JsonRowsTest, Windows1252AndUtf16AreDecoded) {
  EXPECT_EQ(rows_of("{\"question\":\"Gr\xF6\xDF"
                    "e\"}\n"),
            "1:1-1=Gr\u00F6\u00DFe;");
  std::string wide = "\xFF\xFE";
  for (const char c : std::string("{\"question\":\"p\"}\n")) wide += {c, '\0'};
  EXPECT_EQ(rows_of(wide), "1:1-1=p;");
}

TEST_F(JsonRowsTest, NanIsAbsentOutsideStrings) {
  Json value;
  for_each_json_row(
      write("r.json", R"({"question":"NaN\" NaN","a":NaN,"b":[-Infinity, 1],"c":null})"),
      [&](JsonRow& row) { value = row.value; });
  EXPECT_EQ(value.dump(), R"({"question":"NaN\" NaN","b":[null,1]})");
}

TEST_F(JsonRowsTest, OtherFormsAreNamed) {
  EXPECT_THAT(error_of("{\"data\": [{\"question\": \"p\"}], \"version\": 1}"),
              HasSubstr("one object with the keys \"data\", \"version\""));
  EXPECT_THAT(error_of("[{\"question\": \"p\"}, {\"question\": "),
              HasSubstr("item 2 is never closed"));
  EXPECT_THAT(error_of("[{\"question\": \"p\"} {\"question\": \"q\"}]"),
              HasSubstr("breaks off after 1 items"));
  EXPECT_THAT(error_of("[{\"question\": \"p\"}]\n, 7"),
              testing::AllOf(HasSubstr("json:2"), HasSubstr("text follows the list")));
  EXPECT_THAT(error_of("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("git-lfs"));
}

TEST_F(JsonRowsTest, OwnQuestionsMayBeWrittenInManyWays) {
  EXPECT_EQ(only(R"({"id":17,"answer":"b",)" + std::string(kRow) + "}").id, "17");
  EXPECT_EQ(set_.questions[0].question.answer, 'B');
  EXPECT_EQ(only(R"({"id":17.0,"group":3,"answer":"[C]",)" + std::string(kRow) + "}").id, "17");
  EXPECT_EQ(set_.questions[0].question.group, "3");
  const record::Question& nulls =
      only(R"({"id":"1","caption":null,"modality":NaN,"group":"nan","split":null,"boxes":null,)"
           R"("answer":"A",)" +
           std::string(kRow) + "}");
  EXPECT_EQ(cat(nulls.caption, nulls.modality, nulls.group, nulls.split), "");
  EXPECT_THAT(set_.notes, UnorderedElementsAre(Pair(HasSubstr("NaN"), 1)));
  EXPECT_EQ(
      only(R"({"images":["a.png"],"question":"Q?","options":"[\"x\",\"y\"]","answer":"y"})").image,
      "a.png");
  EXPECT_EQ(set_.questions[0].question.answer, 'B');
  EXPECT_EQ(only(R"({"image":["a.png"],"question":"Q?","options":"{\"a\":1,\"b\":2.5}",)"
                 R"("answer":"b"})")
                .options.at('B'),
            "2.5");
  EXPECT_EQ(only(R"({"image":"a.png","question":"Q?","options":{"A":"A. Liver","B":"B. Lung",)"
                 R"("C":null,"D":""},"answer":"B. Lung"})")
                .options.size(),
            2U);
  EXPECT_EQ(set_.questions[0].question.options.at('B'), "Lung");
  EXPECT_EQ(set_.notes.count(kOwnLetters), 1U);
}

TEST_F(JsonRowsTest, AnswersThatAreNumbers) {
  const std::string row = "\"image\":\"a.png\",\"options\":[\"x\",\"y\",\"z\"]}\n";
  const auto with = [&](const std::string& question, const std::string& member) {
    return "{\"question\":\"" + question + "\"," + member + "," + row;
  };
  EXPECT_EQ(letters_of(with("p", "\"answer\":0") + with("q", "\"answer\":2")), "AC");
  EXPECT_EQ(letters_of(with("p", "\"answer\":3") + with("q", "\"answer\":1")), "CA");
  EXPECT_EQ(letters_of(with("p", "\"answer\":1") + with("q", "\"answer\":2")), "--");
  EXPECT_EQ(letters_of(with("p", "\"answer_idx\":1") + with("q", "\"answer_idx\":2.0")), "BC");
  EXPECT_EQ(letters_of(with("p", "\"answer_idx\":\"C\",\"answer\":\"z\"") +
                       with("q", "\"answer_idx\":\"C\",\"answer\":\"x\"")),
            "C-");
}

TEST_F(JsonRowsTest, WhatIsNoOwnQuestionSaysWhy) {
  const auto problem_of = [&](const std::string& text) {
    EXPECT_EQ(letters_of(text), "-") << text;
    return set_.rejected.at(0).detail;
  };
  const std::string end = ",\"answer\":\"A\"}";
  EXPECT_THAT(
      problem_of("{\"question\":\"Q?\",\"images\":[\"a\",\"b\"],\"options\":[\"x\",\"y\"]" + end),
      HasSubstr("expected one image, found 2"));
  EXPECT_THAT(problem_of("{\"question\":\"Q?\",\"image\":\"a\",\"options\":\"['x', 'y']\"" + end),
              HasSubstr("single quotes"));
  EXPECT_THAT(
      problem_of("{\"question\":\"Q?\",\"image\":\"a\",\"options\":{\"1\":\"x\",\"2\":\"y\"}" +
                 end),
      HasSubstr("expected letters"));
  EXPECT_THAT(problem_of("{\"question\":\"Q?\",\"image\":\"a\",\"options\":[\"x\"]" + end),
              HasSubstr("two or more"));
  EXPECT_THAT(problem_of("{\"question\":\"Q?\",\"image\":\"a\"" + end), HasSubstr("is missing"));
  EXPECT_THAT(problem_of("{\"answer\":\"A,B\"," + std::string(kRow) + "}"),
              HasSubstr(kSeveralAnswers));
}

TEST_F(JsonRowsTest, PublishedSetsAreReadAsLeniently) {
  const std::string row =
      R"({"qid":4.0,"phrase_type":"freeform","image_name":"s.jpg","question":)"
      R"("Is it large?","answer":"No","answer_type":"CLOSED","evaluation":NaN})";
  const QuestionSet list = read_vqa_rad(write("v.json", "\xEF\xBB\xBF[" + row + "]"));
  ASSERT_EQ(list.questions.size(), 1U);
  EXPECT_EQ(list.questions[0].question.id, "vqa-rad/4");
  EXPECT_EQ(read_vqa_rad(write("v.jsonl", row + "\n")).questions.size(), 1U);
  const QuestionSet path = read_path_vqa(
      write("p.json",
            "\xEF\xBB\xBF[{\"image\":\"x\",\"question\":\"Is it?\",\"answer\":null},"
            "{\"image\":\"x\",\"question\":\"Is it?\",\"answer\":\"yes\",\"split\":null}]"));
  EXPECT_EQ(path.questions.size(), 1U);
  EXPECT_EQ(path.rejected.size(), 1U);
}

}  // namespace
}  // namespace lmc::data
