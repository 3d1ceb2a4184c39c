// `litemedcot phantom`: the synthetic world, written as images and PMC-VQA tables.
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>

#include "apps/command.h"
#include "base/progress.h"    // Progress
#include "phantom/dataset.h"  // DatasetOptions, write_dataset

namespace lmc::apps {

Command phantom_command() {
  const auto options = std::make_shared<phantom::DatasetOptions>();
  return {"phantom",
          "write synthetic images and questions, as PMC-VQA tables",
          "  litemedcot phantom --out phantom-data\n"
          "  litemedcot phantom --out small --seed 7 --train 64 --validation 0 --test 32\n",
          options->fields(),
          "",
          [options] {
            const int64_t total = options->train + options->validation + options->test +
                                  options->single_train + options->single_validation +
                                  options->single_test;
            // Shown with the first image: before it the options may be refused.
            std::once_flag begun;
            std::optional<Progress> progress;
            phantom::write_dataset(*options, [&] {
              std::call_once(begun,
                             [&] { progress.emplace(std::cerr, "phantom", total, "images"); });
              progress->add();
            });
          }};
}

}  // namespace lmc::apps
