#include "teacher/teach.h"

#include <utility>

#include "base/check.h"          // InputError, cat
#include "base/files.h"          // file_exists
#include "base/partial_files.h"  // remove_partial_files_of
#include "base/progress.h"       // Progress
#include "record/manifest.h"     // Manifest
#include "record/output.h"       // claim_file_output, is_json_lines_with
#include "record/run_files.h"    // ledger_manifest_path
#include "teacher/ledger.h"
#include "teacher/plan.h"
#include "teacher/teach_work.h"
#include "teacher/work_list.h"

namespace lmc::teacher {

namespace {

client::LoopOptions loop_options(const TeachOptions& options, const SamplingTaskOptions& form) {
  client::LoopOptions loop;
  loop.endpoint = options;
  loop.max_reply_bytes = client::max_reply_bytes(form.sampling_params);
  loop.has_format = options.structured;
  loop.seed = static_cast<uint64_t>(options.seed);
  loop.unit = "questions";
  loop.source = options.questions;
  loop.on_stop = "the ledger holds what was done; run the same command to go on";
  return loop;
}

}  // namespace

int64_t TeachResult::num_rejected() const {
  int64_t sum = 0;
  for (const auto& [reason, count] : rejected) sum += count;
  return sum;
}

void TeachResult::add(const record::Explanation& line) {
  if (line.accepted) {
    ++accepted;
  } else {
    ++rejected[line.reason];
  }
}

std::string summary(const TeachResult& result) {
  std::string text = cat("accepted ", result.accepted, ", rejected ", result.num_rejected());
  const char* separator = " (";
  for (const auto& [reason, count] : result.rejected) {
    text += cat(separator, reason, " ", count);
    separator = ", ";
  }
  if (!result.rejected.empty()) text += ")";
  if (result.already_done > 0) text += cat(", done before ", result.already_done);
  text += cat("; ", result.requests, " requests, ", result.prompt_tokens, " + ",
              result.reply_tokens, " tokens");
  if (result.cost > 0) text += cat("; the ledger has cost ", result.cost);
  text += "\n";
  for (const std::string& note : result.notes) text += cat("note: ", note, "\n");
  if (result.failed > 0) {
    text += cat("failed ", result.failed,
                ", to be tried again by the same command; the last: ", result.last_failure, "\n");
  }
  if (!result.stopped_by.empty()) {
    text += cat("stopped: ", result.stopped_by, "; ", result.not_asked, " questions are left\n");
  }
  return text;
}

std::string missing_replies(const TeachResult& result) {
  const std::string last =
      result.last_failure.empty() ? "" : cat("; the last: ", result.last_failure);
  if (result.unanswered > 0) {
    return cat(result.unanswered, " of ",
               result.accepted + result.num_rejected() + result.unanswered,
               " questions have no reply", last);
  }
  if (result.replies > 0 || result.requests == 0) return {};
  return cat("of ", result.requests, " requests none got a reply", last);
}

void write_manifest(const TeachOptions& options, int64_t num_questions) {
  TeachOptions copy = options;
  static_cast<client::EndpointOptions&>(copy) = client::without_secrets(options);
  record::Manifest manifest;
  manifest.command = "teach";
  manifest.options = fields_to_json(copy.fields());
  manifest.inputs.emplace_back(options.questions);
  manifest.further["prompts"] = to_json(sampling_task_options(options).prompt.texts);
  manifest.further["num_questions"] = num_questions;
  record::write_manifest(record::ledger_manifest_path(options.out), std::move(manifest));
}

void check_output(const TeachOptions& options) {
  const std::string path = record::ledger_manifest_path(options.out);
  if (!file_exists(path)) {
    // Nothing else says that what is there is a ledger.
    record::claim_file_output(
        options.out, {options.questions}, "a ledger",
        [](const std::string& found) { return record::is_json_lines_with(found, "question_id"); });
  } else if (record::read_manifest(path).command != "teach") {
    throw InputError(path, "is there already, and is not the manifest of a ledger",
                     "name another file with --out");
  }
  remove_partial_files_of(path);
}

TeachResult teach(const TeachOptions& options, std::ostream& out) {
  check(options);
  check_output(options);
  const SamplingTaskOptions form = sampling_task_options(options);
  std::vector<client::Endpoint> endpoints = client::endpoints(options);
  Ledger ledger(options.out, options.dry_run ? Ledger::Access::kRead : Ledger::Access::kWrite);
  const Selection chosen = selection(options);
  WorkList work(options.questions, chosen, form, ledger);

  TeachResult result;
  result.already_done = work.num_selected() - static_cast<int64_t>(work.size());
  out << describe(make_plan(options, work, ledger));
  if (options.dry_run) return result;
  if (work.size() == 0) {
    ledger.sync();
    return result;
  }
  write_manifest(options, work.num_selected());

  const double spent_before = prices(options).of(ledger.prompt_tokens(), ledger.reply_tokens());
  client::Spending spending(prices(options), options.max_cost, options.max_requests, spent_before);
  {
    remove_partial_files_in(image_folder(options));
    const client::ImageUrlCache images(image_folder(options), client::dicom_pixels(options));
    TeachWork tasks(work, ledger, images, options.max_image_area, result);
    const client::LoopOptions loop = loop_options(options, form);
    Progress progress(out, "teach", work.num_selected(), loop.unit, result.already_done);
    client::RequestLoop(loop, std::move(endpoints), tasks, spending, progress).run(result);
  }
  result.unanswered = result.failed;
  result.requests = spending.requests();
  result.prompt_tokens = spending.prompt_tokens();
  result.reply_tokens = spending.reply_tokens();
  result.cost = spending.cost();
  result.not_asked =
      static_cast<int64_t>(work.size()) - result.accepted - result.num_rejected() - result.failed;
  return result;
}

}  // namespace lmc::teacher
