// The demo, small: every stage runs on the shipped checkpoints and its result lands in the report.
// (What the models achieve is for the demo itself: so few questions say nothing.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "support/run_program.h"

namespace lmc::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(Demo, RunsEveryStageAndReports) {
  const TemporaryFolder folder;
  const std::vector<std::string> command = {"demo",   "--out", folder.path("demo"), "--train", "16",
                                            "--test", "12",    "--single-test",     "8"};
  const ProgramResult result = run_program(command);
  ASSERT_EQ(result.exit_code, 0) << result.err;

  const json figures = json::parse(read_bytes(folder.path("demo/result.json")));
  std::set<std::string> names;
  for (const json& run : figures["arms"]) {
    names.insert(run["name"]);
    const bool single = run["name"].get<std::string>().find("single") != std::string::npos;
    EXPECT_EQ(run["total"], single ? 8 : 12) << run["name"];
    EXPECT_NEAR(run["accuracy"].get<double>(),
                run["correct"].get<double>() / run["total"].get<double>(), 1e-12);
    EXPECT_LE(run["interval_95"][0].get<double>(), run["accuracy"].get<double>());
    EXPECT_GE(run["interval_95"][1].get<double>(), run["accuracy"].get<double>());
  }
  EXPECT_EQ(names.size(), 11U);
  EXPECT_EQ(figures["pairs"].size(), 7 * 6 / 2 + 4 * 3 / 2) << "every pair with common questions";

  const std::string page = read_bytes(folder.path("demo/report.html"));
  for (const std::string& name : names) EXPECT_THAT(page, HasSubstr(name));
  EXPECT_THAT(page, HasSubstr("says nothing about medicine"));
  for (const char* loads : {"src=\"http", "<link", "@import", "url(http"}) {
    EXPECT_EQ(page.find(loads), std::string::npos) << "self-contained: " << loads;
  }

  // A second call finds everything done.
  const ProgramResult again = run_program(command);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(json::parse(read_bytes(folder.path("demo/result.json"))), figures);
}

}  // namespace
}  // namespace lmc::tests
