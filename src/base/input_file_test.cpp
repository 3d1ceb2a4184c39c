#include "base/input_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <type_traits>

#include "base/check.h"          // InputError
#include "base/files.h"          // read_file, for_each_line, write_file, MappedFile
#include "base/passing_error.h"  // PassingError

namespace lmc {
namespace {

using testing::HasSubstr;

class InputFileTest : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + "/input_file_" + std::to_string(::getpid());
  ~InputFileTest() override { ::unlink(path_.c_str()); }
};

template <class Read>
std::string error_of(const Read& read) {
  try {
    read();
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

// Each would be waited for, or read, without end.
TEST_F(InputFileTest, OnlyFilesAreRead) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  for (const auto& [path, kind] : {std::pair<std::string, std::string>{path_, "a pipe"},
                                   {"/dev/zero", "a device"},
                                   {testing::TempDir(), "a folder"}}) {
    const std::string said = "expected a file, found " + kind;
    EXPECT_THAT(error_of([&] { read_file(path); }), HasSubstr(said));
    EXPECT_THAT(error_of([&] { for_each_line(path, [](size_t, std::string_view) {}); }),
                HasSubstr(said));
    EXPECT_THAT(error_of([&] { MappedFile file(path); }), HasSubstr(said));
  }
}

template <class Read>
std::string passing_error_of(const Read& read) {
  try {
    read();
  } catch (const PassingError& error) {
    return error.what();
  }
  return "none";
}

// Whoever notes down what is wrong with a file catches InputError, and must not note this down.
TEST_F(InputFileTest, WhatIsNotTheFilesFaultPasses) {
  static_assert(!std::is_base_of_v<InputError, PassingError>);
  write_file(path_, "12345");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const std::string of_file = passing_error_of([&] { read_file(path_); });
  const std::string of_lines =
      passing_error_of([&] { for_each_line(path_, [](size_t, std::string_view) {}); });
  const std::string of_map = passing_error_of([&] { MappedFile file(path_); });
  const std::string missing = passing_error_of([&] { read_file(path_ + "x"); });
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  for (const std::string& error : {of_file, of_lines, of_map}) {
    EXPECT_THAT(error, HasSubstr(path_ + ": cannot read: Too many open files"));
    EXPECT_THAT(error, HasSubstr("ulimit -n"));
  }
  EXPECT_NE(missing, "none") << "with no descriptor left nobody knows";
  EXPECT_THAT(error_of([&] { read_file(path_ + "x"); }), HasSubstr("No such file"));
  EXPECT_THAT(error_of([&] { read_file(path_ + "/x"); }), HasSubstr("Not a directory"));
  EXPECT_EQ(read_file(path_), "12345");
}

TEST_F(InputFileTest, APathIsTakenAsAWhole) {
  write_file(path_, "12345");
  EXPECT_THAT(error_of([&] { read_file(path_ + '\0' + ".png"); }), HasSubstr("NUL"));
}

TEST_F(InputFileTest, SizesAreBounded) {
  write_file(path_, "12345");
  EXPECT_EQ(read_file(path_, 5), "12345");
  EXPECT_THAT(error_of([&] { read_file(path_, 4); }), HasSubstr("at most 4 bytes, found 5"));
  ASSERT_EQ(::truncate(path_.c_str(), off_t{1} << 34), 0);  // a hole, not on the disk
  EXPECT_THAT(error_of([&] { read_file(path_); }), HasSubstr("found 17179869184"));
  EXPECT_THAT(error_of([&] { for_each_line(path_, [](size_t, std::string_view) {}); }),
              HasSubstr(path_ + ": expected lines of at most"));
}

TEST_F(InputFileTest, LinesComeWholeAcrossBlocks) {
  std::string text;
  std::vector<std::string> lines;
  for (const size_t size : {0u, 1u, 65534u, 65535u, 65536u, 65537u, 200000u, 3u}) {
    lines.emplace_back(size, static_cast<char>('a' + lines.size()));
    text += lines.back() + (lines.size() % 2 == 0 ? "\r\n" : "\n");
  }
  text += "the last";
  lines.emplace_back("the last");
  write_file(path_, text);
  std::vector<std::string> found;
  for_each_line(path_, [&](size_t number, std::string_view line) {
    EXPECT_EQ(lines.at(number - 1), line);
    found.emplace_back(line);
  });
  EXPECT_EQ(found.size(), lines.size() - 1);  // the blank one is not visited
}

}  // namespace
}  // namespace lmc
