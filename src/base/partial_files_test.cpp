#include "base/partial_files.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "base/check.h"  // cat
#include "base/files.h"  // AtomicFile, write_file

namespace lmc {
namespace {

namespace fs = std::filesystem;

class PartialFiles : public testing::Test {
 protected:
  PartialFiles() { fs::create_directories(folder_ + "/deep/er"); }
  ~PartialFiles() override { fs::remove_all(folder_); }

  // The name that a process which has ended would have left.
  std::string left(const std::string& name) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    const std::string path = cat(folder_, "/", name, ".part-", child, "-3");
    write_file(path, "half");
    return path;
  }

  const std::string folder_ = testing::TempDir() + cat("partial_files_", ::getpid());
};

TEST_F(PartialFiles, OfEndedProcessesAreRemoved) {
  const std::string page = left("page.html"), other = left("other.html"), deep = left("deep/er/x");
  AtomicFile mine(folder_ + "/page.html");
  write_file(folder_ + "/page.html.part-x-1", "no partial file's name");
  write_file(folder_ + "/page.html.part-12", "nor this");
  remove_partial_files_of(folder_ + "/page.html");
  EXPECT_FALSE(file_exists(page));
  EXPECT_TRUE(file_exists(other));
  remove_partial_files_in(folder_, 1);
  EXPECT_FALSE(file_exists(other));
  EXPECT_TRUE(file_exists(deep)) << "too far down";
  remove_partial_files_in(folder_);
  EXPECT_FALSE(file_exists(deep));
  EXPECT_TRUE(file_exists(folder_ + "/page.html.part-x-1"));
  EXPECT_TRUE(file_exists(folder_ + "/page.html.part-12"));
  mine.commit();
  EXPECT_TRUE(file_exists(folder_ + "/page.html"));
}

// On another machine its process id says nothing here.
TEST_F(PartialFiles, WhatIsLockedStays) {
  const std::string path = left("weights");
  std::optional<AtomicFile> elsewhere(folder_ + "/weights");
  for (const auto& entry : fs::directory_iterator(folder_)) {
    // The file that is being written takes the name of the ended process's.
    const std::string name = entry.path().string();
    if (name != path && is_partial_name(name)) fs::rename(name, path);
  }
  remove_partial_files_in(folder_);
  EXPECT_TRUE(file_exists(path));
  elsewhere.reset();
  remove_partial_files_in(folder_);
  EXPECT_FALSE(file_exists(path));
}

TEST_F(PartialFiles, AFolderOfOneOutputIsRemovedWhole) {
  const std::string path = left("merged");
  fs::remove(path);
  fs::create_directories(path);
  write_file(path + "/model.safetensors", "half");
  remove_partial_files_in(folder_);
  EXPECT_TRUE(file_exists(path));
  remove_partial_files_of(folder_ + "/merged");
  EXPECT_FALSE(file_exists(path));
}

}  // namespace
}  // namespace lmc
