#include "teacher/batch.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/check.h"             // InputError, cat
#include "base/files.h"             // AtomicFile
#include "base/progress.h"          // Progress
#include "client/completion.h"      // parse_completion
#include "client/endpoint_words.h"  // shortened_words
#include "client/image_url.h"
#include "client/request_task.h"  // refusal_word
#include "record/json_lines.h"    // for_each_record
#include "record/output.h"        // claim_file_output
#include "teacher/ledger.h"
#include "teacher/work_list.h"

namespace lmc::teacher {

namespace {

constexpr int64_t kMaxRequests = 50'000;
constexpr size_t kMaxBytes = 190'000'000;

// One file after another, each whole or absent.
class BatchWriter {
 public:
  BatchWriter(std::string prefix, std::vector<std::string> inputs)
      : prefix_(std::move(prefix)), inputs_(std::move(inputs)) {}

  void write(const std::string& line) {
    if (file_ && (requests_ == kMaxRequests || bytes_ + line.size() + 1 > kMaxBytes)) end_file();
    if (!file_) {
      char number[16];
      std::snprintf(number, sizeof number, "-%03zu.jsonl", files_.paths.size() + 1);
      files_.paths.push_back(prefix_ + number);
      record::claim_file_output(
          files_.paths.back(), inputs_, "a batch of requests",
          [](const std::string& path) { return record::is_json_lines_with(path, "custom_id"); });
      file_ = std::make_unique<AtomicFile>(files_.paths.back());
    }
    file_->write(line);
    file_->write("\n");
    bytes_ += line.size() + 1;
    ++requests_;
    ++files_.requests;
  }

  BatchFiles finish(int64_t unreadable) {
    if (file_) end_file();
    files_.unreadable = unreadable;
    return std::move(files_);
  }

 private:
  void end_file() {
    file_->commit();
    file_.reset();
    bytes_ = 0;
    requests_ = 0;
  }

  std::string prefix_;
  std::vector<std::string> inputs_;
  BatchFiles files_;
  std::unique_ptr<AtomicFile> file_;
  size_t bytes_ = 0;
  int64_t requests_ = 0;
};

// The body goes in as it is: its image is large, and it is JSON already.
std::string batch_line(const std::string& custom_id, const std::string& body) {
  return cat("{\"custom_id\":", to_text(Json(custom_id)),
             ",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":", body, "}");
}

// A batch cannot ask what depends on a reply.
void refuse_second_requests(const TeachOptions& options) {
  if (options.mode == TeachMode::kTwoStage) {
    throw InputError("--mode", "two stages do not fit into one batch",
                     "use reject; then rationalise with another --out, for what is left");
  }
  if (!options.judge_model.empty()) {
    throw InputError("--judge-model", "a judge does not fit into the batch that it judges");
  }
}

struct BatchReplies {
  // By question, in the order of the samples.
  std::unordered_map<std::string, std::vector<std::optional<client::Completion>>> of_question;
  int64_t without_reply = 0;
  std::string last_failure;
};

// "<question id>#<sample>"; nothing when it is not of that form.
std::optional<std::pair<std::string, size_t>> split_custom_id(const std::string& custom_id) {
  constexpr size_t kMaxDigits = 4;
  const size_t at = custom_id.rfind('#');
  if (at == custom_id.npos) return std::nullopt;
  const std::string digits = custom_id.substr(at + 1);
  if (digits.empty() || digits.size() > kMaxDigits ||
      digits.find_first_not_of("0123456789") != digits.npos) {
    return std::nullopt;
  }
  return std::pair{custom_id.substr(0, at), static_cast<size_t>(std::stoul(digits))};
}

std::string failure_of(const Json& line) {
  const auto error = line.find("error");
  if (error != line.end() && !error->is_null()) return client::shortened_words(to_text(*error), {});
  const auto response = line.find("response");
  if (response == line.end() || !response->is_object()) return "it has no response";
  return cat("HTTP ", json_get_or<int64_t>(*response, "status_code", "response", 0));
}

void read_replies(const std::string& path, BatchReplies& replies) {
  record::for_each_record(
      path, record::LastLine::kIsWhole, [&](const Json& line, const std::string& where) {
        const auto custom_id = json_get<std::string>(line, "custom_id", where);
        const auto id = split_custom_id(custom_id);
        if (!id) {
          throw InputError(where, cat("the custom_id \"", custom_id, "\" is not one of ours"),
                           "expected <question id>#<sample>, as --batch-write makes them");
        }
        std::optional<client::Completion> reply;
        const auto response = line.find("response");
        if (response != line.end() && response->is_object() && response->contains("body") &&
            json_get_or<int64_t>(*response, "status_code", where, 200) == 200) {
          reply = client::parse_completion(to_text((*response)["body"]));
        }
        if (!reply) {
          ++replies.without_reply;
          replies.last_failure = cat(where, ": ", failure_of(line));
        }
        auto& samples = replies.of_question[id->first];
        if (samples.size() <= id->second) samples.resize(id->second + 1);
        if (reply) samples[id->second] = std::move(reply);
      });
}

}  // namespace

BatchFiles write_batch(const TeachOptions& options, const std::string& prefix, std::ostream& out) {
  check(options);
  refuse_second_requests(options);
  check_output(options);
  const SamplingTaskOptions form = sampling_task_options(options);
  Ledger ledger(options.out);
  WorkList work(options.questions, selection(options), form, ledger);
  write_manifest(options, work.num_selected());
  client::ImageUrlCache images(image_folder(options), client::dicom_pixels(options));
  BatchWriter writer(prefix, {options.questions, options.out});
  int64_t unreadable = 0;
  Progress progress(out, "batch", static_cast<int64_t>(work.size()), "questions");
  for (size_t i = 0; i < work.size(); ++i) {
    SamplingTask sampling_task = work.sampling_task(i);
    const record::Question& question = sampling_task.question();
    std::string url;
    try {
      url = images.get(question.image, question.image_sha256, options.max_image_area);
    } catch (const InputError& error) {
      work.check_images_are_there(i);
      sampling_task.reject(std::string(client::refusal_word(client::Refusal::kUnreadableImage)),
                           error.what());
      ledger.append(sampling_task.line());
      ++unreadable;
    }
    for (int64_t sample = 0; !url.empty() && sample < options.samples; ++sample) {
      writer.write(batch_line(cat(question.id, "#", sample), sampling_task.request(url, sample)));
    }
    progress.add(1);
  }
  ledger.sync();
  return writer.finish(unreadable);
}

TeachResult read_batch(const TeachOptions& options, const std::vector<std::string>& paths,
                       std::ostream& out) {
  check(options);
  refuse_second_requests(options);
  BatchReplies replies;
  for (const std::string& path : paths) read_replies(path, replies);
  const SamplingTaskOptions form = sampling_task_options(options);
  Ledger ledger(options.out);
  WorkList work(options.questions, selection(options), form, ledger);

  TeachResult result;
  result.already_done = work.num_selected() - static_cast<int64_t>(work.size());
  result.failed = replies.without_reply;
  result.last_failure = replies.last_failure;
  Progress progress(out, "batch", work.num_selected(), "questions", result.already_done);
  for (size_t i = 0; i < work.size(); ++i) {
    SamplingTask sampling_task = work.sampling_task(i);
    const auto found = replies.of_question.find(sampling_task.question().id);
    if (found == replies.of_question.end()) continue;
    bool is_finished = false;
    for (const auto& reply : found->second) {
      if (!reply || is_finished) continue;
      ++result.requests;
      ++result.replies;
      result.prompt_tokens += reply->prompt_tokens;
      result.reply_tokens += reply->reply_tokens;
      is_finished = sampling_task.take(*reply);
    }
    // Some samples failed: what the others reached is kept all the same.
    if (!is_finished && !sampling_task.has_accepted()) {
      ++result.unanswered;
      continue;
    }
    result.add(sampling_task.line());
    ledger.append(sampling_task.line());
    progress.add(1);
  }
  ledger.sync();
  result.cost = prices(options).of(ledger.prompt_tokens() + result.prompt_tokens,
                                   ledger.reply_tokens() + result.reply_tokens);
  return result;
}

}  // namespace lmc::teacher
