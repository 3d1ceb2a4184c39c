#include "spec/python_regex.h"

#include <gtest/gtest.h>

#include "base/check.h"  // InputError

namespace lmc::spec {
namespace {

bool matches(const std::string& expression, std::string_view text) {
  const auto regex = PythonRegex::compile(expression);
  EXPECT_TRUE(regex.has_value()) << expression;
  return regex && regex->matches_whole(text);
}

struct Case {
  const char* expression;
  const char* text;
  bool whole;  // whether re.fullmatch(expression, text) of Python 3.11 finds it
};

TEST(PythonRegex, MatchesWhatPythonMatches) {
  for (const Case& one : {
           Case{R"(.*\.(q|v)_proj)", "model.layers.0.self_attn.q_proj", true},
           Case{R"(.*\.(q|v)_proj)", "model.layers.0.self_attn.q_proj.lora", false},
           Case{R"(model\.layers\.\d+\..*)", "model.layers.12.mlp", true},
           Case{R"((?!.*visual).*q_proj)", "model.visual.q_proj", false},
           Case{R"(^(model\.language_model(?=\.).*\.(q_proj|o_proj))$)",
                "model.language_model.layers.3.self_attn.o_proj", true},
           Case{R"(.*(?<=layers.1.mlp.)up_proj)", "model.layers.1.mlp.up_proj", true},
           Case{R"(.*(?<!visual.)up_proj)", "model.visual.up_proj", false},
           Case{R"((?i)Q_PROJ\Z)", "q_proj", true},
           Case{R"([]x]+)", "]x]", true},
           Case{R"([^]x]+)", "]", false},
           Case{R"((?P<l>a)(?P=l))", "aa", true},
           Case{R"(a*+b)", "aab", true},
           Case{R"(a|ab)", "ab", true},
           Case{"", "", true},
           Case{"", "a", false},
       }) {
    EXPECT_EQ(matches(one.expression, one.text), one.whole) << one.expression << " " << one.text;
  }
}

TEST(PythonRegex, LeavesWhatPythonReadsOtherwise) {
  for (const char* text :
       {R"(.*[[:digit:]].*)", R"((?|a|b))", R"(\hq)", R"(\Kq)", R"((*ACCEPT)q)", R"((?R))",
        R"((?<n>a))", R"((?'n'a))", R"(\Qa\E)", R"((q)", R"([a)", R"(q\)", R"(*q)", R"(\u0041)"}) {
    EXPECT_FALSE(PythonRegex::compile(text).has_value()) << text;
  }
}

TEST(PythonRegex, StepsAreBounded) {
  const std::string path = "model.language_model.layers.10.x!.self_attn.k_proj.weight.of.something";
  for (const char* text : {"(.*.*)*x", "(a|.|..)*x", "(([a-z_.0-9]+)+)+!", "(.*)*(.*)*(.*)*x"}) {
    const auto regex = PythonRegex::compile(text);
    ASSERT_TRUE(regex.has_value()) << text;
    EXPECT_THROW(static_cast<void>(regex->matches_whole(path)), InputError) << text;
  }
}

}  // namespace
}  // namespace lmc::spec
