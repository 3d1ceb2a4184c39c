// For tests only: a folder that is gone after the test, and where optional real data lies.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/files.h"  // write_file

namespace lmc::data {

class FolderTest : public testing::Test {
 protected:
  FolderTest() { make_folder(folder_); }
  ~FolderTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    make_parent_folder(path);
    write_file(path, text);
    return path;
  }

  static std::string shared_data() {
    const char* folder = std::getenv("LMC_TEST_DATA");
    return folder != nullptr ? folder : std::string(LMC_SOURCE_DIR) + "/../shared/data";
  }

  const std::string folder_ =
      testing::TempDir() + "data_" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

}  // namespace lmc::data
