#include "data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

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

TEST_F(CsvTest, AStreamIsReadAsAFile) {
  // Every kind of break falls on every place around the end of a block of 64 KiB.
  for (size_t filler = 65520; filler < 65540; ++filler) {
    std::istringstream text(std::string(filler, 'x') + ",\"a\"\"\r\nb\",c\r\nd\r\n\"\"");
    CsvReader csv(text, "memory");
    std::vector<std::string> cells;
    ASSERT_TRUE(csv.next(cells));
    EXPECT_THAT(cells, ElementsAre(std::string(filler, 'x'), "a\"\nb", "c"));
    ASSERT_TRUE(csv.next(cells));
    EXPECT_THAT(cells, ElementsAre("d"));
    EXPECT_EQ(csv.line(), 3);
    EXPECT_FALSE(csv.next(cells));
  }
}

TEST_F(CsvTest, RowsOverTheLimitsAreErrors) {
  const auto error_of = [](const std::string& bytes) -> std::string {
    std::istringstream text(bytes);
    CsvReader csv(text, "t.csv");
    std::vector<std::string> cells;
    try {
      while (csv.next(cells)) {
      }
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(error_of("a\n" + std::string(4095, ',')), "");
  EXPECT_THAT(error_of("a\n" + std::string(4096, ',')),
              testing::HasSubstr("t.csv:2: this row has more than 4096 cells"));
  EXPECT_THAT(error_of("a\n\"" + std::string(5 << 20, '\n')),
              testing::HasSubstr("t.csv:2: this row is longer than 4194304 bytes"));
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
