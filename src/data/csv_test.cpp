#include "data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/check.h"  // InputError
#include "base/files.h"  // write_file

namespace lmc::data {
namespace {

using testing::ElementsAre;
using Rows = std::vector<std::vector<std::string>>;

class CsvTest : public testing::Test {
 protected:
  ~CsvTest() override { std::filesystem::remove(path_); }

  Rows read(const std::string& text) {
    write_file(path_, text);
    CsvReader csv(path_);
    Rows rows;
    std::vector<std::string> cells;
    while (csv.next(cells)) rows.push_back(cells);
    return rows;
  }

  const std::string path_ = testing::TempDir() + "csv_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv";
};

TEST_F(CsvTest, QuotesCommasAndLineBreaks) {
  EXPECT_EQ(read("a,\"b,c\",d\n\"x \"\"y\"\" z\",\"two\nlines\",\n"),
            (Rows{{"a", "b,c", "d"}, {"x \"y\" z", "two\nlines", ""}}));
}

TEST_F(CsvTest, EveryLineBreakEndsARow) {
  EXPECT_EQ(read("a,b\r\nc,d\re,f\ng,h"), (Rows{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}}));
}

TEST_F(CsvTest, ByteOrderMarkIsSkipped) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a,b\n"),
            (Rows{{"a", "b"}}));
  EXPECT_EQ(read("\xEF\xBB"
                 "a\n"),
            (Rows{{"\xEF\xBB"
                   "a"}}));
}

TEST_F(CsvTest, AQuoteThatOpensNoCellIsText) {
  EXPECT_EQ(read("a \"b\",c\"\n"), (Rows{{"a \"b\"", "c\""}}));
  EXPECT_EQ(read("\"a\"b,c\n"), (Rows{{"ab", "c"}}));
}

TEST_F(CsvTest, BlankLinesAreNoRowsButEmptyCellsAre) {
  EXPECT_EQ(read("\na\n\n,\n\n"), (Rows{{"a"}, {"", ""}}));
  EXPECT_TRUE(read("").empty());
}

TEST_F(CsvTest, OpenQuoteNamesItsRow) {
  try {
    read("a,b\nc,\"d\ne,f\n");
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(":2: a quote is never closed"));
  }
}

TEST_F(CsvTest, LineOfARowCountsLineBreaksInCells) {
  write_file(path_, "a\n\"b\nb\"\n\nc\n");
  CsvReader csv(path_);
  std::vector<std::string> cells;
  std::vector<int64_t> lines;
  while (csv.next(cells)) lines.push_back(csv.line());
  EXPECT_THAT(lines, ElementsAre(1, 2, 5));
}

}  // namespace
}  // namespace lmc::data
