// `litemedcot teach`: a teacher's explanations of training questions, in a ledger.
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "base/check.h"            // InputError
#include "teacher/batch.h"         // write_batch, read_batch
#include "teacher/prompt_texts.h"  // write_prompt_texts
#include "teacher/status.h"        // ledger_status
#include "teacher/teach.h"         // TeachOptions, teach

namespace lmc::apps {

namespace {

// What else than asking can be done with a ledger: one at a time.
struct LedgerActions {
  bool status = false;
  int64_t examples = 2;
  std::string batch_write;
  std::vector<std::string> batch_read;
  std::string write_prompts;

  std::vector<Field> fields() {
    std::vector<Field> all;
    append_fields(
        all, "Instead of asking",
        {
            {"status", "say what the ledger --out holds, also while it is written", &status},
            {"examples", "with --status: so many rejects of each rule are shown", &examples},
            {"batch-write", "write the requests as OpenAI batch files PREFIX-001.jsonl, ...",
             &batch_write},
            {"batch-read", "read the replies to such files into the ledger", &batch_read},
            {"write-prompts", "write the built-in prompt texts into this folder, for editing",
             &write_prompts},
        });
    return all;
  }
};

void run(const teacher::TeachOptions& options, const LedgerActions& actions) {
  if (actions.status) {
    const auto status = teacher::ledger_status(options.out, actions.examples);
    std::cout << teacher::describe(status, teacher::prices(options));
  } else if (!actions.write_prompts.empty()) {
    teacher::write_prompt_texts(actions.write_prompts);
  } else if (!actions.batch_write.empty()) {
    const auto files = teacher::write_batch(options, actions.batch_write, std::cerr);
    std::cout << files.requests << " requests in " << files.paths.size() << " files\n";
    for (const std::string& path : files.paths) std::cout << path << "\n";
  } else if (!actions.batch_read.empty()) {
    std::cout << teacher::summary(teacher::read_batch(options, actions.batch_read, std::cerr));
  } else {
    std::cout << teacher::summary(teacher::teach(options, std::cerr));
  }
}

}  // namespace

Command teach_command() {
  const auto options = std::make_shared<teacher::TeachOptions>();
  const auto actions = std::make_shared<LedgerActions>();
  std::vector<Field> fields = options->fields();
  for (Field& field : actions->fields()) fields.push_back(std::move(field));
  return {
      "teach",
      "ask a teacher behind an OpenAI-compatible endpoint to explain questions",
      "  litemedcot teach --questions q/questions.jsonl --endpoint http://127.0.0.1:8000/v1 \\\n"
      "      --model Qwen/Qwen3-VL-235B-A22B-Instruct --out ledger.jsonl\n"
      "  litemedcot teach ... --dry-run --price-prompt 0.2 --price-reply 0.9\n"
      "  litemedcot teach ... --mode two-stage --samples 4 --temperature 1\n"
      "  litemedcot teach --status --out ledger.jsonl\n",
      std::move(fields),
      "",
      [options, actions] { run(*options, *actions); }};
}

}  // namespace lmc::apps
