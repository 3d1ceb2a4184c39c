#include "data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "base/check.h"  // InputError, cat
#include "base/files.h"  // write_file

namespace lmc::data {
namespace {

using testing::ElementsAre;
using Rows = std::vector<std::vector<std::string>>;

class CsvTest : public testing::Test {
 protected:
  ~CsvTest() override { std::filesystem::remove(path_); }

  // Of a table without a header: as the bytes say.
  Rows read(const std::string& text) {
    write_file(path_, text);
    CsvReader csv(path_);
    Rows rows;
    CsvRow row;
    while (csv.next(row)) {
      EXPECT_EQ(row.problem, nullptr) << text;
      rows.push_back(row.cells);
    }
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
  // Half of one is two letters of Windows-1252.
  EXPECT_EQ(read("\xEF\xBB"
                 "a\n"),
            (Rows{{"\u00EF\u00BB"
                   "a"}}));
}

TEST_F(CsvTest, AQuoteThatOpensNoCellIsText) {
  EXPECT_EQ(read("a \"b\",c\"\n"), (Rows{{"a \"b\"", "c\""}}));
  EXPECT_EQ(read("\"a\" ,\"b\"\t\n"), (Rows{{"a", "b"}})) << "blanks behind a closing quote";
}

TEST_F(CsvTest, BlankLinesAreNoRowsButEmptyCellsAre) {
  EXPECT_EQ(read("\na\n\n,\n\n"), (Rows{{"a"}, {"", ""}}));
  EXPECT_TRUE(read("").empty());
}

TEST_F(CsvTest, AStreamIsReadAsAFile) {
  // Every kind of break falls on every place around the end of a block of 64 KiB.
  for (size_t filler = 65520; filler < 65540; ++filler) {
    std::istringstream text(std::string(filler, 'x') + ",\"a\"\"\r\nb\",c\r\nd\r\n\"\"");
    CsvReader csv(text, "memory");
    CsvRow row;
    ASSERT_TRUE(csv.next(row));
    EXPECT_THAT(row.cells, ElementsAre(std::string(filler, 'x'), "a\"\nb", "c"));
    EXPECT_EQ(row.last_line, 2);
    ASSERT_TRUE(csv.next(row));
    EXPECT_THAT(row.cells, ElementsAre("d"));
    EXPECT_EQ(row.first_line, 3);
    EXPECT_FALSE(csv.next(row));
  }
}

TEST_F(CsvTest, RowsOverTheLimitsAreRejectedAndReadingGoesOn) {
  const auto lines_of_problems = [](const std::string& bytes) {
    std::istringstream text(bytes);
    CsvReader csv(text, "t.csv");
    csv.read_header();
    std::string found;
    CsvRow row;
    while (csv.next(row)) {
      found += cat(row.first_line, "-", row.last_line, ":",
                   row.problem == nullptr ? "ok" : row.problem, ";");
    }
    return found;
  };
  const std::string many(4096, ',');
  EXPECT_EQ(lines_of_problems("a,b\n" + many + "\n1,2\n"), cat("2-2:", kTooManyCells, ";3-3:ok;"));
  // A line without end, and a quote without end in a table of one column.
  EXPECT_EQ(lines_of_problems("a,b\n" + std::string(5 << 20, 'x') + "\n1,2\n"),
            cat("2-2:", kTooLongRow, ";3-3:ok;"));
  const std::string breaks(5 << 20, '\n');
  EXPECT_THAT(lines_of_problems("a,b\n\"" + breaks + "1,2\n"),
              testing::AllOf(testing::StartsWith("2-"), testing::HasSubstr(kTooLongRow),
                             testing::EndsWith(":ok;")));
}

TEST_F(CsvTest, LineOfARowCountsLineBreaksInCells) {
  write_file(path_, "a\n\"b\nb\"\n\nc\n");
  CsvReader csv(path_);
  CsvRow row;
  std::vector<int64_t> lines;
  while (csv.next(row)) {
    lines.push_back(row.first_line);
    lines.push_back(row.last_line);
  }
  EXPECT_THAT(lines, ElementsAre(1, 1, 2, 3, 5, 5));
}

// One file a line: what is read of it, as "first line of the row|cell|cell;", and "first-last!" for
// lines that are rejected. Rows are those whose image is a file's name; "scan" makes what may be a
// row.
struct TableCase {
  const char* name;
  std::string text;
  std::string wanted;
};

std::string summary(const std::string& text) {
  std::istringstream stream(text);
  CsvReader csv(stream, "t.csv");
  const CsvRow header = csv.read_header();
  csv.set_likeness([](const std::vector<std::string>& cells) {
    const bool is_row = cells.size() > 1 && cells[1].find(".jpg") != std::string::npos;
    const bool may_be = cells.size() > 1 && cells[1].starts_with("scan");
    return is_row ? RowLikeness::kRow : may_be ? RowLikeness::kMayBeRow : RowLikeness::kNoRow;
  });
  std::string found;
  CsvRow row;
  while (csv.next(row)) {
    if (row.problem != nullptr) {
      found += cat(row.first_line, "-", row.last_line, "!;");
      EXPECT_TRUE(row.cells.empty());
      continue;
    }
    found += cat(row.first_line);
    for (const std::string& cell : row.cells) found += "|" + cell;
    found += ";";
  }
  return found;
}

TEST_F(CsvTest, OpenQuotesLoseNoRowBesideTheirOwn) {
  const std::string h = "id,image,q,A\n";
  const std::vector<TableCase> cases = {
      {"closed by a quote further down", h + "1,a.jpg,\"What,x\n2,b.jpg,\"Why\",y\n3,c.jpg,z,w\n",
       "2-2!;3|2|b.jpg|Why|y;4|3|c.jpg|z|w;"},
      {"closed by a sign of inches before a comma: looks like one good row",
       h + "1,a.jpg,\"What,x\n2,b.jpg,Is it 5\",y\n3,c.jpg,z,w\n",
       "2-2!;3|2|b.jpg|Is it 5\"|y;4|3|c.jpg|z|w;"},
      {"three rows in one cell", h + "1,a.jpg,\"What,x\n2,b.jpg,u,v\n3,c.jpg,5\",w\n",
       "2-2!;3|2|b.jpg|u|v;4|3|c.jpg|5\"|w;"},
      {"never closed", h + "1,a.jpg,\"What,x\n2,b.jpg,u,v\n3,c.jpg,z,w\n",
       "2-2!;3|2|b.jpg|u|v;4|3|c.jpg|z|w;"},
      {"never closed in the last row", h + "1,a.jpg,u,v\n2,b.jpg,\"z,w\n", "2|1|a.jpg|u|v;3-3!;"},
      {"never closed, without a last line break", h + "1,a.jpg,u,v\n2,b.jpg,\"z,w",
       "2|1|a.jpg|u|v;3-3!;"},
      {"a quote that closes in the middle of a word",
       h + "1,a.jpg,\"Is it 5\" long\",x\n2,b.jpg,u,v\n", "2-2!;3|2|b.jpg|u|v;"},
      {"an apostrophe is no quote", h + "1,a.jpg,'What,x\n2,b.jpg,u',v\n",
       "2|1|a.jpg|'What|x;3|2|b.jpg|u'|v;"},
      {"the lines below are no rows: all are rejected as one",
       h + "1,a.jpg,\"What,x\nno row,at all\nnor,\"this one\n2,b.jpg,u,v\n", "2-4!;5|2|b.jpg|u|v;"},
      {"a row below that has line breaks itself",
       h + "1,a.jpg,\"What,x\n2,b.jpg,\"u\nu\",v\n3,c.jpg,z,w\n",
       "2-2!;3|2|b.jpg|u\nu|v;5|3|c.jpg|z|w;"},
      {"two of them", h + "1,a.jpg,\"What,x\n2,b.jpg,u,v\n3,c.jpg,\"z,w\n4,d.jpg,s,t\n",
       "2-2!;3|2|b.jpg|u|v;4-4!;5|4|d.jpg|s|t;"},
      {"in the first cell", h + "\"1,a.jpg,What,x\n2,b.jpg,u,v\n", "2-2!;3|2|b.jpg|u|v;"},
      {"in the last cell", h + "1,a.jpg,What,\"x\n2,b.jpg,u,v\n", "2-2!;3|2|b.jpg|u|v;"},
      {"CRLF", "id,image,q,A\r\n1,a.jpg,\"What,x\r\n2,b.jpg,u,v\r\n", "2-2!;3|2|b.jpg|u|v;"},
      {"CR", "id,image,q,A\r1,a.jpg,\"What,x\r2,b.jpg,u,v\r", "2-2!;3|2|b.jpg|u|v;"},
      {"in a table with semicolons", "id;image;q;A\n1;a.jpg;\"What;x\n2;b.jpg;u, u;v\n",
       "2-2!;3|2|b.jpg|u, u|v;"},
      {"line breaks that are meant", h + "1,a.jpg,\"What\nis\nit?\",x\n2,b.jpg,u,v\n",
       "2|1|a.jpg|What\nis\nit?|x;5|2|b.jpg|u|v;"},
      {"prose with as many commas as a row",
       h + "1,a.jpg,\"A man, with fever\nand cough, rash, what\",x\n2,b.jpg,u,v\n",
       "2|1|a.jpg|A man, with fever\nand cough, rash, what|x;4|2|b.jpg|u|v;"},
      {"a table in a cell, with Excel's line breaks",
       "id,image,q,A\r\n1,a.jpg,\"See\n9,z.jpg,n,m\",x\r\n2,b.jpg,u,v\r\n",
       "2|1|a.jpg|See\n9,z.jpg,n,m|x;4|2|b.jpg|u|v;"},
      {"the header's line break is another than the rows'",
       "id,image,q,A\r\n1,a.jpg,\"What,x\n2,b.jpg,5\",v\n3,c.jpg,z,w\n",
       "2-2!;3|2|b.jpg|5\"|v;4|3|c.jpg|z|w;"},
      {"a line that may be a row", h + "1,a.jpg,\"What,x\n2,scan 2,5\",v\n3,c.jpg,z,w\n",
       "2-3!;4|3|c.jpg|z|w;"},
      {"a row too short", h + "1,a.jpg,u\n2,b.jpg,u,v\n", "2|1|a.jpg|u;3|2|b.jpg|u|v;"},
  };
  for (const TableCase& one : cases) EXPECT_EQ(summary(one.text), one.wanted) << one.name;
}

TEST_F(CsvTest, CommasAtTheEndOfRows) {
  const std::vector<TableCase> cases = {
      {"in all rows", "a,b\n1,2,\n\n3,4,\n5,6,\n", "2|1|2;4|3|4;5|5|6;"},
      {"in the only row", "a,b\n1,2,,\n", "2|1|2;"},
      {"in the header", "a,b,\n1,2\n3,4\n", "2|1|2|;3|3|4|;"},
      {"in header and rows", "a,b,\n1,2,\n3,4,\n", "2|1|2|;3|3|4|;"},
      // "2, 3" was one cell, and the last one is empty.
      {"a separator in a cell of a later row", "a,b,c,d\n5,6,7,8\n1,2, 3,4,\n9,6,7,\n",
       "2|5|6|7|8;3|1|2| 3|4|;4|9|6|7|;"},
      {"a separator in a cell of the first row", "a,b,c,d\n1,2, 3,4,\n5,6,7,8\n9,6,7,\n",
       "2|1|2| 3|4|;3|5|6|7|8;4|9|6|7|;"},
      {"a separator in a cell below a header with a comma behind",
       "a,b,c,\n1,2,3\n4,5, 5,6\n4,5, 5,\n7,8,9\n", "2|1|2|3|;3-3!;4-4!;5|7|8|9|;"},
      {"such a first row", "a,b,c,\n4,5, 5,\n7,8,9\n", "2-2!;3|7|8|9|;"},
      {"more than other rows, or fewer", "a,b\n1,2,\n3,4,\n3,4,,\n5,6\n7,8,\n9,9,\n",
       "2|1|2;3|3|4;4|3|4||;5-5!;6|7|8;7|9|9;"},
      {"a separator in a cell of the first two rows", "a,b,c\n1, 2,3,\n1, 2,4,\n5,6,7\n8,9,1\n",
       "2|1| 2|3|;3|1| 2|4|;4|5|6|7;5|8|9|1;"},
      {"a separator in a cell of all rows but one", "a,b,c\n1,2,3,4\n1, 2,4,\n",
       "2|1|2|3|4;3|1| 2|4|;"},
      {"with something behind", "a,b\n1,2,x\n", "2|1|2|x;"},
      {"a cell missing", "a,b,c\n1,2\n", "2|1|2;"},
      {"an index without a name", ",a,b\n0,1,2\n", "2|0|1|2;"},
  };
  for (const TableCase& one : cases) EXPECT_EQ(summary(one.text), one.wanted) << one.name;
}

TEST_F(CsvTest, TheHeaderTellsTheSeparator) {
  const auto notes_of = [](const std::string& text) {
    std::istringstream stream(text);
    CsvReader csv(stream, "t.csv");
    csv.read_header();
    CsvRow row;
    EXPECT_TRUE(csv.next(row)) << text;
    std::string notes;
    for (const char* note : row.notes) notes += cat(note, ";");
    EXPECT_THAT(row.cells, ElementsAre("1", "2,5")) << text;
    return notes;
  };
  EXPECT_EQ(notes_of("a,b\n1,\"2,5\"\n"), "");
  EXPECT_EQ(notes_of("a;b\n1;2,5\n"), "cells are separated by semicolons;");
  EXPECT_EQ(notes_of("\"a, x\";\"b\"\n1;2,5\n"), "cells are separated by semicolons;");
  EXPECT_EQ(notes_of("a\tb\r\n1\t2,5\r\n"), "cells are separated by tabulators;");
  EXPECT_EQ(notes_of("a|b\n1|2,5\n"), "cells are separated by bars;");
  EXPECT_EQ(notes_of("sep=,\na,b\n1,\"2,5\"\n"), "");
  EXPECT_EQ(notes_of("sep=;\r\na;b\r\n1;2,5\r\n"), "cells are separated by semicolons;");
  EXPECT_EQ(notes_of("\"sep=^\"\n\na^b\n1^2,5\n"), "cells are separated as the line sep= says;");
  // The line that names it counts.
  std::istringstream stream("sep=;\na;b\n1;2\n");
  CsvReader csv(stream, "t.csv");
  EXPECT_EQ(csv.read_header().first_line, 2);
}

TEST_F(CsvTest, RowsThatAreNoTextAreRejectedByLine) {
  using namespace std::string_literals;
  EXPECT_EQ(summary("id,image,q,A\n1,a.jpg,R\0d,x\n2,b.jpg,u,v\n"s), "2-2!;3|2|b.jpg|u|v;");
  // A character of UTF-8 shows what the file is, so the other letters are no Windows-1252.
  EXPECT_EQ(summary("id,image,q,A\n1,a.jpg,Gr\xF6\xDF"
                    "e,x\n2,b.jpg,gr\u00F6\u00DFer,v\n"),
            "2-2!;3|2|b.jpg|gr\u00F6\u00DFer|v;");
  EXPECT_EQ(summary("id,image,q,A\n1,a.jpg,Gr\xF6\xDF"
                    "e,x\n2,b.jpg,37 \xB0"
                    "C,v\n"),
            "2|1|a.jpg|Gr\u00F6\u00DFe|x;3|2|b.jpg|37 \u00B0"
            "C|v;");
}

}  // namespace
}  // namespace lmc::data
