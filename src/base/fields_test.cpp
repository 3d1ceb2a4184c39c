#include "base/fields.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace lmc {
namespace {

struct Options {
  int64_t port = 8080;
  double rate = 0.5;
  bool verbose = false;
  std::string mode = "fast";
  std::vector<std::string> names;
  std::vector<std::string> parts;

  std::vector<Field> fields() {
    return {{"port", "port", &port, from_to(1, 65535)},
            {"rate", "rate", &rate, above_to(0, 1)},
            {"verbose", "talk", &verbose},
            {"mode", "how", &mode, true, {"fast", "slow"}},
            {"names", "who", &names},
            {"parts", "which", &parts, false, {"head", "body"}}};
  }
};

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Fields, RoundTripThroughJson) {
  Options in;
  in.port = 9;
  in.names = {"a", "b"};
  in.verbose = true;
  Options out;
  fields_from_json(out.fields(), fields_to_json(in.fields()), "f.json");
  EXPECT_EQ(out.port, 9);
  EXPECT_TRUE(out.verbose);
  EXPECT_EQ(out.names, in.names);
  EXPECT_EQ(fields_to_json(out.fields()), fields_to_json(in.fields()));
}

TEST(Fields, UnknownKeyNamesTheNearest) {
  Options options;
  EXPECT_EQ(error_of([&] {
              fields_from_json(options.fields(), {{"prot", 1}}, "f.json");
            }),
            "f.json: unknown key \"prot\" (hint: did you mean \"port\"?)");
}

TEST(Fields, WrongTypeNamesBoth) {
  Options options;
  EXPECT_EQ(error_of([&] {
              fields_from_json(options.fields(), {{"port", "x"}}, "f.json");
            }),
            "f.json: key \"port\": expected integer, found string");
  EXPECT_EQ(error_of([&] {
              fields_from_json(options.fields(), {{"port", 1.5}}, "f.json");
            }),
            "f.json: key \"port\": expected integer, found number");
}

TEST(Fields, ChecksRequiredAndChoices) {
  Options options;
  options.mode = "fats";
  EXPECT_EQ(
      error_of([&] { check_fields(options.fields(), "cmd"); }),
      "cmd: --mode: expected one of fast, slow; found \"fats\" (hint: did you mean \"fast\"?)");
  options.mode = "";
  EXPECT_EQ(error_of([&] { check_fields(options.fields(), "cmd"); }),
            "cmd: --mode is missing (hint: how)");
}

TEST(Fields, RangesAreReadAsTheyAreChecked) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto ends = [](const Range& range, double inside, double outside) {
    return range.contains(inside) && !range.contains(outside);
  };
  EXPECT_TRUE(ends(at_least(2), 2, 1.99));
  EXPECT_TRUE(ends(more_than(2), 2.01, 2));
  EXPECT_TRUE(ends(from_to(2, 3), 3, 3.01));
  EXPECT_TRUE(ends(from_to_below(2, 3), 2, 3));
  EXPECT_TRUE(ends(above_to(2, 3), 3, 2));
  for (const double never : {infinity, -infinity, std::nan("")}) {
    EXPECT_FALSE(Range().contains(never));
    EXPECT_FALSE(at_least(0).contains(never));
  }
  EXPECT_EQ(Range().text(), "");
  EXPECT_EQ(at_least(0).text(), "0 or more");
  EXPECT_EQ(more_than(0.5).text(), "more than 0.5");
  EXPECT_EQ(from_to(1, 64).text(), "1 to 64");
  EXPECT_EQ(from_to_below(0, 1).text(), "0 to below 1");
  EXPECT_EQ(above_to(0, 1).text(), "above 0 to 1");
}

TEST(Fields, ValuesOutOfRangeNameFileOrFlagAndRange) {
  Options options;
  const auto json_error = [&](const Json& json) {
    return error_of([&] { fields_from_json(options.fields(), json, "f.json"); });
  };
  EXPECT_EQ(json_error({{"port", 0}}), "f.json: key \"port\": expected 1 to 65535, found 0");
  EXPECT_EQ(json_error({{"rate", 1.25}}),
            "f.json: key \"rate\": expected above 0 to 1, found 1.25");
  EXPECT_EQ(json_error({{"rate", 1}}), "no error");
  EXPECT_EQ(json_error(Json::parse(R"({"port": 18446744073709551615})")),
            "f.json: key \"port\": expected 1 to 65535, found 18446744073709551615");
  EXPECT_EQ(
      json_error({{"parts", {"head", "boddy"}}}),
      "f.json: key \"parts\": expected one of head, body; found \"boddy\" (hint: did you mean "
      "\"body\"?)");
  options.port = 70000;
  options.rate = 1;
  EXPECT_EQ(error_of([&] { check_fields(options.fields(), "cmd"); }),
            "cmd: --port: expected 1 to 65535, found 70000");
  EXPECT_EQ(error_of([&] { check_fields(options.fields()); }),
            "--port: expected 1 to 65535, found 70000");
}

TEST(Fields, WordsOfACommandLineAreReadWhole) {
  Options options;
  const auto give = [&](const std::string& name, const std::vector<std::string>& words) {
    return error_of([&] {
      for (const Field& field : options.fields()) {
        if (field.name == name) field_from_words(field, words, "cmd");
      }
    });
  };
  EXPECT_EQ(give("port", {"+81"}), "no error");
  EXPECT_EQ(options.port, 81);
  EXPECT_EQ(give("port", {"010"}), "no error");
  EXPECT_EQ(options.port, 10) << "decimal, not octal";
  EXPECT_EQ(give("rate", {"5e-1"}), "no error");
  EXPECT_EQ(options.rate, 0.5);
  EXPECT_EQ(give("names", {"x", ""}), "no error");
  EXPECT_EQ(options.names, (std::vector<std::string>{"x", ""}));
  for (const char* word : {"", "8o", "1.5", " 8", "8 ", "+-8", "0x10"}) {
    EXPECT_EQ(give("port", {word}),
              cat("cmd: --port: expected a whole number, 1 to 65535; found \"", word, "\""));
  }
  EXPECT_EQ(give("rate", {"half"}), "cmd: --rate: expected a number, above 0 to 1; found \"half\"");
  EXPECT_EQ(give("rate", {"nan"}), "cmd: --rate: expected above 0 to 1, found nan");
  EXPECT_EQ(give("port", {"-1"}), "cmd: --port: expected 1 to 65535, found -1");
  EXPECT_EQ(give("mode", {""}), "cmd: --mode: expected one of fast, slow; found \"\"");
}

TEST(Fields, AnEmptyTextIsNoValueWhereNoneIsTheDefault) {
  std::string form;
  const std::vector<Field> fields = {{"form", "of the rows", &form, false, {"a", "b"}}};
  EXPECT_NO_THROW(check_fields(fields, "cmd"));
  form = "c";
  EXPECT_THROW(check_fields(fields, "cmd"), InputError);
}

TEST(Fields, HeadingsHoldForTheFieldsAfterThem) {
  bool a = false;
  int64_t b = 0;
  double c = 0;
  const std::vector<Field> fields = grouped({
      {"a", "first", &a},
      under("Numbers"),
      {"b", "second", &b},
      {"c", "third", &c, at_least(0)},
  });
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].heading, "");
  EXPECT_EQ(fields[1].heading, "Numbers");
  EXPECT_EQ(fields[2].heading, "Numbers");
  EXPECT_EQ(fields[2].range.text(), "0 or more");
}

TEST(Fields, TheDefaultIsKeptAndReadsAsOneWouldTypeIt) {
  double rate = 2e-4;
  const Field field("rate", "how fast", &rate);
  rate = 1;
  EXPECT_EQ(value_text(field.initial), "0.0002");
  EXPECT_EQ(value_text(1e6), "1000000");
  EXPECT_EQ(value_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(value_text(true), "on");
  EXPECT_EQ(value_text(std::vector<std::string>{"a", "b"}), "a b");
  EXPECT_EQ(field.word, "X");
  std::string path;
  EXPECT_EQ(Field("path", "where", as_folder(&path)).word, "FOLDER");
}

TEST(Fields, NumbersBeyondTheTypeNameWhatMayBeGiven) {
  int64_t port = 1, limit = 2, seed = 3;
  double rate = 0.5;
  const std::vector<Field> fields = {{"port", "one of many", &port, from_to(1, 65535)},
                                     {"limit", "most", &limit, at_least(0)},
                                     {"seed", "any", &seed},
                                     {"rate", "how fast", &rate, at_least(0)}};
  const auto word = [&](size_t i, const std::string& text) {
    return error_of([&] { field_from_words(fields[i], std::vector<std::string>{text}, "cmd"); });
  };
  EXPECT_EQ(word(0, "70000000000000000000"),
            "cmd: --port: expected 1 to 65535, found 70000000000000000000");
  EXPECT_EQ(word(1, "9223372036854775808"),
            "cmd: --limit: expected 0 to 2147483647, found 9223372036854775808");
  EXPECT_EQ(word(1, "-9223372036854775809"),
            "cmd: --limit: expected 0 to 2147483647, found -9223372036854775809");
  EXPECT_EQ(word(2, "10000000000000000000"),
            "cmd: --seed: expected -9223372036854775808 to 9223372036854775807, found "
            "10000000000000000000");
  EXPECT_EQ(word(1, "9223372036854775807"),
            "cmd: --limit: expected 0 to 2147483647, found 9223372036854775807");
  EXPECT_EQ(word(1, "2147483648"), "cmd: --limit: expected 0 to 2147483647, found 2147483648");
  EXPECT_EQ(word(1, "2147483647"), "no error");
  EXPECT_EQ(word(3, "1e999"), "cmd: --rate: expected a number, 0 or more; found \"1e999\"");
  EXPECT_EQ(error_of([&] {
              fields_from_json(fields, Json::parse(R"({"limit": 9223372036854775809})"), "f.json");
            }),
            "f.json: key \"limit\": expected 0 to 2147483647, found 9223372036854775809");
  EXPECT_EQ(error_of([&] {
              fields_from_json(fields, Json::parse(R"({"rate": 9223372036854775809})"), "f.json");
            }),
            "no error")
      << "a double holds it";
  EXPECT_EQ(rate, 9223372036854775809.0);
}

enum class Speed { kFast, kSlow, kStill };
constexpr auto names_of(Speed) {
  return std::to_array<Named<Speed>>(
      {{Speed::kSlow, "slow"}, {Speed::kFast, "fast"}, {Speed::kStill, "still"}});
}

TEST(Fields, AnEnumIsReadAndWrittenByItsNames) {
  Speed speed = Speed::kFast;
  Speed moving = Speed::kSlow;
  const std::vector<Field> fields = {{"speed", "how", &speed},
                                     {"moving", "how", &moving, false, {"fast", "slow"}}};
  EXPECT_EQ(fields[0].choices, (std::vector<std::string>{"slow", "fast", "still"}));
  EXPECT_EQ(value_text(fields[0].initial), "fast");
  EXPECT_EQ(fields[0].word, "WORD");
  EXPECT_EQ(to_text(fields_to_json(fields)), R"({"speed":"fast","moving":"slow"})");
  fields_from_json(fields, {{"speed", "still"}}, "f.json");
  EXPECT_EQ(speed, Speed::kStill);
  field_from_words(fields[1], std::vector<std::string>{"fast"}, "cmd");
  EXPECT_EQ(moving, Speed::kFast);
  EXPECT_EQ(error_of([&] {
              fields_from_json(fields, {{"speed", "slo"}}, "f.json");
            }),
            "f.json: key \"speed\": expected one of slow, fast, still; found \"slo\" (hint: did "
            "you mean \"slow\"?)");
  EXPECT_EQ(error_of([&] {
              fields_from_json(fields, {{"speed", 1}}, "f.json");
            }),
            "f.json: key \"speed\": expected string, found integer");
  // One of the enum, but not of this option.
  EXPECT_EQ(
      error_of([&] { field_from_words(fields[1], std::vector<std::string>{"still"}, "cmd"); }),
      "cmd: --moving: expected one of fast, slow; found \"still\"");
  moving = Speed::kStill;
  EXPECT_THROW(check_fields(fields, "cmd"), InputError);
  EXPECT_EQ(speed, Speed::kStill) << "what was refused has changed nothing";
  EXPECT_EQ(name_of(Speed::kSlow), "slow");
  EXPECT_EQ(value_named<Speed>("still"), Speed::kStill);
  EXPECT_EQ(value_named<Speed>(""), std::nullopt);
}

TEST(Fields, EarlierNamesAreTakenAndNotWritten) {
  int64_t tokens = 1;
  const std::vector<Field> fields = {
      {"tokens-per-batch", "how many", formerly("tokens-per-pass", &tokens), at_least(1)}};
  fields_from_json(fields, {{"tokens-per-pass", 5}}, "f.json");
  EXPECT_EQ(tokens, 5);
  EXPECT_EQ(to_text(fields_to_json(fields)), R"({"tokens-per-batch":5})");
  EXPECT_EQ(error_of([&] {
              fields_from_json(fields, {{"tokens-per-pass", 0}}, "f.json");
            }),
            "f.json: key \"tokens-per-pass\": expected 1 or more, found 0");
  EXPECT_TRUE(is_named(fields[0], "tokens-per-pass"));
  EXPECT_FALSE(is_named(fields[0], "tokens"));
}

}  // namespace
}  // namespace lmc
