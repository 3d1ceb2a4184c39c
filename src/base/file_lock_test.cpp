#include "base/file_lock.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/check.h"  // InputError
#include "base/files.h"  // write_file

namespace lmc {
namespace {

namespace fs = std::filesystem;

class FileLockTest : public testing::Test {
 protected:
  ~FileLockTest() override { fs::remove_all(folder_); }
  const std::string folder_ = testing::TempDir() + cat("file_lock_", ::getpid());
};

TEST_F(FileLockTest, OneAtATimeAndNothingIsLeft) {
  {
    const FolderLock held(folder_ + "/a/run");
    EXPECT_THROW(FolderLock{folder_ + "/a/run"}, InputError);
    const FolderLock beside(folder_ + "/a");
  }
  EXPECT_FALSE(file_exists(folder_ + "/a/run")) << "it was made for the lock alone";
  {
    const FolderLock again(folder_ + "/a/run");
    write_file(folder_ + "/a/run/line", "x");
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ + "/a/run"), {}), 1);
}

TEST_F(FileLockTest, AKilledHoldersLockIsTakenOver) {
  fs::create_directories(folder_);
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FolderLock held(folder_);
    (void)!::write(pipe_ends[1], "x", 1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(pipe_ends[0], &byte, 1), 1);
  EXPECT_THROW(FolderLock{folder_}, InputError);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(file_exists(folder_ + "/.lock"));
  const FolderLock mine(folder_);
  EXPECT_THROW(FolderLock{folder_}, InputError);
}

// Who waits for a lock file that its holder removes must not hold a file without a name.
TEST_F(FileLockTest, ALockThatWasRemovedIsNotHeld) {
  fs::create_directories(folder_);
  const std::string path = folder_ + "/x.lock";
  const FileLock first(path, "x");
  fs::remove(path);
  const FileLock second(path, "x");
  EXPECT_THROW(FileLock(path, "x"), InputError);
}

}  // namespace
}  // namespace lmc
