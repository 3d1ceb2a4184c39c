#include "apps/ledger_actions.h"

#include <functional>
#include <iostream>
#include <utility>

#include "base/check.h"            // InputError, cat
#include "base/files.h"            // write_file
#include "eval/review.h"           // read_review
#include "record/output.h"         // claim_file_output
#include "report/review_sheet.h"   // write_review_sheet
#include "teacher/batch.h"         // write_batch, read_batch
#include "teacher/export.h"        // export_explanations
#include "teacher/import.h"        // import_into_ledger
#include "teacher/merge.h"         // merge_ledgers
#include "teacher/prompt_texts.h"  // write_prompt_texts
#include "teacher/status.h"        // ledger_status

namespace lmc::apps {

namespace {

using teacher::TeachOptions;

void show_status(const LedgerActions& actions, const TeachOptions& options) {
  if (options.out.empty()) throw InputError("--status", "--out, the ledger, is missing");
  const auto status = teacher::ledger_status(options.out, actions.examples);
  std::cout << teacher::describe(status, teacher::prices(options));
}

void write_batch(const LedgerActions& actions, const TeachOptions& options) {
  const auto files = teacher::write_batch(options, actions.batch_write, std::cerr);
  std::cout << files.requests << " requests in " << files.paths.size() << " files\n";
  for (const std::string& path : files.paths) std::cout << path << "\n";
  if (files.unreadable > 0) {
    std::cout << files.unreadable << " questions have an image that cannot be sent; the ledger "
              << "says why\n";
  }
}

void import_file(const LedgerActions& actions, const TeachOptions& options) {
  teacher::ImportOptions import;
  import.questions = options.questions;
  import.source = actions.import_file;
  import.out = options.out;
  if (!actions.form.empty()) import.form = actions.form;
  import.teacher = actions.teacher;
  import.match_images = actions.match_images;
  std::cout << teacher::summary(teacher::import_into_ledger(import, options.rules, std::cerr));
}

void export_file(const LedgerActions& actions, const TeachOptions& options) {
  teacher::ExportOptions to;
  to.questions = options.questions;
  to.explanations = options.out;
  to.out = actions.export_file;
  if (!actions.form.empty()) to.form = actions.form;
  to.split = options.split;
  to.image_root = actions.image_root;
  std::cout << teacher::summary(teacher::export_explanations(to));
}

void write_sheet(const LedgerActions& actions, const TeachOptions& options) {
  report::ReviewSheetOptions sheet;
  sheet.questions = options.questions;
  sheet.explanations = options.out;
  sheet.out = actions.review_sheet;
  sheet.items = actions.items;
  sheet.seed = options.seed;
  sheet.split = options.split;
  std::cout << report::summary(report::write_review_sheet(sheet));
}

void read_review(const LedgerActions& actions) {
  if (actions.key.empty()) {
    throw InputError("--review", "--key is missing", "the .key.json beside the sheet");
  }
  if (!actions.json.empty()) {
    std::vector<std::string> inputs = actions.review;
    inputs.push_back(actions.key);
    record::claim_file_output(
        actions.json, inputs, "the figures of a review",
        [](const std::string& path) { return record::is_json_with(path, "raters"); });
  }
  const eval::Review review = eval::read_review(actions.key, actions.review);
  std::cout << eval::review_text(review);
  if (!actions.json.empty()) write_file(actions.json, to_pretty_text(eval::to_json(review)));
}

}  // namespace

std::vector<Field> LedgerActions::fields() {
  std::vector<Field> all;
  append_fields(
      all, "Instead of asking: the ledger --out",
      {
          {"status", "say what it holds, also while it is written", &status},
          {"examples", "with --status: so many rejects of each rule are shown", &examples,
           at_least(0)},
          {"write-prompts", "write the built-in prompt texts into this folder, for editing",
           as_folder(&write_prompts)},
          {"batch-write", "write the requests as OpenAI batch files PREFIX-001.jsonl, ...",
           FieldValue(&batch_write, "PREFIX")},
          {"batch-read", "read the replies to such files into it", as_file(&batch_read)},
          {"merge", "make it of these ledgers, such as those of shards", as_file(&merge)},
          {"import",
           "add explanations made elsewhere (MedVLThinker, LLaVA-CoT, ShareGPT, messages)",
           as_file(&import_file)},
          {"teacher", "with --import: who wrote them; default: as the rows say", &teacher},
          {"match-pictures", "with --import: the image's file name must be the same",
           &match_images},
          {"export", "write its accepted explanations for other trainers to this file",
           as_file(&export_file)},
          {"image-root", "with --export: image paths relative to this folder; default: absolute",
           as_folder(&image_root)},
          {"form",
           "with --import (default: by the rows) and --export (default: sharegpt)",
           &form,
           false,
           {"medvlthinker", "llava-cot", "sharegpt", "messages"}},
          {"review-sheet", "write a page on which people rate a sample, not knowing the verdicts",
           as_file(&review_sheet)},
          {"items", "with --review-sheet: so many explanations", &items,
           from_to(1, report::kMaxSheetItems)},
          {"review", "say how far the ratings saved from such a page agree", as_file(&review)},
          {"key", "with --review: the page's .key.json", as_file(&key)},
          {"json", "with --review: also write the metrics to this file", as_file(&json)},
      });
  return all;
}

bool run_ledger_action(const LedgerActions& actions, const TeachOptions& options) {
  const std::vector<std::pair<bool, std::function<void()>>> all = {
      {actions.status, [&] { show_status(actions, options); }},
      {!actions.write_prompts.empty(), [&] { teacher::write_prompt_texts(actions.write_prompts); }},
      {!actions.batch_write.empty(), [&] { write_batch(actions, options); }},
      {!actions.batch_read.empty(),
       [&] {
         report_replies(teacher::read_batch(options, actions.batch_read, std::cerr), options.out,
                        "--batch-write writes their requests again");
       }},
      {!actions.merge.empty(),
       [&] {
         std::cout << teacher::summary(teacher::merge_ledgers({actions.merge, options.out}));
       }},
      {!actions.import_file.empty(), [&] { import_file(actions, options); }},
      {!actions.export_file.empty(), [&] { export_file(actions, options); }},
      {!actions.review_sheet.empty(), [&] { write_sheet(actions, options); }},
      {!actions.review.empty(), [&] { read_review(actions); }},
  };
  const std::function<void()>* named = nullptr;
  for (const auto& [is_named, action] : all) {
    if (!is_named) continue;
    if (named != nullptr) {
      throw InputError("litemedcot teach", "two things to do are named", "name one at a time");
    }
    named = &action;
  }
  if (named == nullptr) return false;
  (*named)();
  return true;
}

void report_replies(const teacher::TeachResult& result, const std::string& out,
                    const std::string& hint) {
  std::cout << teacher::summary(result) << std::flush;
  const std::string missing = teacher::missing_replies(result);
  if (!missing.empty()) throw InputError(out, missing, hint);
}

}  // namespace lmc::apps
