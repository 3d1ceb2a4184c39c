#include "base/fields.h"

#include <gtest/gtest.h>

namespace lmc {
namespace {

struct Options {
  int64_t port = 8080;
  double rate = 0.5;
  bool verbose = false;
  std::string mode = "fast";
  std::vector<std::string> names;

  std::vector<Field> fields() {
    return {{"port", "port", &port},
            {"rate", "rate", &rate},
            {"verbose", "talk", &verbose},
            {"mode", "how", &mode, true, {"fast", "slow"}},
            {"names", "who", &names}};
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
  EXPECT_EQ(error_of([&] { check_fields(options.fields(), "cmd"); }),
            "cmd: --mode: expected one of fast, slow; found \"fats\"");
  options.mode = "";
  EXPECT_EQ(error_of([&] { check_fields(options.fields(), "cmd"); }),
            "cmd: --mode is missing (hint: how)");
}

}  // namespace
}  // namespace lmc
