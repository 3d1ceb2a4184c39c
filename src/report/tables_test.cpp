#include "report/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/check.h"  // cat
#include "base/files.h"  // read_file, write_file
#include "report/grounding_tables.h"
#include "report/published_results.h"
#include "report/result_tables.h"

namespace lmc::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kHostile[] = "a|b, \"c\" & <script>_100%_{$x#}\n\\end~^";

Table table() {
  return {"t",
          cat("Caption ", kHostile),
          {{"run", {"run"}, true}, {"right", {"correct", "total"}}, {"bar", {}}},
          {{text_cell(kHostile), {"1 of 3", {"1", "3"}}, {"", {}, "<svg></svg>"}}}};
}

TEST(ReportTables, HtmlEscapesAndNamesItsParts) {
  const std::string html = table_html(table());
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html,
              HasSubstr("<th scope=\"row\" role=\"rowheader\">a|b, &quot;c&quot; &amp; &lt;"));
  EXPECT_THAT(html, HasSubstr("data-label=\"right\">1 of 3<"));
  EXPECT_THAT(html, HasSubstr("<svg></svg>"));
}

TEST(ReportTables, OnThePageARunStandsOnceAboveItsRows) {
  const Table rows{"t",
                   "C",
                   {{"run", {"run"}, true}, {"letter", {"letter"}, true}, {"gold", {"gold"}}},
                   {{text_cell("a & b"), text_cell("A"), count_cell(1)},
                    {text_cell("a & b"), text_cell("B"), count_cell(2)},
                    {text_cell("c"), text_cell("A"), count_cell(3)}}};
  const std::string html = table_html(rows);
  const std::string heading = "colspan=\"2\">a &amp; b</th>";
  EXPECT_EQ(html.find(heading), html.rfind(heading));
  EXPECT_THAT(html, HasSubstr(heading));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\" role=\"rowheader\">B</th>"));
  EXPECT_THAT(html, Not(HasSubstr(">run<")));
  EXPECT_EQ(table_csv(rows), "run,letter,gold\na & b,A,1\na & b,B,2\nc,A,3\n") << "files are whole";
  Table once = rows;
  once.rows.erase(once.rows.begin());
  EXPECT_THAT(table_html(once), HasSubstr(">run<"));
}

TEST(ReportTables, MarkdownKeepsARowInALine) {
  EXPECT_EQ(table_markdown({"t", "C", table().columns, table().rows}),
            "C\n\n| run | right |\n|---|---:|\n"
            "| a\\|b, \"c\" &amp; &lt;script\\>\\_100%\\_{$x\\#} \\\\end~^ | 1 of 3 |\n");
}

TEST(ReportTables, CsvHasExactValuesAndQuotes) {
  EXPECT_EQ(table_csv(table()),
            "run,correct,total\n\"a|b, \"\"c\"\" & <script>_100%_{$x#}\n\\end~^\",1,3\n");
}

TEST(ReportTables, LatexEscapesWhatItReads) {
  const std::string latex = table_latex(table());
  EXPECT_THAT(latex, HasSubstr("\\_100\\%\\_\\{\\$x\\#\\} \\textbackslash{}end\\textasciitilde{}"
                               "\\textasciicircum{} & 1 of 3 \\\\"));
  EXPECT_THAT(latex, HasSubstr("\\begin{tabular}{lr}"));
  EXPECT_THAT(latex, Not(HasSubstr("svg")));
}

TEST(ReportTables, CellsRoundForPeopleAlone) {
  EXPECT_EQ(percent_cell(1.0 / 3).shown, "33.3 %");
  EXPECT_EQ(percent_cell(0.125).exact[0], "0.125");
  EXPECT_EQ(points_cell(-0.0001).shown, "0.0");
  EXPECT_EQ(interval_cell(std::array<double, 2>{-0.02, 0.03}, true).shown, "-2.0 to +3.0");
  EXPECT_EQ(interval_cell(std::nullopt).exact.size(), 2U);
  EXPECT_EQ(number_cell(std::nullopt, 3).exact[0], "") << "absent is not zero";
}

record::Comparison comparison() {
  record::Comparison both;
  record::Result old;  // as earlier versions wrote them
  old.name = "old";
  old.overall = {6, 10, 0.6, {0.31, 0.83}};
  record::Result full = old;
  full.name = "full";
  full.breakdowns["modality"] = {{"CT", {3, 4, 0.75, {0.3, 0.95}}},
                                 {"MR", {3, 6, 0.5, {0.2, 0.8}}}};
  full.image_groups = 7;
  full.image_group_interval_95 = {0.25, 0.875};
  full.extractors = {{"medevalkit", 1, 2, {7, 10, 0.7, {0.4, 0.9}}}};
  record::Confidence confidence;
  confidence.answers = 9;
  confidence.ece = 0.125;
  confidence.table = {{0.4, 0.5, 9, 0.45, 0.5, {0.2, 0.8}}};
  confidence.promises = {{0.1, std::nullopt, 0},
                         {0.3, record::CoveragePoint{0.8, 0.5, 0.25}, 0.29}};
  confidence.prediction_sets = {{{0.9, 0.125, 99}, {8, 9, 0.889, {0.5, 0.98}}, 1.5, {5, 4}}};
  full.confidence = confidence;
  both.runs = {old, full};
  both.pairs = {{"old", "full", 3, 1, 5, 1, 0.21875}};
  return both;
}

TEST(ReportTables, ValuesAreTheRecords) {
  const record::Comparison both = comparison();
  EXPECT_THAT(table_csv(results_table(both)), HasSubstr("old,6,10,0.6,0.31,0.83,0,0,0,"));
  EXPECT_THAT(table_csv(accuracy_table(both)), HasSubstr(",7,0.25,0.875"));
  EXPECT_THAT(table_csv(groups_table(both)), HasSubstr("full,modality,CT,3,4,0.75,0.3,0.95\n"));
  EXPECT_THAT(table_csv(extractors_table(both)),
              HasSubstr("full,medevalkit,7,10,0.7,0.4,0.9,1,2\n"));
  EXPECT_THAT(table_csv(confidence_table(both)), HasSubstr("full,9,0,,0.125,"));
  EXPECT_THAT(table_csv(reliability_table(both)), HasSubstr("full,0.4,0.5,9,0.45,0.5,0.2,0.8\n"));
  EXPECT_THAT(table_csv(promises_table(both)),
              HasSubstr("full,0.1,,,,\nfull,0.3,0.8,0.5,0.25,0.29"));
  EXPECT_THAT(table_html(promises_table(both)), HasSubstr("no threshold is safe"));
  EXPECT_THAT(table_csv(prediction_sets_table(both)),
              HasSubstr("full,0.9,8,9,0.889,0.5,0.98,1.5,5,99\n"));
}

TEST(ReportTables, PairsOfEarlierRecordsHaveOnlyTheirTest) {
  record::Comparison both = comparison();
  EXPECT_EQ(table_csv(pairs_table(both)),
            "first,second,both_right,only_first_right,only_second_right,both_wrong,difference,"
            "mcnemar_p\nold,full,3,1,5,1,-0.4,0.21875\n");
  both.pairs[0].mid_p = 0.125;
  both.pairs[0].holm_p = 0.25;
  both.pairs[0].difference = -0.4;
  both.pairs[0].equivalence_p = 0.5;
  EXPECT_THAT(table_csv(pairs_table(both)), HasSubstr("-0.4,0.21875,0.125,0.25,0.5\n"));
}

TEST(ReportTables, PublishedResultsMeetOnlyRunsOfTheirTrack) {
  record::Comparison both = comparison();
  const Table published = published_table(both, {{"test_clean", ""}, {"", "no manifest"}});
  for (const auto& row : published.rows) {
    EXPECT_FALSE(row[1].shown.empty());
    EXPECT_FALSE(row[4].shown.empty()) << row[0].shown << " has no source";
    EXPECT_EQ(row[3].shown == "no run on this track", row[1].shown != "test_clean");
    EXPECT_THAT(row[3].shown, Not(HasSubstr("full")));
  }
  EXPECT_THAT(table_csv(published), HasSubstr("LLaVA-Med v1.5 7B,test_clean,0.3428,within old,"));
  // Above the paper's own 64.9 % on its kind of test file; and the ablation.
  EXPECT_THAT(table_csv(published), HasSubstr("InfiMed2-27B,test_clean,0.675,within old,"));
  EXPECT_THAT(table_csv(published), HasSubstr("4B trained on the answer alone,test_clean,0.657,"));
  EXPECT_THAT(table_csv(published), HasSubstr("LiteMedCoT-VL 2B,\"2,000 rows, file not named\","));
}

TEST(ReportTables, GroundingMetricsHaveTheirFormulas) {
  GroundingRun run;
  run.result.name = "g";
  run.result.conditions = {
      {"real", 0, {3, 4, 0.75, {0.3, 0.95}}, 0, 0, {0, 4, 0, {0, 0.5}}, 0, 0, 0, 0.0},
      {"shuffled", 2, {1, 4, 0.25, {0, 0.7}}, 0, 0, {3, 4, 0.75, {0.3, 0.95}}, 2, 0, 1, 0.5}};
  run.result.metrics = {
      {"VRS", "Acc_real - Acc_shuffled", "arXiv 2603.03437", 0.5, std::nullopt, 4, {0.25, 0.75}}};
  EXPECT_THAT(table_csv(conditions_table({run})),
              HasSubstr("g,shuffled,2,1,4,0.25,0.0,0.7,0.75,0.3,0.95,2,0,1,0.5,0,0\n"));
  EXPECT_THAT(
      table_csv(grounding_metrics_table({run})),
      HasSubstr("g,VRS,0.5,,,4,\"0.250, 0.750\",Acc_real - Acc_shuffled,arXiv 2603.03437\n"));
  EXPECT_TRUE(captions_table({run}).rows.empty()) << "no caption was shown";
  run.result.conditions.push_back(run.result.conditions[0]);
  run.result.conditions.back().condition = "caption";
  run.trained_with_captions = "yes";
  EXPECT_THAT(table_csv(captions_table({run})), HasSubstr("g,yes,0.75,0.3,0.95,0.75,0.3,0.95\n"));
}

TEST(ReportTables, OnThePageMetricsOfRunsStandBesideEachOther) {
  GroundingRun first;
  first.result.name = "one";
  first.result.metrics = {{"VRS", "a < b", "source", 0.5, {{0.25, 0.75}}, 40, {}}};
  GroundingRun second;
  second.result.name = "two";
  second.result.metrics = {{"IS", "c", "source", 0.25, std::nullopt, 30, {}},
                           {"VRS", "a < b", "source", 0.125, std::nullopt, 20, {}}};
  const Table table =
      metrics_by_run({first, second, {}}, "Figures", &record::GroundingResult::metrics);
  ASSERT_EQ(table.columns.size(), 3U) << "a run without metrics has no column";
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0][0].shown, "VRS");
  const std::string html = table_html(table);
  EXPECT_THAT(html, HasSubstr("<b>0.500</b> <span class=\"quiet\">0.250 to 0.750, n 40</span>"));
  EXPECT_THAT(html, HasSubstr("a &lt; b"));
  EXPECT_EQ(table.rows[1][1].shown, kNoValue);
}

TEST(ReportTables, PairsAreShownAgainstTheReferenceAndAsASquare) {
  record::Comparison both = comparison();
  both.pairs[0].holm_p = 0.01;
  both.pairs[0].difference_interval_95 = {{-0.6, -0.2}};
  const QuestionSet set = question_sets(both, {}, "")[0];
  const Table against = against_reference_table(both, set);
  EXPECT_EQ(against.caption, "Each against old");
  ASSERT_EQ(against.rows.size(), 1U) << "the reference has no row";
  EXPECT_EQ(table_csv(against),
            "run,verdict,difference,low,high,only_here,only_there,mcnemar_p,holm_p\n"
            "full,ahead,0.4,0.2,0.6,5,1,0.21875,0.01\n");
  const Table square = pairs_square(both);
  ASSERT_EQ(square.rows.size(), 2U);
  EXPECT_EQ(square.rows[0][1].shown, "");
  EXPECT_EQ(square.rows[0][2].shown, "-40.0");
  EXPECT_EQ(square.rows[1][1].shown, "+40.0");
  EXPECT_THAT(square.rows[1][1].html, HasSubstr("<b>+40.0</b>"));
}

TEST(ReportTables, SeedsHaveTheirSpreadAndTheirValues) {
  record::Comparison both = comparison();
  EXPECT_TRUE(seeds_table(both).rows.empty());
  both.seed_arms = {{"arm",
                     {"old", "full"},
                     {0.5, 0.75},
                     0.625,
                     0.125,
                     {0.5, 0.75},
                     {0.25, 1.0},
                     std::nullopt,
                     8}};
  both.arm_pairs = {{"arm", "x", 8, 0.25, std::nullopt, {{-0.125, 0.5}}}};
  EXPECT_EQ(table_csv(seeds_table(both)),
            "arm,seeds,mean,standard_deviation,least,greatest,seed_interval_95_low,"
            "seed_interval_95_high,question_interval_95_low,question_interval_95_high,accuracies\n"
            "arm,2,0.625,0.125,0.5,0.75,0.25,1.0,,,0.5 0.75\n");
  EXPECT_THAT(table_html(seeds_table(both)), HasSubstr("50.0 (old), 75.0 (full)"));
  EXPECT_THAT(table_csv(arm_pairs_table(both)), HasSubstr("arm,x,8,0.25,-0.125,0.5,,\n"));
}

TEST(ReportTables, EachTableIsThreeFiles) {
  const std::string folder = testing::TempDir() + "report_tables";
  write_tables(folder, {table()});
  EXPECT_EQ(read_file(folder + "/t.csv"), table_csv(table()));
  EXPECT_EQ(read_file(folder + "/t.md"), table_markdown(table()));
  EXPECT_EQ(read_file(folder + "/t.tex"), table_latex(table()));
  // Those of other runs take their place, and what is somebody else's stays.
  Table other = table();
  other.rows.pop_back();
  write_tables(folder, {other});
  EXPECT_EQ(read_file(folder + "/t.csv"), table_csv(other));
  write_file(folder + "/t.md", "my notes");
  EXPECT_THROW(write_tables(folder, {table()}), InputError);
  EXPECT_EQ(read_file(folder + "/t.md"), "my notes");
  EXPECT_EQ(read_file(folder + "/t.csv"), table_csv(other));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lmc::report
