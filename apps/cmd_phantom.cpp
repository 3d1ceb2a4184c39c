// `litemedcot phantom`: the synthetic world, written as pictures and PMC-VQA tables.
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "base/progress.h"    // Progress
#include "phantom/dataset.h"  // DatasetOptions, write_dataset

namespace lmc::apps {

Command phantom_command() {
  const auto options = std::make_shared<phantom::DatasetOptions>();
  return {"phantom",
          "write synthetic pictures and questions, as PMC-VQA tables",
          "  litemedcot phantom --out phantom-data\n"
          "  litemedcot phantom --out small --seed 7 --train 64 --validation 0 --test 32\n",
          options->fields(),
          "",
          [options] {
            const int64_t total = options->train + options->validation + options->test +
                                  options->single_train + options->single_validation +
                                  options->single_test;
            Progress progress(std::cerr, "phantom", total, "pictures");
            phantom::write_dataset(*options, [&] { progress.add(); });
          }};
}

}  // namespace lmc::apps
