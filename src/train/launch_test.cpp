#include "train/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/check.h"  // InputError

namespace lmc::train {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Launch launch_in(const std::map<std::string, std::string>& variables) {
  return read_launch([&](const char* variable) -> const char* {
    const auto found = variables.find(variable);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(Launch, AloneWithoutALauncher) {
  const Launch launch = launch_in({{"MASTER_ADDR", "left.over"}});
  EXPECT_EQ(launch.launcher, Launcher::kNone);
  EXPECT_EQ(launch.size, 1);
}

TEST(Launch, TorchrunSaysWhoAndWhere) {
  const Launch launch = launch_in({{"RANK", "5"},
                                   {"WORLD_SIZE", "8"},
                                   {"LOCAL_RANK", "1"},
                                   {"MASTER_ADDR", "node0"},
                                   {"MASTER_PORT", "29500"},
                                   {"TORCHELASTIC_USE_AGENT_STORE", "True"}});
  EXPECT_EQ(launch.launcher, Launcher::kTorchrun);
  EXPECT_EQ(launch.rank, 5);
  EXPECT_EQ(launch.size, 8);
  EXPECT_EQ(launch.local_rank, 1);
  EXPECT_EQ(launch.address, "node0");
  EXPECT_EQ(launch.port, 29500);
  EXPECT_TRUE(launch.store_is_running);
}

TEST(Launch, MpirunInsideASlurmAllocationIsMpirun) {
  const Launch launch = launch_in({{"SLURM_PROCID", "0"},
                                   {"SLURM_NTASKS", "4"},
                                   {"OMPI_COMM_WORLD_RANK", "3"},
                                   {"OMPI_COMM_WORLD_SIZE", "4"},
                                   {"OMPI_COMM_WORLD_LOCAL_RANK", "1"}});
  EXPECT_EQ(launch.launcher, Launcher::kMpirun);
  EXPECT_EQ(launch.rank, 3);
  EXPECT_EQ(launch.local_rank, 1);
}

TEST(Launch, ASlurmBatchScriptIsOneProcessAndAStepIsNot) {
  std::map<std::string, std::string> variables = {
      {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}, {"SLURM_JOB_ID", "77"}};
  EXPECT_EQ(launch_in(variables).size, 1);
  variables["SLURM_STEP_ID"] = "0";
  variables["SLURM_LOCALID"] = "0";
  EXPECT_EQ(launch_in(variables).launcher, Launcher::kSlurm);
  EXPECT_EQ(launch_in(variables).size, 4);
  variables["SLURM_STEP_NUM_TASKS"] = "2";
  EXPECT_EQ(launch_in(variables).size, 2);
}

TEST(Launch, AttemptsOfOneJobDoNotMeet) {
  std::map<std::string, std::string> variables = {{"TORCHELASTIC_RUN_ID", "7"},
                                                  {"TORCHELASTIC_RESTART_COUNT", "0"}};
  const std::string first = launch_in(variables).job;
  variables["TORCHELASTIC_RESTART_COUNT"] = "1";
  EXPECT_NE(launch_in(variables).job, first);
}

TEST(Launch, RefusesWhatMakesNoSense) {
  const auto message = [](const char* text) { return ThrowsMessage<InputError>(HasSubstr(text)); };
  EXPECT_THAT([] { launch_in({{"RANK", "0"}}); }, message("WORLD_SIZE: is not set, but RANK is"));
  EXPECT_THAT(
      [] {
        launch_in({{"RANK", "4"}, {"WORLD_SIZE", "4"}});
      },
      message("RANK: rank 4 of a run of 4 processes"));
  EXPECT_THAT(
      [] {
        launch_in({{"RANK", "x"}, {"WORLD_SIZE", "4"}});
      },
      message("RANK: expected a number from 0 to 4096, found \"x\""));
  EXPECT_THAT([] { launch_in({{"RANK", "0"}, {"WORLD_SIZE", "0"}}); }, message("WORLD_SIZE"));
}

}  // namespace
}  // namespace lmc::train
