#include "record/run_identity.h"

#include <gtest/gtest.h>

#include "record/manifest.h"  // Manifest

namespace lmc::record {
namespace {

Manifest manifest_with(const std::string& command, Json options) {
  Manifest manifest;
  manifest.command = command;
  manifest.device = "cpu, float32";
  manifest.options = std::move(options);
  manifest.inputs.emplace_back("q.jsonl");
  manifest.inputs[0].sha256 = "aa";
  return manifest;
}

TEST(RunIdentity, IsWhatDecidesAndTheInputs) {
  std::string out = "runs/a";
  int64_t limit = 7;
  Manifest made;
  made.command = "evaluate";
  made.add_options({{"out", "folder", free_to_change(as_folder(&out))}, {"limit", "most", &limit}});
  made.inputs.emplace_back("q");
  made.inputs[0].sha256 = "0f";
  const Json manifest = to_json(made);
  EXPECT_EQ(manifest["options"], Json({{"out", "runs/a"}, {"limit", 7}}));
  EXPECT_EQ(manifest["free_options"], Json({"out"}));
  EXPECT_EQ(to_text(run_identity(manifest_from_json(manifest, "m"))),
            R"({"limit":7,"inputs":["0f"]})");
}

// Written before manifests named what is free.
TEST(RunIdentity, AnOldManifestHasWhatWasFreeThen) {
  const Manifest evaluation = manifest_with(
      "evaluate", {{"out", "a"}, {"model", "m"}, {"threads", 2}, {"mode", "likelihood"}});
  EXPECT_EQ(to_text(run_identity(evaluation)), R"({"mode":"likelihood","inputs":["aa"]})");
  Manifest behind_endpoint =
      manifest_with("evaluate", {{"model", "big"}, {"endpoint", {"http://h"}}});
  behind_endpoint.device = "endpoint";
  EXPECT_EQ(to_text(run_identity(behind_endpoint)), R"({"model":"big","inputs":["aa"]})");
  const Manifest training = manifest_with(
      "train", {{"rank", 8}, {"save-every", 5}, {"device", "cpu"}, {"dtype", "auto"}});
  EXPECT_EQ(to_text(run_identity(training)), R"({"rank":8,"dtype":"auto","inputs":["aa"]})");
}

TEST(RunIdentity, AnOldManifestGoesOnByTheMarksOfTheNewOne) {
  const Manifest before = manifest_with("ground", {{"shuffles", 2}, {"maps", 1}, {"batch", 4}});
  Manifest now = manifest_with("ground", {{"batch", 4}, {"maps", 9}, {"shuffles", 2}});
  now.free_options = {"maps"};
  EXPECT_EQ(run_difference(before, now), "");
  now.options["batch"] = 8;
  now.inputs[0].sha256 = "bb";
  EXPECT_EQ(run_difference(before, now), "batch was 4, is 8; the content of q.jsonl");
  EXPECT_EQ(run_difference(before, now, {"batch"}), "the content of q.jsonl");
  EXPECT_EQ(identity_difference(run_identity(before), run_identity(now)),
            "batch was 4, is 8; inputs (a file has changed, or another is named)");
}

}  // namespace
}  // namespace lmc::record
