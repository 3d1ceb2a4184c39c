#include "spec/common_regex.h"

#include <gtest/gtest.h>

namespace lmc::spec {
namespace {

TEST(CommonRegex, TakesWhatPythonReadsAlike) {
  for (const char* text :
       {R"(.*\.(q|v)_proj)", R"(model\.layers\.\d+\..*)", R"([^\]\w]?q)", R"((?!.*visual).*q_proj)",
        R"(layers\.[0-9]+\.x{1,2})", R"((a)\1)", R"(\x30\b)", R"([a\]b]+)"}) {
    EXPECT_TRUE(common_regex(text).has_value()) << text;
  }
}

TEST(CommonRegex, LeavesWhatPythonReadsOtherwise) {
  for (const char* text :
       {R"(q_proj\Z)", R"(\Amodel.*)", R"(layers\.[]0]\.q)", R"([^]\w]?q)", R"(.*[[:digit:]].*)",
        R"(.*+q_proj)", R"(a{2}+)", R"((?i)q_proj)", R"((?<!x)q_proj)", R"((q)", R"([a)"}) {
    EXPECT_FALSE(common_regex(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace lmc::spec
