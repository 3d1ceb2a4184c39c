// `litemedcot teach`: a teacher's explanations of training questions, in a ledger.
#include <iostream>
#include <memory>
#include <utility>

#include "apps/command.h"
#include "apps/ledger_actions.h"
#include "teacher/teach.h"  // TeachOptions, teach

namespace lmc::apps {

Command teach_command() {
  const auto options = std::make_shared<teacher::TeachOptions>();
  const auto actions = std::make_shared<LedgerActions>();
  std::vector<Field> fields = options->fields();
  for (Field& field : fields) {
    if (field.name == "questions" || field.name == "out" || field.name == "model") {
      field.required_to = "ask";
    }
  }
  for (Field& field : actions->fields()) fields.push_back(std::move(field));
  return {
      "teach",
      "ask a teacher behind an OpenAI endpoint to explain questions",
      "  litemedcot teach --questions q/questions.jsonl --endpoint http://127.0.0.1:8000/v1 \\\n"
      "      --model Qwen/Qwen3-VL-235B-A22B-Instruct --out ledger.jsonl\n"
      "  litemedcot teach ... --dry-run --price-prompt 0.2 --price-reply 0.9\n"
      "  litemedcot teach ... --mode two-stage --samples 4 --temperature 1 --shard 2/8\n"
      "  litemedcot teach --status --out ledger.jsonl\n"
      "  litemedcot teach --merge shard1.jsonl shard2.jsonl --out ledger.jsonl\n"
      "  litemedcot teach --review-sheet review.html --questions q/questions.jsonl \\\n"
      "      --out ledger.jsonl\n"
      "Exit code: 0 when every question asked has its reply, accepted or not; 2 when some were "
      "left\n"
      "without one: the same command asks for them again.\n",
      std::move(fields),
      "",
      [options, actions] {
        if (run_ledger_action(*actions, *options)) return;
        report_replies(teacher::teach(*options, std::cerr), options->out,
                       "the same command asks for them again");
      }};
}

}  // namespace lmc::apps
