#include "teacher/merge.h"

#include <gmock/gmock.h>

#include "base/check.h"  // cat
#include "teacher/ledger_files.h"

namespace lmc::teacher {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using MergeTest = LedgerFilesTest;

constexpr const char* kHeart = "The cardiac silhouette is wider than half of the chest.";
constexpr const char* kLung = "The left lower lobe shows a dense consolidation.";

std::vector<std::string> ids_of(const std::vector<record::Explanation>& ledger) {
  std::vector<std::string> ids;
  for (const record::Explanation& line : ledger) ids.push_back(line.question_id);
  return ids;
}

TEST_F(MergeTest, ShardsBecomeOneLedgerInTheOrderOfTheirFirstLines) {
  const MergeOptions options{
      {write_records<record::Explanation>(
           "a.jsonl", {accepted_line("q3", kHeart, "A"), rejected_line("q1", "", "", "truncated"),
                       accepted_line("q1", kLung, "B")}),
       write_records<record::Explanation>("b.jsonl", {rejected_line("q2", kLung, "D", "gold-leak"),
                                                      accepted_line("q0", kHeart, "C")})},
      path("merged.jsonl")};
  const MergeResult result = merge_ledgers(options);
  const auto merged = record::read_ledger(options.out);
  EXPECT_THAT(ids_of(merged), ElementsAre("q3", "q1", "q2", "q0"));
  EXPECT_TRUE(merged[1].accepted);  // the last line of q1 counts
  EXPECT_EQ(merged[1].reasoning, kLung);
  ASSERT_EQ(result.files.size(), 2U);
  EXPECT_EQ(result.files[0].lines, 3);
  EXPECT_EQ(result.files[0].accepted, 2);
  EXPECT_EQ(result.files[0].rejected, 0);
  EXPECT_EQ(result.files[1].accepted, 1);
  EXPECT_EQ(result.files[1].rejected, 1);
  EXPECT_EQ(result.questions, 4);
  EXPECT_EQ(result.duplicates, 0);
  EXPECT_EQ(result.conflicts, 0);
  EXPECT_TRUE(lines_of(options.out + ".conflicts.jsonl").empty());
}

TEST_F(MergeTest, LinesAreCopiedAsTheyAre) {
  Json line = record::to_json(accepted_line("q1", kHeart, "A"));
  line["field_of_a_later_version"] = Json::array({1, 2});
  const MergeOptions options{
      {write("a.jsonl", to_text(line) + "\n"),
       write_records<record::Explanation>("b.jsonl", {accepted_line("q2", kLung, "B")})},
      path("merged.jsonl")};
  merge_ledgers(options);
  EXPECT_EQ(lines_of(options.out).at(0), line);
}

TEST_F(MergeTest, DuplicatesAreDroppedAndConflictsAreSettledAndListed) {
  record::Explanation same = accepted_line("same", kHeart, "A");
  same.teacher = "another name";  // not what a student learns
  const std::string a = write_records<record::Explanation>(
      "a.jsonl",
      {accepted_line("same", kHeart, "A"), rejected_line("late", kLung, "C", "judge"),
       accepted_line("both", kHeart, "A"), rejected_line("neither", kLung, "C", "judge")});
  const std::string b = write_records<record::Explanation>(
      "b.jsonl", {same, accepted_line("late", kLung, "B"), accepted_line("both", kLung, "A"),
                  rejected_line("neither", kHeart, "D", "gold-leak")});
  const std::string c =
      write_records<record::Explanation>("c.jsonl", {accepted_line("both", kHeart, "A")});
  const MergeOptions options{{a, b, c}, path("merged.jsonl")};
  const MergeResult result = merge_ledgers(options);

  const auto merged = record::read_ledger(options.out);
  ASSERT_THAT(ids_of(merged), ElementsAre("same", "late", "both", "neither"));
  EXPECT_EQ(merged[0].teacher, "Qwen3-VL-235B-A22B-Instruct");  // the first file's
  EXPECT_TRUE(merged[1].accepted);                              // beats the first file's reject
  EXPECT_EQ(merged[2].reasoning, kHeart);
  EXPECT_EQ(merged[3].reason, "judge");

  EXPECT_EQ(result.duplicates, 2);  // "same" of b, "both" of c
  EXPECT_EQ(result.conflicts, 3);
  EXPECT_THAT(result.conflicting, ElementsAre("late", "both", "neither"));
  const auto conflicts = lines_of(options.out + ".conflicts.jsonl");
  ASSERT_EQ(conflicts.size(), 3U);
  EXPECT_EQ(conflicts[0]["question_id"], "late");
  EXPECT_EQ(conflicts[0]["kept"], b);
  EXPECT_EQ(conflicts[0]["others"],
            Json::array({{{"file", a}, {"differs_in", {"verdict", "answer"}}}}));
  EXPECT_EQ(conflicts[1]["kept"], a);
  EXPECT_EQ(conflicts[1]["others"], Json::array({{{"file", b}, {"differs_in", {"reasoning"}}}}));
  EXPECT_THAT(summary(result),
              HasSubstr("duplicates dropped 2, conflicts 3 (late, both, neither)"));
  EXPECT_THAT(summary(result), HasSubstr(a + ": 4 lines, accepted 2, rejected 2\n"));
}

TEST_F(MergeTest, ALineThatAKillCutShortIsLeftOut) {
  const std::string a =
      write_records<record::Explanation>("a.jsonl", {accepted_line("q1", kHeart, "A")});
  const std::string b = write("b.jsonl", to_text(record::to_json(accepted_line("q2", kLung, "B"))) +
                                             "\n{\"question_id\": \"q3\", \"acc");
  const MergeOptions options{{a, b}, path("merged.jsonl")};
  EXPECT_EQ(merge_ledgers(options).questions, 2);
}

TEST_F(MergeTest, NothingIsOverwritten) {
  const std::string a =
      write_records<record::Explanation>("a.jsonl", {accepted_line("q1", kHeart, "A")});
  const std::string b =
      write_records<record::Explanation>("b.jsonl", {accepted_line("q2", kLung, "B")});
  const std::string other = write("other.jsonl", "");
  const auto error = [](const MergeOptions& options) {
    return input_error_of([&] { merge_ledgers(options); });
  };
  EXPECT_THAT(error({{a, b}, folder_ + "/./a.jsonl"}), HasSubstr("cannot be one of its inputs"));
  EXPECT_THAT(error({{a, b}, other}), HasSubstr("is there already"));
  EXPECT_THAT(error({{a, folder_ + "/../" + folder_.substr(folder_.rfind('/') + 1) + "/a.jsonl"},
                     path("m.jsonl")}),
              HasSubstr("given twice"));
  EXPECT_THAT(error({{a}, path("m.jsonl")}), HasSubstr("two or more"));
  EXPECT_THAT(error({{a, path("none.jsonl")}, path("m.jsonl")}), HasSubstr("no such ledger"));
  EXPECT_THAT(error({{a, write("bad.jsonl", "{\"question_id\": 3}\n")}, path("m.jsonl")}),
              HasSubstr("bad.jsonl:1"));
  EXPECT_FALSE(file_exists(path("m.jsonl")));
}

TEST_F(MergeTest, AFileOfTheConflictsNameThatIsNoneStays) {
  const MergeOptions options{
      {write_records<record::Explanation>("a.jsonl", {accepted_line("q1", kHeart, "A")}),
       write_records<record::Explanation>("b.jsonl", {accepted_line("q2", kLung, "B")})},
      path("merged.jsonl")};
  const std::string list = write("merged.jsonl.conflicts.jsonl", "{\"mine\": 1}\n");
  EXPECT_THAT(input_error_of([&] { merge_ledgers(options); }), HasSubstr("is there already"));
  EXPECT_EQ(read_file(list), "{\"mine\": 1}\n");
  EXPECT_FALSE(file_exists(options.out));
}

}  // namespace
}  // namespace lmc::teacher
