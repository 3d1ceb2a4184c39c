#include "report/sections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/check.h"       // cat, InputError
#include "base/files.h"       // write_file
#include "record/manifest.h"  // sha256_of_input
#include "report/claim_checklist.h"
#include "report/heat_map.h"
#include "report/html.h"
#include "report/sentence_strip.h"

namespace lmc::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kHostile[] =
    "</script><script>alert(1)</script>\" onload='x' & <!-- <img src=http://x>";

ReportData data() {
  ReportData data;
  record::Result run;
  run.name = kHostile;
  run.overall = {1, 2, 0.5, {0.1, 0.9}};
  run.breakdowns["modality"] = {{kHostile, {1, 2, 0.5, {0.1, 0.9}}}};
  run.by_source["set:file.csv"] = run.overall;
  record::Confidence confidence;
  confidence.answers = 2;
  confidence.table = {{0.4, 0.5, 2, 0.45, 0.5, {0.2, 0.8}}};
  confidence.curve = {{0.5, 0.5, 0.0}, {0.4, 1.0, 0.5}};
  confidence.promises = {{0.1, std::nullopt, 0}};
  run.confidence = confidence;
  run.extractors = {{"medvint", 0, 2, run.overall}};
  data.comparison.runs = {run};
  record::Question question;
  question.id = "q0";
  question.image = "/nowhere/picture.png";
  question.question = kHostile;
  question.options = {{'A', kHostile}, {'B', "two"}};
  question.split = "test";
  data.questions = {question};
  record::Answer answer;
  answer.question_id = "q0";
  answer.gold = answer.letter = "A";
  answer.reply = kHostile;
  answer.letter_log_probability = {{'A', -0.5}, {'B', -0.5}};
  data.answers_by_run = {{answer}};
  data.track_by_run = {{"", "no manifest"}};
  data.manifests = {{"run", "", record::Manifest{"evaluate", {{"model", kHostile}}}}};
  data.num_items = data.num_examples = data.num_images = data.num_maps = 10;
  GroundingRun grounding;
  grounding.result.name = kHostile;
  grounding.result.conditions = {
      {"real", 0, run.overall, 0, 0, run.overall, 0, 0, 0, std::nullopt}};
  grounding.result.metrics = {{"VRS", "a < b", "source", 0.5, std::nullopt, 2, {}}};
  grounding.answers = {{"real", 0, "", answer}};
  record::OcclusionMap map;
  map.question_id = "q0";
  map.letter = "A";
  map.rows = 1;
  map.columns = 2;
  map.values = {0.5, -0.25};
  map.boxes = {{0.1, 0.2, 0.3, 0.4}};
  grounding.maps = {map};
  data.grounding = {grounding};
  data.conditions = condition_answers(data.grounding);
  return data;
}

TEST(ReportSections, EverySectionIsThereAndLinked) {
  const std::string page = report_page(data());
  for (const char* id :
       {"findings", "looks", "results", "published", "letters", "extractors", "groups",
        "confidence", "grounding", "examples", "questions", "checklist", "manifests"}) {
    EXPECT_THAT(page, HasSubstr(cat("<h2 id=\"", id, "\">")));
    EXPECT_THAT(page, HasSubstr(cat("href=\"#", id, "\"")));
  }
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(page, Not(HasSubstr("<!--")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=http")));
}

TEST(ReportSections, WhatWasFoundComesFirstAndImagesBeforeTables) {
  const std::string page = report_page(data());
  const size_t found = page.find("<h2 id=\"findings\">");
  const size_t links = page.find("<nav");
  const size_t looks = page.find("<h2 id=\"looks\">");
  EXPECT_LT(found, links);
  EXPECT_LT(links, looks);
  EXPECT_LT(looks, page.find("<table"));
}

TEST(ReportSections, MapsBeyondTheFirstRowAreFolded) {
  ReportData many = data();
  many.grounding[0].maps.assign(7, many.grounding[0].maps[0]);
  const std::string body = maps_section(many).body;
  EXPECT_THAT(body, HasSubstr("<summary>3 more of 7 maps</summary>"));
  many.num_maps = 3;
  EXPECT_THAT(maps_section(many).body, Not(HasSubstr("<details><summary>3")));
  many.num_maps = 0;
  EXPECT_EQ(maps_section(many).body, "");
}

TEST(ReportSections, NothingMakesAPageOfNothing) {
  const std::string page = report_page({});
  EXPECT_THAT(page, HasSubstr("of 0 runs"));
  EXPECT_THAT(page, Not(HasSubstr("<h2 id=\"results\"")));
  ReportData grounding = data();
  grounding.comparison.runs.clear();
  grounding.answers_by_run.clear();
  grounding.track_by_run.clear();
  EXPECT_THAT(report_page(grounding), HasSubstr("<h2 id=\"grounding\""));
}

TEST(ReportSections, TheListHoldsEveryTextAndItsConditions) {
  const std::string body = items_section(data()).body;
  const std::string start = "id=\"item-data\">";
  const size_t begin = body.find(start) + start.size();
  const Json list = parse_json(body.substr(begin, body.find("</script>", begin) - begin), "list");
  EXPECT_EQ(list["runs"], Json({kHostile, cat(kHostile, ": real")}));
  EXPECT_EQ(list["evaluated"], 1);
  const Json& item = list["items"][0];
  EXPECT_EQ(item["question"], kHostile);
  EXPECT_EQ(item["options"]["A"], kHostile);
  EXPECT_TRUE(item["picture"].is_null());
  EXPECT_EQ(item["file"], "picture.png");
  EXPECT_EQ(item["answers"][0]["reply"], kHostile);
  EXPECT_EQ(item["answers"][0]["probabilities"]["B"], 0.5);
  EXPECT_EQ(item["answers"][0]["right"], true);
  EXPECT_THAT(body, HasSubstr("(A is correct; "));
}

TEST(ReportSections, TracksThatAreNotKnownAreSaid) {
  EXPECT_THAT(published_section(data()).body, HasSubstr("No run here is known to be on a track"));
  ReportData known = data();
  known.track_by_run[0] = {"test_clean", "as prepared"};
  EXPECT_THAT(published_section(known).body, Not(HasSubstr("No run here")));
  known.published = false;
  EXPECT_EQ(published_section(known).body, "");
}

TEST(ReportSections, TheMapLiesOverTheImageWithItsBoxes) {
  const ReportData all = data();
  const std::string html = heat_map_html(all.grounding[0].maps[0], all.questions[0]);
  EXPECT_THAT(html, HasSubstr("class=\"for\" opacity=\"0.75\""));
  EXPECT_THAT(html, HasSubstr("class=\"against\" opacity=\"0.38\""));
  EXPECT_THAT(html, HasSubstr("<rect x=\"100.0\" y=\"200.0\" width=\"200.0\" height=\"200.0\" "
                              "class=\"box\"/>"));
  EXPECT_THAT(html, HasSubstr("row 1, column 1 of 1 x 2"));
  EXPECT_THAT(html, Not(HasSubstr("gradient")));
  record::OcclusionMap with_gradient = all.grounding[0].maps[0];
  with_gradient.token_rows = 2;
  with_gradient.token_columns = 1;
  with_gradient.relevance = {-0.5, 0};
  EXPECT_THAT(heat_map_html(with_gradient, all.questions[0]),
              HasSubstr("<g class=\"relevance\"><rect x=\"0.0\" y=\"0.0\" width=\"1000.0\" "
                        "height=\"500.0\" class=\"against\" opacity=\"0.75\"/></g>"));
}

TEST(ReportSections, AStripHasTheMapsThatWereMade) {
  record::ReplyEvidence evidence;
  evidence.reply = "It is left.";
  evidence.rows = evidence.columns = evidence.token_rows = 1;
  evidence.token_columns = 2;
  evidence.sentences.resize(1);
  evidence.sentences[0].end = 11;
  evidence.sentences[0].occlusion = {2};
  const std::string occlusion = sentence_strip_html(evidence, data().questions[0], "strip");
  EXPECT_THAT(occlusion, HasSubstr("<g class=\"occlusion\">"));
  EXPECT_THAT(occlusion, Not(HasSubstr("attention")));
  evidence.sentences[0].attention = {0.25, 0.5};
  const std::string both = sentence_strip_html(evidence, data().questions[0], "strip");
  EXPECT_THAT(both, HasSubstr("class=\"of-occlusion\" checked> occlusion"));
  EXPECT_THAT(both, HasSubstr("class=\"of-relevance\"> attention"));
  EXPECT_THAT(both, HasSubstr("<g class=\"relevance\"><rect x=\"0.0\" y=\"0.0\" width=\"500.0\" "
                              "height=\"1000.0\" class=\"for\" opacity=\"0.38\"/>"));
  evidence.sentences[0].occlusion.clear();
  EXPECT_THAT(sentence_strip_html(evidence, data().questions[0], "strip"),
              HasSubstr("class=\"of-relevance\" checked> attention"));
}

TEST(ReportSections, TheChecklistHasAllItemsAndSaysWhoseTheyAre) {
  const Table table = claim_checklist(data());
  ASSERT_EQ(table.rows.size(), 42U);
  for (size_t i = 0; i < table.rows.size(); ++i) {
    EXPECT_EQ(table.rows[i][0].shown, std::to_string(i + 1));
  }
  EXPECT_EQ(table.rows[6][2].shown, "Questions of set:file.csv");
  EXPECT_THAT(table.rows[21][2].shown, HasSubstr("model </script>"));
  EXPECT_EQ(table.rows[33][3].shown, "authors");
}

TEST(ReportTrack, IsKnownOnlyOfTheQuestionsAsTheyWere) {
  const std::string folder = testing::TempDir() + "report_track";
  make_folder(folder);
  const std::string questions = folder + "/questions.jsonl";
  write_file(questions, "{}\n");
  write_file(folder + "/result.json", R"({"track": "test_2"})");
  const record::Manifest manifest = record::completed(
      {"evaluate", {{"questions", questions}, {"limit", 0}, {"split", ""}}, {questions}});
  EXPECT_EQ(track_of_run(manifest, "").name, "test_2");
  record::Manifest moved = manifest;
  moved.options["questions"] = "elsewhere.jsonl";
  EXPECT_EQ(track_of_run(moved, "").name, "");
  EXPECT_EQ(track_of_run(moved, questions).name, "test_2");
  record::Manifest part = manifest;
  part.options["limit"] = 50;
  EXPECT_EQ(track_of_run(part, "").name, "");
  write_file(questions, "{\"changed\": 1}\n");
  EXPECT_EQ(track_of_run(manifest, questions).name, "");
  EXPECT_EQ(track_of_run(std::nullopt, questions).how, "no manifest");
  std::filesystem::remove_all(folder);
}

TEST(ReportProvenance, FollowsFromRunToAdapterToQuestions) {
  const std::string folder = testing::TempDir() + "report_provenance";
  for (const char* part : {"/run", "/adapter", "/q"}) make_folder(folder + part);
  const auto manifest = [&](const std::string& path, const char* command, const Json& options) {
    write_file(folder + path, to_text(Json{{"command", command}, {"options", options}}));
  };
  manifest("/run/manifest.json", "evaluate", {{"adapter", folder + "/adapter/"}});
  manifest(
      "/adapter/manifest.json", "train",
      {{"questions", folder + "/q/questions.jsonl"}, {"explanations", folder + "/ledger.jsonl"}});
  manifest("/q/manifest.json", "prepare", Json::object());
  manifest("/ledger.jsonl.manifest.json", "teach", {{"questions", folder + "/q/questions.jsonl"}});
  write_file(folder + "/q/result.json", R"({"rows": 5})");
  std::vector<std::string> names;
  const auto found =
      manifests_behind({folder + "/run", folder + "/none"}, {"a", "b"}, {folder + "/adapter"});
  for (const NamedManifest& one : found) names.push_back(one.name);
  EXPECT_THAT(names, testing::ElementsAre("run: a", "run: b", "train: adapter", "prepare: q",
                                          "teach: ledger.jsonl"));
  EXPECT_FALSE(found[1].manifest.has_value());
  EXPECT_EQ(found[3].result["rows"], 5);
  std::filesystem::remove_all(folder);
}

TEST(ReportOptionsTest, GroundingRunsAreToldApart) {
  const std::string folder = testing::TempDir() + "report_kinds";
  make_folder(folder + "/g");
  write_file(folder + "/g/result.json", to_text(record::to_json(record::GroundingResult{})));
  ReportOptions options;
  options.runs = {folder + "/e", folder + "/g"};
  sort_runs(options);
  EXPECT_THAT(options.runs, testing::ElementsAre(folder + "/e"));
  EXPECT_THAT(options.grounding, testing::ElementsAre(folder + "/g"));
  ReportOptions none;
  none.out = folder + "/page.html";
  EXPECT_THROW(write_report(none, {}), InputError);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lmc::report
