// Questions of the phantom world, made by the program as a user makes them.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/run_program.h"  // run_program, TemporaryFolder

namespace lmc::tests {

// Prepares folder/train and folder/validation, of so many images each, from folder/data.
inline void make_phantom_questions(const TemporaryFolder& folder, int train, int validation) {
  const std::string data = folder.path("data");
  ASSERT_EQ(run_program({"phantom", "--out", data, "--train", std::to_string(train), "--validation",
                         std::to_string(validation), "--single-test", "0", "--test", "0"})
                .exit_code,
            0);
  for (const char* split : {"train", "validation"}) {
    ASSERT_EQ(run_program({"prepare", "--pmc-vqa", data + "/composite_" + split + ".csv",
                           "--images", data + "/images", "--out", folder.path(split)})
                  .exit_code,
              0);
  }
}

}  // namespace lmc::tests
