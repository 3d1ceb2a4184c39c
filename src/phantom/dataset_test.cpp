#include "phantom/dataset.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "base/check.h"           // InputError
#include "base/files.h"           // read_file, for_each_line
#include "base/json.h"            // parse_json
#include "base/sha256.h"          // sha256_hex_of_file
#include "image/image.h"          // read_image
#include "phantom/rule_solver.h"  // solve

namespace lmc::phantom {
namespace {

namespace fs = std::filesystem;

class Dataset : public ::testing::Test {
 protected:
  Dataset() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(::testing::TempDir()) / (std::string("phantom_") + info->name());
    fs::remove_all(root_);
  }
  ~Dataset() override { fs::remove_all(root_); }

  DatasetOptions options(const std::string& name) const {
    DatasetOptions options;
    options.out = (root_ / name).string();
    options.seed = 7;
    options.train = 12;
    options.validation = 4;
    options.test = 8;
    options.single_train = 14;
    options.single_test = 7;
    options.reading = 5;
    return options;
  }

  fs::path root_;
};

std::map<std::string, std::string> hashes_in(const std::string& folder) {
  std::map<std::string, std::string> hashes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    hashes[fs::relative(entry.path(), folder).string()] = sha256_hex_of_file(entry.path().string());
  }
  return hashes;
}

// RFC 4180, written apart from the writer.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        row.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        row.back() += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      rows.push_back(row);
      row.assign(1, "");
    } else {
      row.back() += c;
    }
  }
  return rows;
}

TEST_F(Dataset, SameOptionsGiveTheSameBytes) {
  write_dataset(options("first"));
  write_dataset(options("second"));
  const auto first = hashes_in(options("first").out);
  EXPECT_EQ(first, hashes_in(options("second").out));
  EXPECT_EQ(first.size(), 45u + 5 * 4 + 2);  // images, four files a part, reading, dataset.json

  DatasetOptions other = options("third");
  other.seed = 8;
  write_dataset(other);
  EXPECT_NE(first, hashes_in(other.out));
}

TEST_F(Dataset, NoImageIsSharedBetweenQuestions) {
  write_dataset(options("set"));
  std::set<std::string> hashes;
  size_t images = 0;
  for (const auto& [path, hash] : hashes_in(options("set").out)) {
    if (path.rfind("images/", 0) != 0) continue;
    hashes.insert(hash);
    ++images;
  }
  EXPECT_EQ(images, 45u);
  EXPECT_EQ(hashes.size(), images);
}

TEST_F(Dataset, TableReadsBackAsTheQuestions) {
  write_dataset(options("set"));
  for (const Part& part : {Part{"composite", "train"}, Part{"single", "test"}}) {
    const std::string stem = options("set").out + "/" + part.sort + "_" + part.split;
    const auto rows = parse_csv(read_file(stem + ".csv"));
    ASSERT_EQ(rows.front(),
              (std::vector<std::string>{"index", "Figure_path", "Caption", "Question", "Choice A",
                                        "Choice B", "Choice C", "Choice D", "Answer", "split"}));
    std::vector<Json> reasoning;
    for_each_line(stem + "_explanations.jsonl", [&](size_t, std::string_view line) {
      reasoning.push_back(parse_json(line, "reasoning"));
    });
    ASSERT_EQ(reasoning.size(), rows.size() - 1);
    for (size_t i = 1; i < rows.size(); ++i) {
      const Question question = question_at(part, static_cast<int64_t>(i) - 1, 7);
      ASSERT_EQ(rows[i].size(), 10u);
      const size_t first = part.sort == "single" ? 5000000 : 0;  // the parts are numbered apart
      EXPECT_EQ(rows[i][0], std::to_string(first + i - 1));
      EXPECT_EQ(rows[i][2], caption(question.findings));
      EXPECT_EQ(rows[i][3], question.text);
      EXPECT_EQ(rows[i][4], " A: " + question.options[0] + " ");
      EXPECT_EQ(rows[i][8], std::string(1, question.answer));
      EXPECT_EQ(rows[i][9], part.split);
      EXPECT_EQ(reasoning[i - 1]["figure"], rows[i][1]);
      EXPECT_EQ(reasoning[i - 1]["reasoning"], question.reasoning);
      EXPECT_EQ(reasoning[i - 1]["answer"], rows[i][8]);
      const image::Image image = image::read_image(options("set").out + "/images/" + rows[i][1]);
      EXPECT_EQ(image.width_px, 128);
      EXPECT_EQ(image.height_px, 128);
    }
  }
}

TEST_F(Dataset, QuestionsDoNotDependOnHowManyAreAskedFor) {
  DatasetOptions more = options("more");
  more.train = 20;
  write_dataset(options("few"));
  write_dataset(more);
  const std::string few = read_file(options("few").out + "/composite_train.csv");
  EXPECT_EQ(read_file(more.out + "/composite_train.csv").substr(0, few.size()), few);
}

TEST_F(Dataset, ACompleteFolderIsLeftAloneAndAnUnfinishedOneCompleted) {
  write_dataset(options("set"));
  const std::string marker = options("set").out + "/dataset.json";
  const std::string table = options("set").out + "/composite_test.csv";
  const auto whole = hashes_in(options("set").out);
  fs::remove(table);
  write_dataset(options("set"));
  EXPECT_FALSE(file_exists(table));  // complete: nothing was done
  fs::rename(marker, options("set").out + "/dataset.unfinished.json");
  DatasetOptions other = options("set");
  other.seed = 8;
  EXPECT_THROW(write_dataset(other), InputError);
  write_dataset(options("set"));
  EXPECT_EQ(hashes_in(options("set").out), whole);
  fs::remove(marker);
  EXPECT_THROW(write_dataset(options("set")), InputError) << "whose files these are, nothing says";
}

TEST_F(Dataset, RefusesAnotherSetsFolderAndNegativeCounts) {
  write_dataset(options("set"));
  DatasetOptions other = options("set");
  other.test = 9;
  EXPECT_THROW(write_dataset(other), InputError);
  other = options("none");
  other.validation = -1;
  EXPECT_THROW(write_dataset(other), InputError);
}

}  // namespace
}  // namespace lmc::phantom
