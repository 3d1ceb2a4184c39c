#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/check.h"   // InputError
#include "base/sha256.h"  // sha256_hex

namespace lmc {
namespace {

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / cat("lmc_files_", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::filesystem::path folder_;
};

TEST_F(Files, WriteReadsBackAndLeavesNothingBeside) {
  write_file(path("a"), std::string("x\0y", 3));
  EXPECT_EQ(read_file(path("a")), std::string("x\0y", 3));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(Files, TheFolderOfAFileIsMadeWithItsParents) {
  make_parent_folder(path("a/b/c.json"));
  EXPECT_TRUE(std::filesystem::is_directory(path("a/b")));
  EXPECT_FALSE(file_exists(path("a/b/c.json")));
  make_parent_folder(path("a/b/c.json"));
  make_parent_folder("c.json");  // the folder one stands in
  write_file(path("file"), "x");
  EXPECT_THROW(make_parent_folder(path("file/c.json")), InputError);
}

TEST_F(Files, UncommittedFileNeverAppears) {
  {
    AtomicFile file(path("a"));
    file.write(std::string_view("half"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(Files, MissingFileIsAnInputError) {
  EXPECT_THROW(read_file(path("none")), InputError);
  EXPECT_THROW(MappedFile{path("none")}, InputError);
  EXPECT_THROW(read_file(folder_.string()), InputError);
}

TEST_F(Files, LinesSkipBlanksAndKeepNumbers) {
  write_file(path("a"), "one\r\n\n  \nfour");
  std::vector<std::pair<size_t, std::string>> lines;
  for_each_line(path("a"), [&](size_t n, std::string_view line) { lines.emplace_back(n, line); });
  EXPECT_EQ(lines, (std::vector<std::pair<size_t, std::string>>{{1, "one"}, {4, "four"}}));
}

TEST_F(Files, AppendLogDropsAnInterruptedLine) {
  const std::string torn = "{\"id\":1}\n{\"id\":2}\n{\"id";
  write_file(path("log"), torn);
  {
    AppendLog log(path("log"), "id");
    EXPECT_EQ(read_file(path("log")), torn) << "nothing was appended yet";
    log.append("{\"id\":3}");
  }
  EXPECT_EQ(read_file(path("log")), "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
  for (const char* first : {"{", "{\"", "{\"id\":\"a line that was never whole"}) {
    write_file(path("first"), first);
    AppendLog(path("first"), "id").append("{\"id\":4}");
    EXPECT_EQ(read_file(path("first")), "{\"id\":4}\n") << first;
  }
}

TEST_F(Files, AppendLogKeepsALastLineWithoutItsBreak) {
  write_file(path("log"), "{\"id\":1}\n{\"id\":2}");
  AppendLog(path("log"), "id").append("{\"id\":3}");
  EXPECT_EQ(read_file(path("log")), "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
  write_file(path("full"), "{\"x\":0,\"id\":1}");
  AppendLog(path("full"), "id").finish();
  EXPECT_EQ(read_file(path("full")), "{\"x\":0,\"id\":1}\n");
}

TEST_F(Files, AppendLogLeavesAFileOfAnotherKindAlone) {
  const std::string jpeg("\xFF\xD8\xFF\xE0\0\x10JFIF\n\x01\n\xFF\xD9", 16);
  for (const std::string& bytes :
       {jpeg, std::string("[{\"id\":1}]"), std::string("{\"name\":\"x\"}"),
        std::string("{\"name\":\"x"), std::string("{\"name\":1}\n{\"name\":2}\n"),
        std::string("notes\n{\"id")}) {
    write_file(path("other"), bytes);
    EXPECT_THROW(AppendLog(path("other"), "id"), InputError) << bytes;
    EXPECT_EQ(read_file(path("other")), bytes);
  }
  EXPECT_THROW(AppendLog(folder_.string(), "id"), InputError);
}

TEST_F(Files, AppendLogNoticesThatItsFileIsGone) {
  AppendLog log(path("log"), "id");
  log.append("{\"id\":1}");
  std::filesystem::rename(path("log"), path("moved"));
  EXPECT_THROW(log.append("{\"id\":2}"), InputError);
  write_file(path("log"), "another");
  EXPECT_THROW(log.append("{\"id\":2}"), InputError);
  EXPECT_THROW(log.finish(), InputError);
  EXPECT_EQ(read_file(path("moved")), "{\"id\":1}\n");
  EXPECT_EQ(read_file(path("log")), "another");
}

TEST_F(Files, AppendLogSurvivesAKill) {
  const pid_t child = ::fork();
  if (child == 0) {
    AppendLog log(path("log"), "id");
    log.append("{\"id\":1}");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  AppendLog(path("log"), "id").append("{\"id\":2}");
  EXPECT_EQ(read_file(path("log")), "{\"id\":1}\n{\"id\":2}\n");
}

TEST_F(Files, AppendLogIsLockedAgainstASecondWriter) {
  const AppendLog first(path("log"), "id");
  EXPECT_THROW(AppendLog(path("log"), "id"), InputError);
}

TEST(Sha256, MatchesTheStandardsExamples) {
  // FIPS 180-4 examples.
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace lmc
