#include "eval/endpoint_predictor.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/check.h"             // InputError, cat
#include "base/clock.h"             // seconds_since_1970
#include "base/files.h"             // write_file
#include "base/progress.h"          // Progress
#include "base/synced_log.h"        // SyncedLog
#include "client/chat_request.h"    // request_text
#include "client/image_url.h"       // ImageUrlCache
#include "client/request_loop.h"    // RequestLoop
#include "image/image.h"            // encode_png
#include "image/portable_file.h"    // file_data_url
#include "reading/answer_letter.h"  // answer_letter, reasoning_of
#include "record/missing_images.h"  // check_images_are_there
#include "record/question_line.h"   // append_line
#include "record/run_files.h"       // asks_path, replies_path

namespace lmc::eval {

// A prompt of the list, or one of its samples.
struct EndpointPredictor::Request {
  size_t prompt = 0;
  record::Question shown;  // its id names the request
  client::ChatPrompt chat;
  std::string sha256;
};

namespace {

std::string why_not_right(const client::Completion& completion,
                          const record::EndpointReply& reply) {
  const bool is_blank = std::all_of(completion.text.begin(), completion.text.end(), [](char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
  });
  if (completion.finish == "length") return "truncated";
  if (is_blank) return "empty";
  if (reply.letter.empty()) return "no-answer";
  return reply.is_right ? "" : "wrong-answer";
}

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \n");
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \n") + 1 - first);
}

}  // namespace

// The requests without a reply.
class EndpointPredictor::Work : public client::RequestWork {
 public:
  Work(const EndpointPredictor& predictor, PromptList& prompts,
       std::vector<const Request*> requests)
      : predictor_(predictor),
        prompts_(prompts),
        requests_(std::move(requests)),
        log_(predictor.replies_path(), "question_id") {
    if (prompts.shows_files()) {
      files_.emplace(predictor.run_.folder + "/pictures", client::dicom_pixels(predictor.model_));
    }
    size_.min_area_px = 1;  // making small images larger is the server's affair
    if (predictor.run_.max_image_area > 0) size_.max_area_px = predictor.run_.max_image_area;
  }

  size_t size() const override { return requests_.size(); }
  std::unique_ptr<client::RequestTask> begin(size_t index) override {
    return std::make_unique<Task>(*requests_[index], *this);
  }
  void sync() override { log_.sync(); }

 private:
  class Task : public client::RequestTask {
   public:
    Task(const Request& request, Work& work) : request_(request), work_(work) {
      reply_.prompt_id = request.shown.id;
      reply_.model = work.predictor_.model_.model;
      reply_.prompt_sha256 = request.sha256;
    }

    std::string next_request(bool) const override {
      client::SamplingParams drawing = work_.predictor_.drawing_;
      drawing.seed = client::request_seed(
          static_cast<uint64_t>(work_.predictor_.options_.sampling.seed), request_.shown.id, 0);
      return client::request_text(request_.chat, work_.image_url(request_), drawing);
    }

    bool take(const client::Completion& completion) override {
      const auto letter = reading::answer_letter(completion.text, request_.shown.options);
      if (letter) reply_.letter = *letter;
      reply_.is_right = letter && *letter == request_.shown.answer;
      reply_.reason = why_not_right(completion, reply_);
      reply_.reasoning = reading::reasoning_of(completion.text);
      reply_.reply = completion.text;
      if (!completion.model.empty()) reply_.model = completion.model;
      reply_.prompt_tokens = completion.prompt_tokens;
      reply_.reply_tokens = completion.reply_tokens;
      reply_.log_probs = completion.log_probs;
      return true;
    }

    void refuse(client::Refusal refusal, const std::string& words) override {
      if (refusal == client::Refusal::kUnreadableImage) {
        PromptList& prompts = work_.prompts_;
        record::check_images_are_there(prompts.size(), request_.prompt,
                                       [&](size_t i) { return prompts.shown(i).image; });
      }
      reply_.reason = client::refusal_word(refusal);
      reply_.reply = words;
    }

    void finish() override {
      reply_.finished_at = seconds_since_1970();
      work_.log_.append(to_text(record::to_json(reply_)));
    }

   private:
    const Request& request_;
    Work& work_;
    record::EndpointReply reply_;
  };

  // Threads: any.
  std::string image_url(const Request& request) {
    const record::Question& shown = request.shown;
    if (shown.image.empty()) return "";
    if (files_) {
      return files_->get(shown.image, shown.image_sha256, predictor_.run_.max_image_area);
    }
    const ShownImage image = prompts_.images(request.prompt, request.prompt + 1, size_)[0];
    if (!image.problem.empty()) throw InputError("", image.problem);
    if (image.is_of_dicom) {
      client::check_dicom(shown.image, image.has_burned_in_text,
                          client::dicom_pixels(predictor_.model_));
    }
    if (!image.image) return "";
    return image::file_data_url(image::encode_png(*image.image));
  }

  const EndpointPredictor& predictor_;
  PromptList& prompts_;
  std::vector<const Request*> requests_;
  image::PreprocessOptions size_;
  std::optional<client::ImageUrlCache> files_;  // none: the images are not those of files
  SyncedLog log_;
};

EndpointPredictor::EndpointPredictor(const EndpointModel& model, const PredictionOptions& options,
                                     EndpointRun run, std::ostream& progress_out)
    : model_(model), options_(options), run_(std::move(run)), progress_out_(progress_out) {
  const std::string where = cat("litemedcot ", run_.stage);
  check_fields(model_.fields(), where);
  if (model_.model.empty()) throw InputError(where, "--model is missing");
  client::check_endpoints(model_);
  client::endpoints(model_);
  drawing_ = drawing_of(model_, options_.sampling);
}

std::string EndpointPredictor::replies_path() const { return record::replies_path(run_.folder); }

void EndpointPredictor::answer(PromptList& prompts, size_t begin) {
  const std::vector<Request> requests = requests_of(prompts);
  std::vector<const Request*> missing = without_reply(requests);
  if (!missing.empty()) ask_for(std::move(missing), requests.size(), prompts);
  // From the file, also what came just now: a run that was killed gives the same bytes.
  const auto replies = record::read_endpoint_replies(replies_path());
  const auto samples = static_cast<size_t>(options_.samples);
  for (size_t i = begin; i < prompts.size(); ++i) {
    prompts.take(i, answer_of(std::span(requests).subspan(i * samples, samples), replies));
  }
}

std::vector<EndpointPredictor::Request> EndpointPredictor::requests_of(PromptList& prompts) const {
  std::vector<Request> requests;
  std::string lines;
  for (size_t i = 0; i < prompts.size(); ++i) {
    record::Question shown = prompts.shown(i);
    if (!shown.image.empty()) shown.image = std::filesystem::absolute(shown.image).string();
    const client::ChatPrompt chat{
        "", prompt::question_text({shown.question, shown.options, shown.caption}, options_.style,
                                  !shown.image.empty())};
    const std::string sha256 = client::prompt_sha256(chat, shown.image_sha256);
    for (int64_t k = 0; k < options_.samples; ++k) {
      Request& request = requests.emplace_back(Request{i, shown, chat, sha256});
      if (options_.samples > 1) request.shown.id = cat(shown.id, " #", k);
      record::append_line(lines, request.shown);
    }
  }
  make_folder(run_.folder);
  write_file(record::asks_path(run_.folder), lines);
  return requests;
}

std::vector<const EndpointPredictor::Request*> EndpointPredictor::without_reply(
    const std::vector<Request>& requests) const {
  std::map<std::string, record::EndpointReply> replies;
  if (file_exists(replies_path())) replies = record::read_endpoint_replies(replies_path());
  std::vector<const Request*> missing;
  for (const Request& request : requests) {
    const auto found = replies.find(request.shown.id);
    if (found == replies.end()) {
      missing.push_back(&request);
    } else if (found->second.prompt_sha256 != request.sha256) {
      throw InputError(replies_path(),
                       cat("\"", request.shown.id, "\" was asked with another prompt"),
                       "give the options of the first run, or another --out");
    }
  }
  return missing;
}

void EndpointPredictor::ask_for(std::vector<const Request*> missing, size_t count,
                                PromptList& prompts) const {
  std::string hosts;
  for (const std::string& host : client::other_hosts(model_)) {
    hosts += cat(hosts.empty() ? "" : ", ", host);
  }
  progress_out_ << run_.stage << ": " << missing.size() << " of " << count
                << " prompts have no reply yet; "
                << (hosts.empty() ? std::string("nothing leaves this machine")
                                  : cat("images and questions leave this machine for ", hosts))
                << "\n";

  client::LoopOptions loop;
  loop.endpoint = model_;
  loop.max_reply_bytes = client::max_reply_bytes(drawing_);
  loop.seed = static_cast<uint64_t>(options_.sampling.seed);
  loop.unit = "prompts";
  loop.source = record::asks_path(run_.folder);
  loop.on_stop = kOnInterrupt;
  client::LoopResult result;
  client::Spending spending({}, 0, 0, 0);  // no limits
  {
    Progress progress(progress_out_, run_.stage, static_cast<int64_t>(count), loop.unit,
                      static_cast<int64_t>(count - missing.size()));
    Work work(*this, prompts, std::move(missing));
    client::RequestLoop(loop, client::endpoints(model_), work, spending, progress).run(result);
  }
  for (const std::string& note : result.notes) progress_out_ << "note: " << note << "\n";
  if (result.failed > 0) {
    throw InputError(client::without_secrets(model_).endpoint.front(),
                     cat(result.failed, " of ", count,
                         " prompts have no reply; the last: ", result.last_failure),
                     "the same command asks for them again");
  }
}

record::Answer EndpointPredictor::answer_of(
    std::span<const Request> samples,
    const std::map<std::string, record::EndpointReply>& replies) const {
  record::Answer answer;
  for (const Request& request : samples) {
    const record::EndpointReply& reply = replies.at(request.shown.id);
    if (!reply.has_reply()) {
      answer.error = cat(reply.reason, ": ", reply.reply);
      continue;
    }
    answer.samples.push_back({reply.letter, reply.reply,
                              reply.reason == "truncated" ? "length" : "end", reply.reply_tokens});
  }
  if (answer.samples.empty()) return answer;
  answer.error.clear();  // the samples that came vote without the others
  record::take_vote(answer);
  if (samples.size() > 1) return answer;
  answer.samples.clear();  // it says the same
  const Request& only = samples.front();
  answer.letter_log_probability = letter_log_probability(replies.at(only.shown.id), only.shown);
  return answer;
}

std::map<char, double> letter_log_probability(const record::EndpointReply& reply,
                                              const record::Question& question) {
  if (reply.letter.empty()) return {};
  for (auto token = reply.log_probs.rbegin(); token != reply.log_probs.rend(); ++token) {
    if (trimmed(token->written.bytes) != reply.letter) continue;
    std::map<char, double> probability;  // " B" and "B" are the same answer
    for (const record::TokenLogProb::Choice& choice : token->top) {
      const std::string letter = trimmed(choice.bytes);
      if (letter.size() == 1 && question.options.contains(letter[0])) {
        probability[letter[0]] += std::exp(choice.log_prob);
      }
    }
    if (probability.size() != question.options.size()) return {};
    for (auto& [letter, value] : probability) value = std::log(value);
    return probability;
  }
  return {};
}

}  // namespace lmc::eval
