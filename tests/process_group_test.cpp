// Ranks as processes of their own, started as a launcher starts them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "support/mpirun.h"

namespace lmc::tests {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ProcessGroupByMpi : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (!have_mpirun()) GTEST_SKIP() << "no mpirun, or built without MPI";
  }

  static bool are_at_work(const Mpirun& ranks, int size) {
    return holds_soon([&] {
      for (int rank = 0; rank < size; ++rank) {
        if (ranks.out(rank).empty()) return false;
      }
      return true;
    });
  }
};

TEST_P(ProcessGroupByMpi, GivesEveryRankAndEveryRunTheSameBits) {
  std::string first;
  for (int run = 0; run < 2; ++run) {
    Mpirun ranks(GetParam(), {LMC_PROGRAM, "all", "mpi"});
    ASSERT_EQ(ranks.wait(), 0) << ranks.all_errors();
    if (run == 0) first = ranks.out(0);
    for (int rank = 0; rank < GetParam(); ++rank) EXPECT_EQ(ranks.out(rank), first);
  }
  const int n = GetParam();
  EXPECT_THAT(first, AllOf(Not(HasSubstr("WRONG")), HasSubstr("sum of 600011: right"),
                           HasSubstr("broadcast by last: right"),
                           HasSubstr("numbers: " + std::to_string(n * (n + 1) / 2) + " 1 1")));
}

INSTANTIATE_TEST_SUITE_P(Sizes, ProcessGroupByMpi, ::testing::Values(1, 2, 4));

class ProcessGroup : public ProcessGroupByMpi {};

INSTANTIATE_TEST_SUITE_P(Sizes, ProcessGroup, ::testing::Values(2, 4));

TEST_P(ProcessGroup, AutoTakesMpiUnderMpirun) {
  Mpirun ranks(GetParam(), {LMC_PROGRAM, "measure", "auto", "1"});
  ASSERT_EQ(ranks.wait(), 0) << ranks.all_errors();
  EXPECT_THAT(ranks.out(0), HasSubstr("mpi, " + std::to_string(GetParam()) + " ranks"));
}

TEST_P(ProcessGroup, LongADeathEndsTheOthersByTheUsualStop) {
  Mpirun ranks(GetParam(), {LMC_PROGRAM, "work", "mpi"});
  ASSERT_TRUE(are_at_work(ranks, GetParam())) << ranks.all_errors();
  ranks.send(GetParam() - 1, SIGKILL);
  EXPECT_NE(ranks.wait(), 0);
  for (int rank = 0; rank < GetParam() - 1; ++rank) {
    EXPECT_THAT(ranks.err(rank), HasSubstr("another rank did not come"));
  }
}

TEST_P(ProcessGroup, LongSilenceEndsAtTheTimeout) {
  Mpirun ranks(GetParam(), {LMC_PROGRAM, "impatient", "mpi"});
  ASSERT_TRUE(are_at_work(ranks, GetParam())) << ranks.all_errors();
  ranks.send(GetParam() - 1, SIGSTOP);
  EXPECT_TRUE(holds_soon([&] { return !ranks.err(0).empty(); }));
  EXPECT_THAT(ranks.err(0), HasSubstr("another rank: did not come for 3 seconds"));
}

// They agree on it; on a busy machine one may give up on the others before.
TEST_P(ProcessGroup, LongAStopAskedOfOneEndsAll) {
  Mpirun ranks(GetParam(), {LMC_PROGRAM, "work", "mpi"});
  ASSERT_TRUE(are_at_work(ranks, GetParam())) << ranks.all_errors();
  ranks.send(GetParam() - 1, SIGTERM);
  ranks.wait();
  for (int rank = 0; rank < GetParam(); ++rank) {
    EXPECT_THAT(ranks.out(rank) + ranks.err(rank),
                AnyOf(HasSubstr("stopped together"), HasSubstr("another rank did not come")));
  }
}

// What one process says that was started with these variables.
std::string complaint(const std::string& engine, const Variables& variables) {
  Process rank({LMC_PROGRAM, "all", engine}, variables);
  EXPECT_EQ(rank.wait(), 2);
  const std::string err = rank.err();
  EXPECT_EQ(err.find('\n'), err.size() - 1) << err;
  return err;
}

TEST(ProcessGroupAlone, IsNone) {
  Process rank({LMC_PROGRAM, "all", "auto"}, {});
  ASSERT_EQ(rank.wait(), 0) << rank.err();
  EXPECT_THAT(rank.out(), AllOf(HasSubstr("none, 1 ranks"), Not(HasSubstr("WRONG"))));
}

TEST(ProcessGroupAlone, WhatIsMissingIsOneLine) {
  const Variables two = {{"RANK", "0"}, {"WORLD_SIZE", "2"}};
  EXPECT_THAT(complaint("auto", two), HasSubstr("nccl"));
  EXPECT_THAT(complaint("nccl", two), HasSubstr("mpirun"));
  EXPECT_THAT(complaint("auto", {{"WORLD_SIZE", "2"}}), HasSubstr("RANK: is not set"));
  EXPECT_THAT(complaint("mpi", {{"RANK", "2"}, {"WORLD_SIZE", "2"}}), HasSubstr("rank 2 of a run"));
  if (have_mpirun()) {
    EXPECT_THAT(complaint("mpi", two),
                HasSubstr("MPI: sees 1 process, but the environment speaks of 2"));
  }
}

}  // namespace
}  // namespace lmc::tests
