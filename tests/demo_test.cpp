// The demo, small: every stage runs on the shipped checkpoints and its result lands in the report.
// (What the models achieve is for the demo itself: so few questions say nothing.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>

#include "support/run_program.h"

namespace lmc::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(Demo, RunsEveryStageAndReports) {
  const TemporaryFolder folder;
  const std::vector<std::string> command = {
      "demo",          "--out", folder.path("demo"), "--train", "16",     "--test", "12",
      "--single-test", "8",     "--ground",          "6",       "--maps", "2"};
  const ProgramResult result = run_program(command);
  ASSERT_EQ(result.exit_code, 0) << result.err;

  const json results = json::parse(read_bytes(folder.path("demo/result.json")));
  std::set<std::string> names;
  for (const json& run : results["arms"]) {
    names.insert(run["name"]);
    const bool single = run["name"].get<std::string>().find("single") != std::string::npos;
    EXPECT_EQ(run["total"], single ? 8 : 12) << run["name"];
    EXPECT_NEAR(run["accuracy"].get<double>(),
                run["correct"].get<double>() / run["total"].get<double>(), 1e-12);
    EXPECT_LE(run["interval_95"][0].get<double>(), run["accuracy"].get<double>());
    EXPECT_GE(run["interval_95"][1].get<double>(), run["accuracy"].get<double>());
  }
  EXPECT_EQ(names.size(), 12U);
  EXPECT_EQ(results["pairs"].size(), 8 * 7 / 2 + 4 * 3 / 2) << "every pair with common questions";

  const std::string page = read_bytes(folder.path("demo/report.html"));
  for (const std::string& name : names) EXPECT_THAT(page, HasSubstr(name));
  EXPECT_THAT(page, HasSubstr("says nothing about medicine"));
  for (const char* loads : {"src=\"http", "<link", "@import", "url(http"}) {
    EXPECT_EQ(page.find(loads), std::string::npos) << "self-contained: " << loads;
  }

  for (const char* run : {"distilled", "blind"}) {
    const json grounding = json::parse(
        read_bytes(folder.path(std::string("demo/runs/") + run + "-grounding/result.json")));
    EXPECT_EQ(grounding["questions"], 6);
    EXPECT_THAT(page, HasSubstr("<h2 id=\"grounding\""));
  }
  constexpr std::string_view kMap = "<figure class=\"map\">";
  size_t maps = 0;
  for (size_t at = page.find(kMap); at != page.npos; at = page.find(kMap, at + 1)) ++maps;
  EXPECT_EQ(maps, 4U) << "two of each run that has been grounded";

  // A second call finds everything done.
  const ProgramResult again = run_program(command);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(json::parse(read_bytes(folder.path("demo/result.json"))), results);
}

const json& metric(const json& metrics, const std::string& name) {
  for (const json& one : metrics) {
    if (one["name"] == name) return one;
  }
  throw std::runtime_error("no metric is called " + name);
}

// The whole demo: the distilled student answers from the image and looks where the answer is; the
// blind one, trained in the same way on images of other questions, is found out.
TEST(Demo, LongGroundingTellsWhoLooks) {
  const TemporaryFolder folder;
  const ProgramResult result = run_program({"demo", "--out", folder.path("demo")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto grounding = [&](const std::string& run) {
    return json::parse(read_bytes(folder.path("demo/runs/" + run + "-grounding/result.json")));
  };
  const auto interval = [](const json& one) {
    return one["interval_95"].get<std::array<double, 2>>();
  };
  const json distilled = grounding("distilled");
  EXPECT_GT(interval(metric(distilled["metrics"], "VRS"))[0], 0.3);
  EXPECT_GT(interval(metric(distilled["metrics"], "IS"))[0], 0.5);
  EXPECT_GT(metric(distilled["map_metrics"], "pointing game")["value"], 0.85);
  EXPECT_GT(interval(metric(distilled["map_metrics"], "pointing game, above chance"))[0], 0.4);
  EXPECT_GT(interval(metric(distilled["map_metrics"], "energy in boxes, above chance"))[0], 0.3);
  EXPECT_GT(interval(metric(distilled["map_metrics"], "insertion less deletion AUC"))[0], 0.15);
  // Its sentences come from the image, and their own maps show the place they speak of.
  const json& looked = distilled["sentences"];
  EXPECT_GT(interval(metric(looked, "owed to the image, not to a blurred one"))[0], 4);
  EXPECT_GT(interval(metric(looked, "owed to the image, not to another one"))[0], 8);
  EXPECT_GT(interval(metric(looked, "pointing game, occlusion, above chance"))[0], 0.35);
  EXPECT_GT(interval(metric(looked, "pointing game, occlusion, own map against the others'"))[0],
            0.3);

  const json blind = grounding("blind");
  EXPECT_LT(interval(metric(blind["metrics"], "VRS"))[1], 0.1);
  EXPECT_LT(metric(blind["metrics"], "IS")["value"], 0.25);
  EXPECT_GT(metric(blind["metrics"], "HVRR")["value"], 0.75) << "it claims to see all the same";
  EXPECT_LT(interval(metric(blind["map_metrics"], "pointing game, above chance"))[0], 0.1);
  EXPECT_LT(metric(blind["map_metrics"], "pointing game")["value"], 0.6);
  EXPECT_LT(metric(blind["map_metrics"], "insertion less deletion AUC")["value"], 0.05);
  const json& unseen = blind["sentences"];
  EXPECT_LT(interval(metric(unseen, "owed to the image, not to a blurred one"))[1], 0.5);
  EXPECT_LT(interval(metric(unseen, "owed to the image, not to another one"))[1], 0.5);
  EXPECT_LT(interval(metric(unseen, "pointing game, occlusion, above chance"))[0], 0.05);
}

}  // namespace
}  // namespace lmc::tests
