// What every command prints for --help, and that what it says of values holds on the command line
// and in --config.
#include "apps/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "base/files.h"  // write_file

namespace lmc::apps {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kManyOptions = 20;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool is_switch(const Field& field) { return std::holds_alternative<bool*>(field.value); }
bool is_number(const Field& field) {
  return std::holds_alternative<int64_t*>(field.value) ||
         std::holds_alternative<double*>(field.value);
}

// What help says of one option, in one line.
std::string entry_of(const std::string& help, const Field& field) {
  const bool has_opposite = is_switch(field) && !field.name.starts_with("no-");
  const std::string start = (has_opposite ? "--[no-]" : "--") + field.name;
  std::string entry;
  for (const std::string& line : lines_of(help)) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    const bool begins = line.rfind("  ", 0) == 0 && line.size() > 2 && line[2] != ' ';
    if (begins && !entry.empty()) break;
    if (entry.empty() && (!begins || (word != start && word != field.name + "..."))) continue;
    if (word.empty()) break;
    for (entry += " " + word; words >> word;) entry += " " + word;
  }
  return entry;
}

struct Outcome {
  int code = -1;
  std::string err;
};

// Runs the command of that name with one option; nothing is required and nothing is done.
Outcome run_with(const std::string& name, const std::vector<std::string>& options) {
  std::vector<Command> commands = all_commands();
  std::erase_if(commands, [&](const Command& command) { return command.name != name; });
  for (Command& command : commands) {
    for (Field& field : command.fields) field.required = false;
    command.run = [kept = command.run] {};  // it owns what the fields point to
  }
  std::vector<std::string> words = {"litemedcot", name};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  std::ostringstream err;
  std::streambuf* const before = std::cerr.rdbuf(err.rdbuf());
  const int code = run_program(std::move(commands), static_cast<int>(argv.size()), argv.data());
  std::cerr.rdbuf(before);
  return {code, err.str()};
}

class HelpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "help_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Outcome run_with_config(const std::string& name, const Json& options) const {
    write_file(config_path(), to_text(options));
    return run_with(name, {"--config", config_path()});
  }
  std::string config_path() const { return folder_ + "/options.json"; }

 private:
  std::string folder_;
};

TEST_F(HelpTest, LinesFitAndNothingOfTheParserShows) {
  for (const int width : {80, kMaxHelpWidth}) {
    for (const Command& command : all_commands()) {
      const std::string help = help_text(command, width);
      const std::string options = help.substr(0, help.find("\nExamples:\n"));
      for (const std::string& line : lines_of(options)) {
        EXPECT_LE(line.size(), static_cast<size_t>(width)) << command.name << ": " << line;
        EXPECT_TRUE(line.empty() || line.back() != ' ') << command.name << ": " << line;
      }
      for (size_t at = help.find('{'); at != help.npos; at = help.find('{', at + 1)) {
        EXPECT_EQ(help[at + 1], '"') << command.name << ": only JSON has braces";
      }
      for (const char* leftover : {"=on", "=off", "{false}", "{true}", "TEXT:", ",--no-"}) {
        EXPECT_THAT(help, Not(HasSubstr(leftover))) << command.name;
      }
      ASSERT_FALSE(command.examples.empty()) << command.name;
      for (const std::string& line : lines_of(command.examples)) {
        EXPECT_LE(line.size(), static_cast<size_t>(kMaxHelpWidth)) << command.name << ": " << line;
      }
      EXPECT_THAT(help, HasSubstr("Examples:\n" + command.examples));
      EXPECT_THAT(command.examples, HasSubstr("litemedcot " + command.name));
    }
  }
}

TEST_F(HelpTest, EveryOptionIsExplainedUnderItsHeading) {
  for (const Command& command : all_commands()) {
    const std::string help = help_text(command, kMaxHelpWidth);
    std::set<std::string> names;
    std::set<std::string> headings;
    for (const Field& field : command.fields) {
      EXPECT_TRUE(names.insert(field.name).second) << command.name << " --" << field.name;
      EXPECT_GE(field.help.size(), 3U) << command.name << " --" << field.name;
      const std::string entry = entry_of(help, field);
      EXPECT_THAT(entry, HasSubstr(field.help)) << command.name << " --" << field.name;
      headings.insert(field.heading);
    }
    if (command.fields.size() <= kManyOptions) continue;
    EXPECT_GE(headings.size(), 3U) << command.name;
    EXPECT_FALSE(headings.contains("")) << command.name << ": an option has no heading";
    for (const std::string& heading : headings) {
      EXPECT_THAT(help, HasSubstr("\n\n" + heading + ":\n")) << command.name;
    }
  }
}

TEST_F(HelpTest, EntriesSayWhatTheStructHolds) {
  for (const Command& command : all_commands()) {
    const std::string help = help_text(command, 80);
    for (const Field& field : command.fields) {
      const std::string entry = entry_of(help, field);
      const std::string label = command.name + " --" + field.name + ":" + entry;
      const size_t at = entry.rfind("default: ");
      const std::string shown =
          at == entry.npos ? "" : entry.substr(at + 9, entry.size() - 1 - (at + 9));
      if (const auto* is_on = std::get_if<bool*>(&field.value)) {
        EXPECT_EQ(shown, **is_on ? "on" : "off") << label;
      } else if (const auto* whole = std::get_if<int64_t*>(&field.value)) {
        EXPECT_EQ(shown, std::to_string(**whole)) << label;
      } else if (const auto* number = std::get_if<double*>(&field.value)) {
        EXPECT_EQ(std::strtod(shown.c_str(), nullptr), **number) << label;
      } else if (const auto* text = std::get_if<std::string*>(&field.value)) {
        if (!(*text)->empty()) {
          EXPECT_EQ(shown, **text) << label;
        }
      } else if (const auto* named = std::get_if<EnumTarget>(&field.value)) {
        EXPECT_EQ(shown, named->name()) << label;
      }
      for (const std::string& choice : field.choices)
        EXPECT_THAT(entry, HasSubstr(choice)) << label;
      EXPECT_THAT(entry, HasSubstr(field.range.text())) << label;
      const bool is_needed = field.required || !field.required_to.empty();
      EXPECT_EQ(entry.find("required") != entry.npos, is_needed) << label;
      EXPECT_THAT(entry, HasSubstr(field.required_to)) << label;
    }
  }
}

// Numbers just outside of the range, as text.
std::vector<std::string> outside(const Field& field) {
  const Range& range = field.range;
  const bool is_whole = std::holds_alternative<int64_t*>(field.value);
  std::vector<std::string> outside;
  const auto add = [&](double limit, bool is_excluded, double direction) {
    if (!std::isfinite(limit)) return;
    const double value = is_excluded ? limit : limit + direction * (is_whole ? 1 : 0.5);
    outside.push_back(is_whole ? std::to_string(static_cast<int64_t>(value))
                               : std::to_string(value));
  };
  add(range.min, range.excludes_min, -1);
  add(range.max, range.excludes_max, 1);
  return outside;
}

TEST_F(HelpTest, ValuesOutOfTheirRangeAreRefusedByNameWithTheRange) {
  size_t tried = 0;
  for (const Command& command : all_commands()) {
    for (const Field& field : command.fields) {
      for (const std::string& value : outside(field)) {
        ++tried;
        const std::string label = command.name + " --" + field.name + " " + value;
        const Outcome flag = run_with(command.name, {"--" + field.name, value});
        EXPECT_EQ(flag.code, 2) << label;
        EXPECT_THAT(flag.err, HasSubstr("litemedcot " + command.name + ": --" + field.name +
                                        ": expected " + field.range.text() + ", found "))
            << label;
        const Outcome config = run_with_config(command.name, {{field.name, parse_json(value, "")}});
        EXPECT_EQ(config.code, 2) << label;
        EXPECT_THAT(config.err, HasSubstr(config_path() + ": key \"" + field.name +
                                          "\": expected " + field.range.text() + ", found "))
            << label;
      }
    }
  }
  EXPECT_GT(tried, 100U);
}

TEST_F(HelpTest, LimitsThatBelongToTheRangeAreTaken) {
  for (const Command& command : all_commands()) {
    for (const Field& field : command.fields) {
      for (const auto& [limit, is_excluded] : {std::pair(field.range.min, field.range.excludes_min),
                                               {field.range.max, field.range.excludes_max}}) {
        if (!std::isfinite(limit) || is_excluded) continue;
        const Outcome outcome = run_with(command.name, {"--" + field.name, value_text(limit)});
        EXPECT_EQ(outcome.code, 0) << command.name << " --" << field.name << ": " << outcome.err;
      }
    }
  }
}

TEST_F(HelpTest, EveryNumberIsFiniteAndHasARangeOrMayBeAnything) {
  const std::set<std::string> may_be_anything = {"seed", "presence-penalty"};
  for (const Command& command : all_commands()) {
    for (const Field& field : command.fields) {
      if (!is_number(field)) continue;
      EXPECT_EQ(field.range.text().empty(), may_be_anything.contains(field.name))
          << command.name << " --" << field.name;
      for (const char* word : {"nan", "inf", "1x", "", "--help"}) {
        const Outcome outcome = run_with(command.name, {"--" + field.name + "=" + word});
        EXPECT_EQ(outcome.code, 2) << command.name << " --" << field.name << " " << word;
        EXPECT_THAT(outcome.err, HasSubstr("--" + field.name)) << command.name << " " << word;
      }
    }
  }
}

TEST_F(HelpTest, OtherWordsThanTheChoicesAreRefusedWithAllOfThem) {
  for (const Command& command : all_commands()) {
    for (const Field& field : command.fields) {
      if (field.choices.empty()) continue;
      const std::string wrong = field.choices.front() + "x";
      const std::string label = command.name + " --" + field.name;
      for (const Outcome& outcome : {run_with(command.name, {"--" + field.name, wrong}),
                                     run_with_config(command.name, {{field.name, wrong}})}) {
        EXPECT_EQ(outcome.code, 2) << label;
        for (const std::string& choice : field.choices) {
          EXPECT_THAT(outcome.err, HasSubstr(choice)) << label;
        }
        EXPECT_THAT(outcome.err, HasSubstr("found \"" + wrong + "\"")) << label;
        EXPECT_THAT(outcome.err, HasSubstr("did you mean \"")) << label;
      }
      for (const std::string& choice : field.choices) {
        EXPECT_EQ(run_with(command.name, {"--" + field.name, choice}).code, 0) << label;
      }
    }
  }
}

TEST_F(HelpTest, WhatIsNeededToAskIsMarked) {
  const std::map<std::string, std::set<std::string>> wanted = {
      {"evaluate", {"model", "questions", "out"}},
      {"ground", {"model", "questions", "out"}},
      {"teach", {"model", "questions", "out"}},
      {"train", {"model", "out"}}};
  for (const Command& command : all_commands()) {
    const auto expected = wanted.find(command.name);
    if (expected == wanted.end()) continue;
    std::set<std::string> needed;
    for (const Field& field : command.fields) {
      if (field.required || !field.required_to.empty()) needed.insert(field.name);
    }
    EXPECT_EQ(needed, expected->second) << command.name;
  }
}

TEST_F(HelpTest, OverviewHasTheStagesInOrderWithALineEach) {
  const std::vector<std::string> lines = lines_of(overview_text(all_commands(), 80));
  std::vector<std::string> names;
  for (const std::string& line : lines) {
    EXPECT_LE(line.size(), 80U) << line;
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (line.rfind("  ", 0) == 0) names.push_back(name);
  }
  std::vector<std::string> wanted;
  for (const Command& command : all_commands()) wanted.push_back(command.name);
  EXPECT_EQ(names, wanted);
  EXPECT_EQ(names.front(), "prepare");
}

TEST_F(HelpTest, WordsThatNoOptionTakesAreNamed) {
  EXPECT_THAT(
      run_with("evaluate", {"--lmit", "3"}).err,
      HasSubstr("litemedcot evaluate: unknown option --lmit (hint: did you mean --limit?)"));
  EXPECT_THAT(run_with("prepare", {"--no-audt"}).err, HasSubstr("did you mean --no-audit?"));
  EXPECT_THAT(run_with("prepare", {"--limit"}).err, HasSubstr("prepare: --limit has no value"));
  EXPECT_THAT(run_with("prepare", {"--limit", "1", "--limit", "2"}).err,
              HasSubstr("prepare: --limit is given more than once"));
  EXPECT_THAT(run_with("prepare", {"--audit=maybe"}).err,
              HasSubstr("prepare: --audit: expected on or off, found \"maybe\""));
  EXPECT_THAT(run_with("phantom", {"stray"}).err, HasSubstr("no option takes \"stray\""));
  EXPECT_EQ(run_with("prepare", {"--no-audit", "--limit=3"}).code, 0);
}

TEST_F(HelpTest, NumbersBeyondEveryTypeNameTheRange) {
  const Outcome flag = run_with("evaluate", {"--limit", "77777777777777777777"});
  EXPECT_EQ(flag.code, 2);
  EXPECT_EQ(flag.err,
            "error: litemedcot evaluate: --limit: expected 0 to 2147483647, found "
            "77777777777777777777\n");
  const Outcome config = run_with_config("ground", {{"max-image-area", 9223372036854775808ULL}});
  EXPECT_EQ(config.code, 2);
  EXPECT_THAT(config.err, HasSubstr("key \"max-image-area\": expected 0 to 2147483647, "
                                    "found 9223372036854775808"));
  for (const Command& command : all_commands()) {
    for (const Field& field : command.fields) {
      if (field.name != "threads") continue;
      for (const char* threads : {"-1", "-9223372036854775808", "1025", "100000"}) {
        const Outcome outcome = run_with(command.name, {cat("--threads=", threads)});
        EXPECT_EQ(outcome.code, 2) << command.name;
        EXPECT_THAT(outcome.err, HasSubstr(cat("--threads: expected 0 to 1024, found ", threads)));
      }
    }
  }
}

TEST_F(HelpTest, ANameThatAnOptionHadIsTaken) {
  int64_t tokens = 0;
  bool packs = true;
  std::vector<Command> commands(1);
  commands[0].name = "pack";
  commands[0].fields = {
      {"tokens", "how many", formerly("words", formerly("letters", &tokens)), from_to(0, 9)},
      {"pack", "whether", formerly("bundle", &packs)}};
  const auto run = [&](std::vector<std::string> words) {
    commands[0].run = [] {};
    words.insert(words.begin(), {"litemedcot", "pack"});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    return run_program(commands, static_cast<int>(argv.size()), argv.data());
  };
  EXPECT_EQ(run({"--words", "3", "--no-bundle"}), 0);
  EXPECT_EQ(tokens, 3);
  EXPECT_FALSE(packs);
  EXPECT_EQ(run({"--letters=4", "--bundle"}), 0);
  EXPECT_EQ(tokens, 4);
  EXPECT_TRUE(packs);
  EXPECT_EQ(run({"--words", "10"}), 2);
  EXPECT_EQ(run({"--words", "1", "--tokens", "2"}), 2) << "one option, given twice";
  EXPECT_THAT(help_text(commands[0], 80), Not(HasSubstr("words")));
}

// A new option decides until someone has thought about it: these were.
TEST_F(HelpTest, TheOptionsThatDecideNothing) {
  const std::set<std::string> reached = {
      "endpoint",    "api-key-env", "api-key-file", "api-key-header", "ca-file", "allow-upload",
      "concurrency", "retries",     "retry-wait",   "timeout",        "stream"};
  std::set<std::string> evaluation = {"model",     "adapter", "threads", "memory",
                                      "questions", "out",     "name"};
  evaluation.insert(reached.begin(), reached.end());
  std::set<std::string> grounding = evaluation;
  grounding.insert({"maps", "faithfulness", "sentences", "rescore"});
  const std::map<std::string, std::set<std::string>> wanted = {
      {"evaluate", evaluation},
      {"ground", grounding},
      {"train",
       {"model", "device", "threads", "questions", "explanations", "conversations", "out",
        "validation", "validation-explanations", "continue-from", "save-dtype", "recompute",
        "vision-cache", "save-every", "keep", "show", "collectives", "dry-run"}}};
  for (const Command& command : all_commands()) {
    const auto expected = wanted.find(command.name);
    if (expected == wanted.end()) continue;
    std::set<std::string> free;
    for (const Field& field : command.fields) {
      if (!field.decides) free.insert(field.name);
    }
    EXPECT_EQ(free, expected->second) << command.name;
  }
}

TEST_F(HelpTest, UnknownCommandsNameTheNearestOrTheHelp) {
  const auto error_of = [](std::vector<std::string> words) {
    words.insert(words.begin(), "litemedcot");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    std::ostringstream err;
    std::streambuf* const before = std::cerr.rdbuf(err.rdbuf());
    EXPECT_EQ(run_program(all_commands(), static_cast<int>(argv.size()), argv.data()), 2);
    std::cerr.rdbuf(before);
    return err.str();
  };
  EXPECT_EQ(error_of({"grond", "--limit", "3"}),
            "error: litemedcot: no command is called \"grond\" (hint: did you mean ground?)\n");
  EXPECT_EQ(error_of({"help"}),
            "error: litemedcot: no command is called \"help\" (hint: see litemedcot --help)\n");
}

TEST_F(HelpTest, AFlagOverridesTheFile) {
  write_file(config_path(), R"({"limit": 4, "audit": true})");
  EXPECT_EQ(run_with("prepare", {"--config", config_path(), "--limit", "5", "--no-audit"}).code, 0);
  const Outcome wrong = run_with_config("prepare", {{"limt", 4}});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("unknown key \"limt\" (hint: did you mean \"limit\"?)"));
}

}  // namespace
}  // namespace lmc::apps
