#include "audit/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "base/check.h"   // InputError
#include "base/sha256.h"  // sha256_hex

namespace lmc::audit {
namespace {

using testing::HasSubstr;

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() { std::filesystem::remove(path_); }
  ~AuditLogTest() override { std::filesystem::remove(path_); }

  void write_entries(int count) {
    AuditLog log(path_);
    for (int i = 0; i < count; ++i) log.append("answer", {{"letter", "B"}, {"number", i}});
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> found;
    const std::string text = read_file(path_);
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      found.push_back(text.substr(begin, end - begin));
      begin = end == text.npos ? text.size() : end + 1;
    }
    return found;
  }

  void write_lines(const std::vector<std::string>& lines) const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    write_file(path_, text);
  }

  std::string error() const {
    try {
      verify(path_);
    } catch (const InputError& broken) {
      return broken.what();
    }
    return "no error";
  }

  const std::string path_ =
      testing::TempDir() + "audit_" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

// The chain as docs/FORMATS.md has it, computed here once more.
TEST_F(AuditLogTest, EachLineNamesTheHashOfTheOneBefore) {
  write_entries(3);
  std::string previous = kNothingBefore;
  int64_t sequence = 0;
  for (const std::string& line : lines()) {
    const Json json = parse_json(line, "line");
    EXPECT_EQ(json["previous"], previous);
    EXPECT_EQ(json["sequence"], sequence++);
    EXPECT_EQ(json["event"], "answer");
    EXPECT_EQ(json["time"].get<std::string>().size(), std::string("2026-01-01T00:00:00Z").size());
    previous = sha256_hex(line);
  }
  const Chain chain = verify(path_);
  EXPECT_EQ(chain.entries, 3);
  EXPECT_EQ(chain.head, previous);
  EXPECT_FALSE(chain.has_torn_line);
}

TEST_F(AuditLogTest, GoesOnWhereItWas) {
  write_entries(2);
  write_entries(1);
  EXPECT_EQ(verify(path_).entries, 3);
  EXPECT_EQ(AuditLog(path_).head(), verify(path_).head);
}

TEST_F(AuditLogTest, EveryChangeIsSeen) {
  write_entries(4);
  const std::vector<std::string> whole = lines();
  std::vector<std::string> changed = whole;
  changed[1].replace(changed[1].find("\"B\""), 3, "\"C\"");
  write_lines(changed);
  EXPECT_THAT(error(), HasSubstr(":3: the chain is broken"));
  changed = whole;
  changed.erase(changed.begin() + 1);
  write_lines(changed);
  EXPECT_THAT(error(), HasSubstr(":2: the chain is broken: expected sequence 1"));
  changed = whole;
  std::swap(changed[1], changed[2]);
  write_lines(changed);
  EXPECT_THAT(error(), HasSubstr("broken"));
  changed = whole;
  changed.insert(changed.begin() + 2, whole[2]);
  write_lines(changed);
  EXPECT_THAT(error(), HasSubstr(":4: the chain is broken"));
  EXPECT_THROW(AuditLog{path_}, InputError);  // nothing is added behind a broken chain
}

// The end is what the chain alone cannot show; a head kept elsewhere does.
TEST_F(AuditLogTest, LinesTakenOffTheEndAreSeenByAHeadThatWasKept) {
  write_entries(3);
  const std::string head = verify(path_).head;
  write_entries(1);
  EXPECT_EQ(verify(path_, head).entries, 4);
  std::vector<std::string> cut = lines();
  cut.resize(2);
  write_lines(cut);
  EXPECT_EQ(error(), "no error");
  EXPECT_THROW(verify(path_, head), InputError);
}

TEST_F(AuditLogTest, ATornLineIsDroppedAndSaidSo) {
  write_entries(2);
  const std::string whole = read_file(path_);
  for (const size_t lost : {size_t{1}, size_t{2}, size_t{40}, size_t{100}}) {
    write_file(path_, whole.substr(0, whole.size() - lost));
    const bool is_torn = lost > 1;
    EXPECT_EQ(verify(path_).has_torn_line, is_torn) << lost;
    { const AuditLog log(path_); }
    EXPECT_EQ(verify(path_).entries, 2) << lost;
    EXPECT_EQ(lines().back().find("torn-line-dropped") != std::string::npos, is_torn) << lost;
  }
}

TEST_F(AuditLogTest, AnotherFileStaysAsItIs) {
  write_file(path_, "a photo\n");
  EXPECT_THROW(AuditLog{path_}, InputError);
  EXPECT_EQ(read_file(path_), "a photo\n");
  EXPECT_THROW(verify("/no/such/file"), InputError);
}

TEST_F(AuditLogTest, ManyThreadsMakeOneChain) {
  {
    AuditLog log(path_);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) log.append("answer", {{"number", i}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(verify(path_).entries, 40);
}

}  // namespace
}  // namespace lmc::audit
