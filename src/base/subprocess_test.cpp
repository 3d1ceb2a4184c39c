#include "base/subprocess.h"

#include <gtest/gtest.h>

#include "base/check.h"  // InputError

namespace lmc {
namespace {

TEST(Subprocess, ReturnsExitCodeAndSignal) {
  EXPECT_EQ(Subprocess({"sh", "-c", "exit 3"}).wait(), 3);
  EXPECT_EQ(Subprocess({"sh", "-c", "kill -9 $$"}).wait(), 128 + 9);
}

TEST(Subprocess, EndsARunningChildWithItsScope) {
  Subprocess child({"sleep", "60"});
  EXPECT_TRUE(child.running());
}

TEST(Subprocess, UnknownProgramIsAnInputError) {
  EXPECT_THROW(Subprocess({"no-such-program-here"}), InputError);
}

}  // namespace
}  // namespace lmc
