#include "record/run_identity.h"

#include <gtest/gtest.h>

#include "record/manifest.h"  // Manifest

namespace lmc::record {
namespace {

Json manifest_with(const std::string& command, Json options) {
  return {{"command", command},
          {"device", "cpu, float32"},
          {"options", std::move(options)},
          {"inputs", {{{"path", "q.jsonl"}, {"sha256", "aa"}}}}};
}

TEST(RunIdentity, IsWhatDecidesAndTheInputs) {
  std::string out = "runs/a";
  int64_t limit = 7;
  Manifest made;
  made.command = "evaluate";
  made.add_options({{"out", "folder", free_to_change(as_folder(&out))}, {"limit", "most", &limit}});
  Json manifest = to_json(made);
  EXPECT_EQ(manifest["options"], Json({{"out", "runs/a"}, {"limit", 7}}));
  EXPECT_EQ(manifest["free_options"], Json({"out"}));
  manifest["inputs"] = {{{"path", "q"}, {"sha256", "0f"}}};
  EXPECT_EQ(to_text(run_identity(manifest)), R"({"limit":7,"inputs":["0f"]})");
}

// Written before manifests named what is free.
TEST(RunIdentity, AnOldManifestHasWhatWasFreeThen) {
  const Json evaluation = manifest_with(
      "evaluate", {{"out", "a"}, {"model", "m"}, {"threads", 2}, {"mode", "likelihood"}});
  EXPECT_EQ(to_text(run_identity(evaluation)), R"({"mode":"likelihood","inputs":["aa"]})");
  Json behind_endpoint = manifest_with("evaluate", {{"model", "big"}, {"endpoint", {"http://h"}}});
  behind_endpoint["device"] = "endpoint";
  EXPECT_EQ(to_text(run_identity(behind_endpoint)), R"({"model":"big","inputs":["aa"]})");
  const Json training = manifest_with(
      "train", {{"rank", 8}, {"save-every", 5}, {"device", "cpu"}, {"dtype", "auto"}});
  EXPECT_EQ(to_text(run_identity(training)), R"({"rank":8,"dtype":"auto","inputs":["aa"]})");
}

TEST(RunIdentity, AnOldManifestGoesOnByTheMarksOfTheNewOne) {
  const Json before = manifest_with("ground", {{"shuffles", 2}, {"maps", 1}, {"batch", 4}});
  Json now = manifest_with("ground", {{"batch", 4}, {"maps", 9}, {"shuffles", 2}});
  now["free_options"] = {"maps"};
  const std::vector<std::string> free = free_options_of(now);
  EXPECT_EQ(identity_difference(run_identity(before, free), run_identity(now, free)), "");
  now["options"]["batch"] = 8;
  now["inputs"][0]["sha256"] = "bb";
  EXPECT_EQ(identity_difference(run_identity(before, free), run_identity(now, free)),
            "batch was 4, is 8; inputs (a file has changed, or another is named)");
}

TEST(RunIdentity, ADamagedManifestIsOtherWork) {
  const Json now = manifest_with("evaluate", {{"mode", "generate"}});
  for (const Json& damaged : {Json(), Json(3), Json::array(), Json({{"options", 1}}),
                              Json({{"options", {{"mode", 1}}}, {"inputs", "x"}}),
                              Json({{"free_options", {1, nullptr}}, {"inputs", {2}}})}) {
    EXPECT_NE(identity_difference(run_identity(damaged), run_identity(now)), "") << damaged;
  }
}

}  // namespace
}  // namespace lmc::record
