#include "record/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/check.h"           // InputError
#include "base/files.h"           // write_file
#include "record/run_folder.h"    // RunFolder
#include "record/run_identity.h"  // run_difference
#include "record/run_lines.h"     // has_lines

namespace lmc::record {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OutputTest : public testing::Test {
 protected:
  OutputTest() { make_folder(folder_); }
  ~OutputTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string write(const std::string& name, const std::string& text) const {
    make_parent_folder(path(name));
    write_file(path(name), text);
    return path(name);
  }

  FolderOutput run(const std::string& name, std::vector<std::string> inputs = {}) const {
    return {path(name), "evaluate", std::move(inputs), {"answers.jsonl", "result.json", "maps/"}};
  }

  // What the error says; empty when there is none.
  template <class Call>
  static std::string error_of(const Call& call) {
    try {
      call();
      return "";
    } catch (const InputError& error) {
      return error.what();
    }
  }
  std::string refused(const FolderOutput& output) const {
    return error_of([&] { check_folder_output(output); });
  }

  const std::string folder_ = testing::TempDir() + cat("output_test_", ::getpid());
};

TEST_F(OutputTest, AFolderIsNoneOfTheInputs) {
  write("data/table.csv", "x");
  fs::create_directory_symlink(path("data"), path("link"));
  EXPECT_EQ(refused(run("data", {path("data/table.csv")})), "") << "beside it";
  for (const char* spelled : {"data", "data/", "./data", "link", "data/../data"}) {
    EXPECT_THAT(refused(run(spelled, {"", path("data")})), HasSubstr("is read as input"))
        << spelled;
  }
  fs::create_hard_link(path("data/table.csv"), path("data/answers.jsonl"));
  EXPECT_THAT(refused(run("data", {path("data/table.csv")})), HasSubstr("answers.jsonl"));
  EXPECT_EQ(refused(run("data/below", {path("data")})), "") << "a new folder within an input";
  EXPECT_THAT(refused(run("data/table.csv")), HasSubstr("expected a folder"));
}

TEST_F(OutputTest, AFolderIsNoOtherStages) {
  write("adapter/manifest.json", R"({"command": "train", "options": {}})");
  EXPECT_THAT(refused(run("adapter")), HasSubstr("`litemedcot train` made"));
  write("mine/manifest.json", R"({"command": "evaluate"})");
  write("mine/result.json", "{}");
  EXPECT_EQ(refused(run("mine")), "");
  write("foreign/result.json", "{}");
  EXPECT_THAT(refused(run("foreign")), HasSubstr("no manifest.json says"));
  write("pictures/maps/1.png", "a picture");
  EXPECT_THAT(refused(run("pictures")), HasSubstr("maps/: is there already"));
  write("damaged/manifest.json", "[]");
  EXPECT_THAT(refused(run("damaged")), HasSubstr("expected a manifest, found list"));
}

TEST_F(OutputTest, AFileReplacesOnlyItsKind) {
  const auto claim = [&](const std::string& out, const std::vector<std::string>& inputs) {
    return error_of([&] {
      claim_file_output(out, inputs, "a calibration",
                        [](const std::string& found) { return is_json_with(found, "method"); });
    });
  };
  const std::string questions = write("q/questions.jsonl", "{\"id\": 1}\n");
  EXPECT_THAT(claim(questions, {questions}), HasSubstr("is read as input"));
  EXPECT_THAT(claim(questions, {path("q")}), HasSubstr("is a file of the input"));
  EXPECT_THAT(claim(questions, {}), HasSubstr("is not a calibration"));
  EXPECT_THAT(claim(path("q"), {}), HasSubstr("found a folder"));
  EXPECT_EQ(claim(path("q/new.json"), {path("q")}), "");
  const std::string ours = write("c.json", R"({"method": "platt"})");
  EXPECT_EQ(claim(ours, {path("q")}), "");
  write("manifest.json", "{}");
  EXPECT_THAT(claim(ours, {}), HasSubstr("of the run in its folder"));
  EXPECT_EQ(read_file(questions), "{\"id\": 1}\n");
}

TEST_F(OutputTest, JsonLinesAreKnownByTheirFirst) {
  EXPECT_TRUE(is_json_lines_with(write("a", "{\"k\": 1}\nnothing"), "k"));
  EXPECT_TRUE(is_json_lines_with(write("b", ""), "k"));
  EXPECT_FALSE(is_json_lines_with(write("c", "{\"j\": 1}\n{\"k\": 1}\n"), "k"));
  EXPECT_FALSE(is_json_lines_with(write("d", "\xFF\xD8\xFF"), "k"));
}

TEST_F(OutputTest, ARunIsBegunAndGoesOnAsItBegan) {
  Manifest asked{"evaluate", {{"limit", 5}, {"threads", 1}}, {write("q.jsonl", "{}\n")}};
  asked = completed(asked);
  const std::string lines = path("run/answers.jsonl");
  {
    const RunFolder folder(run("run"));
    folder.begin(asked, lines);
    EXPECT_THAT(error_of([&] { const RunFolder second(run("run")); }),
                HasSubstr("another process is writing"));
  }
  Manifest other = asked;
  other.options["limit"] = 6;
  const auto begin = [&](const Manifest& manifest) {
    return error_of([&] { RunFolder(run("run")).begin(manifest, lines); });
  };
  for (const char* nothing : {"", "{\"question_id\": \"torn"}) {
    write_file(lines, nothing);
    EXPECT_EQ(begin(other), "") << "no line is lost";
    EXPECT_EQ(begin(asked), "");
  }
  write_file(lines, "{\"question_id\":\"a whole line without its break\"}");
  EXPECT_THAT(begin(other), HasSubstr("limit was 5, is 6"));
  other = asked;
  other.options["threads"] = 8;
  other.options["questions"] = "elsewhere";
  EXPECT_EQ(begin(other), "");
}

TEST_F(OutputTest, IdentityIsOfContentNotOfPlaces) {
  const std::string one = write("one/config.json", "{}"), two = write("two/config.json", "{}");
  const auto manifest_with = [&](const std::string& model) {
    Manifest manifest{
        "evaluate", {{"model", model}, {"adapter", ""}}, {ManifestInput(model, {"config.json"})}};
    manifest.free_options = {"out"};
    return completed(std::move(manifest));
  };
  const Manifest first = manifest_with(path("one"));
  EXPECT_EQ(run_difference(first, manifest_with(path("two"))), "");
  EXPECT_EQ(run_identity(first), run_identity(manifest_with(path("two"))));
  write("one/.DS_Store", "x");
  write("one/eval/answers.jsonl", "x");
  EXPECT_EQ(run_difference(first, manifest_with(path("one"))), "");
  write("one/config.json", "{ }");
  EXPECT_EQ(run_difference(first, manifest_with(path("one"))), "the content of " + path("one"));
  // A run that hashed every file of the folder.
  const Manifest old =
      completed(Manifest{"evaluate", {{"model", path("two")}, {"adapter", ""}}, {path("two")}});
  EXPECT_EQ(run_difference(old, manifest_with(path("two"))), "");
  // Named only now.
  Manifest with_adapter = manifest_with(path("two"));
  with_adapter.options["adapter"] = path("one");
  with_adapter.inputs.emplace_back(path("one"), std::vector<std::string>{"config.json"});
  with_adapter = completed(with_adapter);
  EXPECT_THAT(run_difference(first, with_adapter), HasSubstr("adapter was \"\", is \""));
}

TEST_F(OutputTest, AManifestOfAnotherShapeIsAnInputError) {
  for (const char* text :
       {"[]", "null", "7", "\"x\"", R"({"options": []})", R"({"inputs": {}})", R"({"inputs": [1]})",
        R"({"inputs": [{"path": "x"}]})", R"({"command": 1})", R"({"time": 1e999})", "{", ""}) {
    write_file(path("manifest.json"), text);
    EXPECT_NE(error_of([&] { read_manifest(path("manifest.json")); }), "") << text;
  }
  write_file(path("manifest.json"), R"({"command": "train", "own": {"a": 1}})");
  const Manifest read = read_manifest(path("manifest.json"));
  EXPECT_EQ(read.further["own"]["a"], 1);
  Manifest whole{"train", {{"rank", 4}}, {write("in", "abc")}, {{"torch", "2"}}, "cpu"};
  whole.further["own"] = {1, 2};
  write_manifest(path("manifest.json"), whole);
  const std::string bytes = read_file(path("manifest.json"));
  EXPECT_EQ(to_pretty_text(to_json(read_manifest(path("manifest.json")))), bytes);
}

}  // namespace
}  // namespace lmc::record
