// `litemedcot teach`: a teacher's explanations of training questions, in a ledger.
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "teacher/teach.h"  // TeachOptions, teach

namespace lmc::apps {

Command teach_command() {
  const auto options = std::make_shared<teacher::TeachOptions>();
  return {
      "teach",
      "ask a teacher behind an OpenAI-compatible endpoint to explain questions",
      "  litemedcot teach --questions q/questions.jsonl --endpoint http://127.0.0.1:8000/v1 \\\n"
      "      --model Qwen/Qwen3-VL-235B-A22B-Instruct --out ledger.jsonl\n"
      "  litemedcot teach ... --mode reject --samples 4 --temperature 1\n",
      options->fields(),
      "",
      [options] { std::cout << teacher::summary(teacher::teach(*options, std::cerr)); }};
}

}  // namespace lmc::apps
