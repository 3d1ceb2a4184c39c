// `litemedcot prepare`: a published data set, or own data, to questions.jsonl.
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "data/prepare.h"  // PrepareOptions, prepare

namespace lmc::apps {

Command prepare_command() {
  const auto options = std::make_shared<data::PrepareOptions>();
  return {
      "prepare",
      "read PMC-VQA, VQA-RAD, SLAKE or own JSON Lines into questions.jsonl",
      "  litemedcot prepare --pmc-vqa test_clean.csv --images images --out questions/test\n"
      "  litemedcot prepare --vqa-rad VQA_RAD.json --images VQA_RAD_images --out questions/rad\n",
      options->fields(),
      "",
      [options] { std::cout << data::summary(data::prepare(*options)); }};
}

}  // namespace lmc::apps
