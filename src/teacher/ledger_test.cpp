#include "teacher/ledger.h"

#include "base/check.h"            // InternalError
#include "teacher/ledger_files.h"  // LedgerFilesTest, accepted_line

namespace lmc::teacher {
namespace {

using LedgerTest = LedgerFilesTest;

TEST_F(LedgerTest, MakesItsFolderAndKeepsWhatIsAppended) {
  const std::string file = path("runs/first/ledger.jsonl");
  {
    Ledger ledger(file);
    for (int i = 0; i < 100; ++i) {
      ledger.append(accepted_line(cat("q", i), "The apex is dark.", "B"));
      if (i % 30 == 0) ledger.sync();
    }
    ledger.sync();
    EXPECT_EQ(lines_of(file).size(), 100u);
    EXPECT_EQ(ledger.find("q0"), nullptr);  // only what stood there when it was opened
  }
  const Ledger again(file, Ledger::Access::kRead);
  ASSERT_NE(again.find("q99"), nullptr);
  EXPECT_TRUE(again.find("q99")->accepted);
  EXPECT_EQ(again.num_replies(), 100);
}

TEST_F(LedgerTest, TheLastLineOfAQuestionCounts) {
  const std::string file = write_records(
      "ledger.jsonl", std::vector<record::Explanation>{
                          rejected_line("q1", "The apex is dark.", "A", "wrong-answer"),
                          accepted_line("q2", "The base is white.", "C"),
                          accepted_line("q1", "The hilum is wide.", "B")});
  Ledger ledger(file);
  EXPECT_TRUE(ledger.find("q1")->accepted);
  EXPECT_TRUE(ledger.find("q1")->is_of_prompt(std::string(64, 'c')));
  EXPECT_FALSE(ledger.find("q1")->is_of_prompt(std::string(64, 'd')));
  EXPECT_EQ(ledger.find("q3"), nullptr);
  EXPECT_THROW(Ledger second(file), InputError);  // it is being written
}

TEST_F(LedgerTest, OpenedToReadItIsNotWritten) {
  Ledger ledger(path("none.jsonl"), Ledger::Access::kRead);
  EXPECT_THROW(ledger.append(accepted_line("q1", "The apex is dark.", "B")), InternalError);
  EXPECT_THROW(ledger.sync(), InternalError);
  EXPECT_FALSE(file_exists(path("none.jsonl")));
}

}  // namespace
}  // namespace lmc::teacher
