// Ranks as processes of their own, started as a launcher starts them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include "support/processes.h"
#include "support/run_program.h"

namespace lmc::tests {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Clock = std::chrono::steady_clock;

void start_ranks(Processes& ranks, int size, const std::string& task) {
  const int port = free_port();
  for (int rank = 0; rank < size; ++rank) {
    ranks.start({LMC_PROGRAM, task, "tcp", ranks.folder()}, torchrun(rank, size, port));
  }
}

bool have_mpi() {
  return ::system("command -v mpirun >/dev/null") == 0 && std::filesystem::exists(LMC_MPI_MODULE);
}

std::vector<std::string> mpirun(int size, const std::vector<std::string>& command) {
  std::vector<std::string> words = {"mpirun", "--oversubscribe", "--allow-run-as-root", "-n",
                                    std::to_string(size)};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

// What one rank prints when every result is that of the sequential computation.
std::string expected_lines(const std::string& text) {
  EXPECT_THAT(text, Not(HasSubstr("DIFFERS")));
  EXPECT_THAT(text, AllOf(HasSubstr("sum of 600011: as in order"), HasSubstr("gather: equal"),
                          HasSubstr("any: 10"), HasSubstr("number: ")));
  return text;
}

class CollectivesOfRanks : public ::testing::TestWithParam<int> {};

TEST_P(CollectivesOfRanks, AreThoseOfTheSequentialComputation) {
  Processes ranks;
  start_ranks(ranks, GetParam(), "all");
  std::string first;
  for (size_t rank = 0; rank < static_cast<size_t>(GetParam()); ++rank) {
    ASSERT_EQ(ranks.wait(rank), 0) << ranks.err(rank);
    if (rank == 0) first = expected_lines(ranks.out(0));
    EXPECT_EQ(ranks.out(rank), first);
    EXPECT_EQ(ranks.err(rank), "");
  }
}

TEST_P(CollectivesOfRanks, AreTheSameByMpi) {
  if (!have_mpi()) GTEST_SKIP() << "no mpirun, or built without MPI";
  Processes ranks;
  ranks.start(mpirun(GetParam(), {LMC_PROGRAM, "all", "mpi"}), {});
  start_ranks(ranks, GetParam(), "all");
  ASSERT_EQ(ranks.wait(0), 0) << ranks.err(0);
  ASSERT_EQ(ranks.wait(1), 0) << ranks.err(1);
  const std::string by_tcp = expected_lines(ranks.out(1));
  // mpirun mixes the ranks' lines; each must be there once for each rank.
  const std::string by_mpi = ranks.out(0);
  EXPECT_EQ(by_mpi.size(), by_tcp.size() * static_cast<size_t>(GetParam()));
  size_t begin = 0;
  for (size_t end; (end = by_tcp.find('\n', begin)) != std::string::npos; begin = end + 1) {
    EXPECT_THAT(by_mpi, HasSubstr(by_tcp.substr(begin, end - begin)));
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CollectivesOfRanks, ::testing::Values(1, 2, 4));

TEST(Collectives, AutoTakesWhatStartedTheProcess) {
  Processes ranks;
  ranks.start({LMC_PROGRAM, "measure", "auto", "1"}, {});
  const int port = free_port();
  for (int rank = 0; rank < 2; ++rank) {
    ranks.start({LMC_PROGRAM, "measure", "auto", "1"}, torchrun(rank, 2, port));
  }
  for (size_t i = 0; i < 3; ++i) ASSERT_EQ(ranks.wait(i), 0) << ranks.err(i);
  EXPECT_THAT(ranks.out(0), HasSubstr("none, 1 ranks"));
  EXPECT_THAT(ranks.out(1), HasSubstr("tcp, 2 ranks"));
  if (!have_mpi()) return;
  ranks.start(mpirun(2, {LMC_PROGRAM, "measure", "auto", "1"}), {});
  ASSERT_EQ(ranks.wait(3), 0) << ranks.err(3);
  EXPECT_THAT(ranks.out(3), HasSubstr("mpi, 2 ranks"));
}

TEST(Collectives, ADeathIsReportedWithinSeconds) {
  Processes ranks;
  start_ranks(ranks, 3, "work");
  ASSERT_TRUE(ranks.until([&] { return ranks.all_at_work(3); }));
  ranks.send(2, SIGKILL);
  const auto begin = Clock::now();
  for (const size_t rank : {0, 1}) {
    EXPECT_EQ(ranks.wait(rank), 2);
    // The other survivor may have left in the meantime.
    EXPECT_THAT(ranks.err(rank), AllOf(HasSubstr("2 of 3"), HasSubstr("gone")));
  }
  EXPECT_LT(Clock::now() - begin, seconds(5));
}

TEST(Collectives, SilenceEndsAtTheTimeout) {
  Processes ranks;
  start_ranks(ranks, 2, "impatient");
  ASSERT_TRUE(ranks.until([&] { return ranks.all_at_work(2); }));
  ranks.send(1, SIGSTOP);
  EXPECT_EQ(ranks.wait(0), 2);
  EXPECT_THAT(ranks.err(0), HasSubstr("rank 1 of 2: showed no sign of life for 3 seconds"));
}

TEST(Collectives, AStopAskedOfOneReachesAll) {
  Processes ranks;
  start_ranks(ranks, 2, "work");
  ASSERT_TRUE(ranks.until([&] { return ranks.all_at_work(2); }));
  ranks.send(1, SIGTERM);
  for (const size_t rank : {0, 1}) {
    EXPECT_EQ(ranks.wait(rank), 0) << ranks.err(rank);
    EXPECT_THAT(ranks.out(rank), HasSubstr("stopped together"));
  }
}

TEST(Collectives, ADeathUnderMpirunEndsTheOthersByTheUsualStop) {
  if (!have_mpi()) GTEST_SKIP() << "no mpirun, or built without MPI";
  Processes ranks;
  ranks.start(mpirun(2, {LMC_PROGRAM, "work", "mpi", ranks.folder()}), {});
  ASSERT_TRUE(ranks.until([&] { return ranks.all_at_work(2); })) << ranks.err(0);
  const auto begin = Clock::now();
  ASSERT_EQ(::kill(std::stoi(read_bytes(ranks.folder() + "/rank.1")), SIGKILL), 0);
  EXPECT_NE(ranks.wait(0), 0);
  EXPECT_THAT(ranks.err(0), HasSubstr("stopped while waiting for another rank"));
  EXPECT_LT(Clock::now() - begin, seconds(15));
}

TEST(Collectives, RanksThatDoDifferentThingsAreTold) {
  Processes ranks;
  start_ranks(ranks, 2, "differ");
  EXPECT_EQ(ranks.wait(0), 2);
  EXPECT_EQ(ranks.wait(1), 2);
  EXPECT_THAT(ranks.err(0), HasSubstr("rank 1: does a sum of 20 bytes"));
}

TEST(Collectives, ASecretKeepsOutWhoHasAnother) {
  Processes ranks;
  const int port = free_port();
  for (int rank = 0; rank < 2; ++rank) {
    Variables variables = torchrun(rank, 2, port);
    variables["LMC_JOB_TOKEN"] = rank == 0 ? "ours" : "guessed";
    ranks.start({LMC_PROGRAM, "impatient", "tcp", ranks.folder()}, variables);
  }
  EXPECT_EQ(ranks.wait(1), 2);
  EXPECT_THAT(ranks.err(1), HasSubstr("rank 0: refused the connection"));
  EXPECT_EQ(ranks.wait(0), 2);
  EXPECT_THAT(ranks.err(0), HasSubstr("rank 1: did not come in time"));
}

TEST(Collectives, WhatIsMissingIsOneLine) {
  const auto complaint = [](const std::string& engine, const Variables& variables) {
    Processes ranks;
    ranks.start({LMC_PROGRAM, "all", engine}, variables);
    EXPECT_EQ(ranks.wait(0), 2);
    const std::string err = ranks.err(0);
    EXPECT_EQ(err.find('\n'), err.size() - 1) << err;
    return err;
  };
  Variables variables = {{"RANK", "0"}, {"WORLD_SIZE", "2"}};
  EXPECT_THAT(complaint("auto", variables), HasSubstr("MASTER_ADDR: is not set"));
  variables["MASTER_ADDR"] = "127.0.0.1";
  EXPECT_THAT(complaint("tcp", variables), HasSubstr("MASTER_PORT: is not set"));
  variables["MASTER_PORT"] = "70000";
  EXPECT_THAT(complaint("tcp", variables), HasSubstr("MASTER_PORT: expected a number from 1"));
  EXPECT_THAT(complaint("tcp", {{"RANK", "2"}, {"WORLD_SIZE", "2"}}), HasSubstr("rank 2 of a run"));
  EXPECT_THAT(complaint("auto", {{"WORLD_SIZE", "2"}}), HasSubstr("RANK: is not set"));
  // 192.0.2.1 is of a range that no machine has.
  EXPECT_THAT(complaint("tcp", {{"RANK", "0"},
                                {"WORLD_SIZE", "2"},
                                {"MASTER_ADDR", "192.0.2.1"},
                                {"MASTER_PORT", "29500"}}),
              HasSubstr("192.0.2.1:29500: rank 0 cannot listen here"));
  EXPECT_THAT(complaint("gloo", {}), HasSubstr("no engine \"gloo\""));
  EXPECT_THAT(complaint("nccl", {}), HasSubstr("NCCL"));
  if (have_mpi()) {
    EXPECT_THAT(complaint("mpi", {{"RANK", "0"}, {"WORLD_SIZE", "2"}}),
                HasSubstr("MPI: sees 1 process, but the environment speaks of 2"));
  }
}

}  // namespace
}  // namespace lmc::tests
