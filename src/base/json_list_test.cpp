#include "base/json_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/check.h"  // InputError
#include "base/files.h"  // write_file

namespace lmc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string file_with(const std::string& text) {
  std::string path = testing::TempDir() + "json_list_" +
                     testing::UnitTest::GetInstance()->current_test_info()->name();
  write_file(path, text);
  return path;
}

std::vector<std::string> items_of(const std::string& path, uint64_t max_bytes = 1000) {
  std::vector<std::string> items;
  for_each_json_item(
      path,
      [&](const Json& item, size_t number) {
        EXPECT_EQ(number, items.size() + 1);
        items.push_back(to_text(item));
      },
      max_bytes);
  return items;
}

std::string error_of(const std::string& text, uint64_t max_bytes = 1000) {
  try {
    items_of(file_with(text), max_bytes);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(JsonList, VisitsEveryItem) {
  EXPECT_THAT(
      items_of(file_with(" \n[{\"a\":[1,{\"b\":[]}],\"c\":{}} , 7, \"x\", [1,[2]], null]\n")),
      ElementsAre("{\"a\":[1,{\"b\":[]}],\"c\":{}}", "7", "\"x\"", "[1,[2]]", "null"));
  EXPECT_TRUE(items_of(file_with("[]")).empty());
}

TEST(JsonList, RefusesWhatIsNoList) {
  EXPECT_THAT(error_of("{\"a\": 1}"), HasSubstr("expected a JSON list"));
  EXPECT_THAT(error_of(""), HasSubstr("expected a JSON list"));
  EXPECT_THAT(error_of("[{\"a\": 1}, {\"b\": 2}"), HasSubstr("after 2 items"));
  EXPECT_THAT(error_of("[1, 2, x]"), HasSubstr("not valid JSON at byte"));
  EXPECT_THAT(error_of("[1, 2, 3]", 8), HasSubstr("at most 8 bytes, found 9"));
}

}  // namespace
}  // namespace lmc
