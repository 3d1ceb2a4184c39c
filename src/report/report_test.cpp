#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <regex>

#include "base/check.h"     // InputError
#include "base/data_url.h"  // make_data_url
#include "base/files.h"     // write_file
#include "image/image.h"    // encode_png
#include "report/charts.h"
#include "report/examples.h"
#include "report/html.h"
#include "report/image_url.h"
#include "report/plot.h"

namespace lmc::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// What must not survive into the page as markup.
constexpr char kHostile[] = "<script>alert(1)</script>\" onload='x' & <img src=http://x>";

class ReportTest : public testing::Test {
 protected:
  ReportTest() { make_folder(folder_); }
  ~ReportTest() override { std::filesystem::remove_all(folder_); }

  // Questions q0, q1, ... with one image.
  std::vector<record::Question> questions(int count) {
    const image::Image gray{8, 8, std::vector<uint8_t>(size_t{8} * 8 * 3, 128)};
    write_file(folder_ + "/p.png", image::encode_png(gray));
    std::vector<record::Question> all;
    for (int i = 0; i < count; ++i) {
      record::Question question;
      question.id = cat("q", i);
      question.image = folder_ + "/p.png";
      question.question = cat("Question ", i, "? ", kHostile);
      question.options = {{'A', "one"}, {'B', kHostile}};
      all.push_back(question);
    }
    return all;
  }

  static record::Answer answer(int i, const std::string& letter) {
    return {cat("q", i), "A", letter, cat("Because. ", kHostile, "\n\nAnswer: ", letter),
            "end",       9,   {},     ""};
  }

  static record::Result result(const std::string& name) {
    record::Result one;
    one.name = name;
    one.mode = "generate";
    one.overall = {6, 10, 0.6, {0.31, 0.83}};
    one.gold_letters = {{'A', 6}, {'B', 4}};
    one.predicted_letters = {{'A', 9}};
    one.best_letter_accuracy = 0.6;
    return one;
  }

  ReportData data() {
    ReportData data;
    data.title = cat("Title ", kHostile);
    data.notice = cat("Notice ", kHostile);
    data.comparison.runs = {result("zero-shot"), result(kHostile)};
    data.comparison.pairs = {{"zero-shot", kHostile, 3, 1, 5, 1, 0.21875}};
    data.questions = questions(4);
    data.answers_by_run = {{answer(0, "A"), answer(1, "B"), answer(2, ""), answer(3, "A")},
                           {answer(0, "A"), answer(1, "A"), answer(2, "B"), answer(3, "A")}};
    data.track_by_run = {{"", "no manifest"}, {"test_clean", "as prepared"}};
    record::Manifest hostile;
    hostile.version = kHostile;
    hostile.commit = "abc";
    data.manifests = {{"run: zero-shot", ""}, {kHostile, "", hostile}};
    data.curves = {{kHostile, "", 0, {{1, 2.0}, {2, 1.5}, {3, 1.25}}, {{3, 0.5}}}};
    data.num_examples = 4;
    data.num_items = 4;
    data.num_images = 4;
    return data;
  }

  const std::string folder_ = testing::TempDir() + "report_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

// The page without its style sheet and scripts, in which < and > need no escape.
std::string markup_of(const std::string& page) {
  return std::regex_replace(
      page, std::regex("<(style|script)[^>]*>[^<]*(<(?!/)[^<]*)*</(style|script)>"), "");
}

// Opens and closes every element in order; void elements and the doctype stand alone.
std::string first_unbalanced_tag(const std::string& page) {
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-z0-9]+)([^<>]*)>");
  const std::string markup = markup_of(page);
  for (std::sregex_iterator it(markup.begin(), markup.end(), tag), end; it != end; ++it) {
    const std::string name = (*it)[2];
    const std::string rest = (*it)[3];
    if (name == "meta" || name == "img" || name == "input" || rest.ends_with("/")) continue;
    if ((*it)[1].length() == 0) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return (*it)[0];
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(ReportTest, ThePageStandsAloneAndNothingInItIsMarkupOfOthers) {
  const std::string page = report_page(data());
  EXPECT_EQ(count_of(page, "<script"), 2U) << "the list's data and its script";
  EXPECT_EQ(count_of(page, "</script"), 2U);
  EXPECT_THAT(page, Not(HasSubstr("alert(1)<")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=http")));
  EXPECT_THAT(page, Not(HasSubstr("<link")));
  EXPECT_THAT(page, Not(HasSubstr("url(")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  EXPECT_THAT(page, HasSubstr("script-src 'sha256-"));
  EXPECT_THAT(page, HasSubstr("Research use only"));
  EXPECT_EQ(first_unbalanced_tag(page), "");
  const std::regex source("src=\"([^\"]{0,30})");
  int num_images = 0;
  for (std::sregex_iterator it(page.begin(), page.end(), source), end; it != end; ++it) {
    EXPECT_TRUE((*it)[1].str().starts_with("data:image/png;base64,")) << (*it)[1];
    ++num_images;
  }
  EXPECT_EQ(num_images, 4);
}

TEST_F(ReportTest, ThePageSaysWhatWasMeasured) {
  const std::string page = report_page(data());
  EXPECT_THAT(page, HasSubstr("6 of 10"));
  EXPECT_THAT(page, HasSubstr("<b>60.0 %</b>"));
  EXPECT_THAT(page, HasSubstr("31.0 to 83.0 %"));
  EXPECT_THAT(page, HasSubstr("0.219"));
  EXPECT_THAT(page, HasSubstr(">-40.0<")) << "first less second";
  EXPECT_THAT(page, HasSubstr("class=\"notice\">Notice"));
  EXPECT_THAT(page, HasSubstr("Training loss"));
  EXPECT_THAT(page, HasSubstr("no answer <b class=\"wrong\">wrong</b>"));
  ReportData bare = data();
  bare.notice.clear();
  bare.curves.clear();
  bare.questions.clear();
  bare.comparison.pairs.clear();
  const std::string small = report_page(bare);
  EXPECT_EQ(first_unbalanced_tag(small), "");
  EXPECT_THAT(small, Not(HasSubstr("Examples")));
  EXPECT_THAT(small, Not(HasSubstr("id=\"training\"")));
}

TEST_F(ReportTest, FilesInPageAndNumbersOut) {
  const ReportData made = data();
  ReportOptions options;
  for (size_t run = 0; run < 2; ++run) {
    const std::string folder = cat(folder_, "/run", run);
    make_folder(folder);
    std::string lines;
    for (const auto& one : made.answers_by_run[run]) lines += to_text(record::to_json(one)) + "\n";
    write_file(folder + "/answers.jsonl", lines);
    options.runs.push_back(folder);
  }
  std::string lines;
  for (const auto& one : made.questions) lines += to_text(record::to_json(one)) + "\n";
  write_file(folder_ + "/q.jsonl", lines);
  make_folder(folder_ + "/student");
  write_file(folder_ + "/student/metrics.jsonl",
             "{\"step\": 1, \"loss\": 2.5, \"tokens\": 7}\n{\"step\": 2, \"loss\": 2.25}\n");
  options.questions = folder_ + "/q.jsonl";
  options.metrics = {folder_ + "/student/metrics.jsonl"};
  options.out = folder_ + "/out/report.html";
  write_report(options, made.comparison);
  EXPECT_THAT(read_file(options.out), HasSubstr("</span>student</li>"));
  const Json json = read_json(folder_ + "/out/result.json");
  EXPECT_EQ(json["arms"][0]["name"], "zero-shot");
  EXPECT_TRUE(json["arms"][0]["accuracy"].is_number());
  EXPECT_TRUE(json["arms"][0]["interval_95"][1].is_number());
  EXPECT_EQ(json["pairs"][0]["mcnemar_p"], 0.21875);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/tables"));

  // The curve of the adapter that a run used has the run's name and colour.
  write_file(folder_ + "/run1/manifest.json",
             to_text(Json{{"options", {{"adapter", folder_ + "/student/"}}}}));
  write_report(options, made.comparison);
  EXPECT_THAT(read_file(options.out), HasSubstr("<span class=\"key series1\"></span>student ("));

  options.out = folder_ + "/run0/report.html";
  EXPECT_THROW(write_report(options, made.comparison), InputError);
}

TEST_F(ReportTest, ExamplesShowEveryPattern) {
  const std::vector<record::Question> all = questions(20);
  std::vector<std::vector<record::Answer>> answers(2);
  for (int i = 0; i < 20; ++i) {
    // Both right, but for two questions.
    answers[0].push_back(answer(i, i == 7 ? "B" : "A"));
    answers[1].push_back(answer(i, i == 7 || i == 13 ? "" : "A"));
  }
  const std::vector<Example> picked = pick_examples(all, answers, 5);
  std::vector<std::string> ids;
  for (const Example& example : picked) ids.push_back(example.question->id);
  EXPECT_THAT(ids, ElementsAre("q0", "q6", "q7", "q13", "q14"));
  EXPECT_EQ(pick_examples(all, answers, 100).size(), 20U);
  EXPECT_TRUE(pick_examples(all, {{}, {}}, 5).empty()) << "nobody was asked";
}

TEST_F(ReportTest, LargeImagesAreScaledDown) {
  image::Image large{600, 900, std::vector<uint8_t>(size_t{600} * 900 * 3)};
  for (size_t i = 0; i < large.rgb_HWC.size(); ++i) {
    large.rgb_HWC[i] = static_cast<uint8_t>(i * 2654435761U >> 13U);  // noise does not compress
  }
  write_file(folder_ + "/large.png", image::encode_png(large));
  const std::string url = image_url(folder_ + "/large.png", 90);
  EXPECT_TRUE(url.starts_with("data:image/jpeg;base64,/9j/")) << url.substr(0, 40);
  EXPECT_LT(url.size(), 20'000U);
  EXPECT_EQ(image_url(folder_ + "/none.png"), "");
}

// A browser would turn some files, others not, and put the page's colour behind transparency.
TEST_F(ReportTest, ImagesAreShownAsTheModelSawThem) {
  const std::string files = LMC_SOURCE_DIR "/tests/golden/image_files/";
  const std::string plain = files + "plain.jpg";
  EXPECT_EQ(
      image_url(plain),
      make_data_url("image/jpeg", image::encode_jpeg(image::decode(read_file(plain), plain), 90)));
  for (const char* name :
       {"exif_6.jpg", "rgba.png", "gray_16_of_12.png", "cmyk.jpg", "rgba.webp"}) {
    const std::string right = image::encode_png(image::read_image(files + name));
    EXPECT_EQ(image_url(files + name), make_data_url("image/png", right)) << name;
    EXPECT_EQ(thumbnail_url(files + name), image_url(files + name)) << name;
  }
}

TEST(ReportHtml, Numbers) {
  EXPECT_EQ(percent(0.6489), "64.9 %");
  EXPECT_EQ(p_value(1), "1.000");
  EXPECT_EQ(p_value(0.0312), "0.031");
  EXPECT_EQ(p_value(0.00042), "0.0004");
  EXPECT_EQ(p_value(3.14e-7), "3.1e-07");
  EXPECT_EQ(p_value(0), "below 1e-300");
  EXPECT_EQ(escaped("a<b>\"&'\x01\n"), "a&lt;b&gt;&quot;&amp;&#39;\n");
}

TEST(ReportCharts, TicksAreRoundAndSpanTheValues) {
  EXPECT_THAT(axis_ticks(0, 1, 5),
              ElementsAre(0, 0.2, testing::DoubleEq(0.4), testing::DoubleEq(0.6), 0.8, 1));
  EXPECT_THAT(axis_ticks(3, 47, 5), ElementsAre(0, 10, 20, 30, 40, 50));
  EXPECT_LE(axis_ticks(1e17, 1e17 + 64, 5).size(), 8u);
  EXPECT_LE(axis_ticks(-1e308, 1e308, 5).size(), 8u);
  EXPECT_LE(axis_ticks(3e17, 7.5e17, 5).size(), 8u);
}

TEST(ReportCharts, APlotOfNothingIsNothing) {
  EXPECT_EQ(plot({}, {}), "");
  EXPECT_EQ(plot({{0, false, false, {{1, std::nan("")}}}}, {}), "");
  EXPECT_THAT(plot({{0, false, false, {{1, 2.0}, {5, 1.0}}}}, {}), HasSubstr("<polyline"));
  EXPECT_THAT(plot({{0, false, false, {{5, 1.0}}}}, {}), HasSubstr("<circle")) << "seen alone";
}

TEST(ReportCharts, SmoothingIsAMean) {
  const auto result = smoothed({{1, 3.0}, {2, 6.0}, {3, 0.0}}, 1);
  ASSERT_EQ(result.size(), 3U);
  EXPECT_EQ(result[0].value, 4.5);
  EXPECT_EQ(result[1].value, 3.0);
  EXPECT_EQ(result[2].value, 3.0);
}

}  // namespace
}  // namespace lmc::report
