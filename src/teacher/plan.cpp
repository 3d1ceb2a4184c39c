#include "teacher/plan.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/check.h"        // InputError, cat
#include "base/data_url.h"     // parse_data_url
#include "base/progress.h"     // format_duration
#include "client/image_url.h"  // image_url
#include "image/image.h"       // decode

namespace lmc::teacher {

namespace {

constexpr size_t kSampled = 32;
// A guess until the ledger knows better: three to eight short sentences.
constexpr double kGuessedReplyTokens = 250;
// English text; a guess that errs on the high side for a vocabulary of 150,000.
constexpr double kBytesAToken = 4;
// Qwen3-VL: one token for 32 x 32 pixels (patch 16, merged 2 x 2).
constexpr double kPixelsAToken = 32 * 32;
// A large teacher under load; a guess.
constexpr double kTokensASecond = 25;
constexpr double kSecondsToFirstToken = 2;

struct Means {
  double prompt_tokens = 0;
  double request_bytes = 0;
};

Means means_over_sample(const TeachOptions& options, WorkList& work, Plan& plan) {
  Means sum;
  const client::DicomPixels dicom = client::dicom_pixels(options);
  const size_t count = std::min(kSampled, work.size());
  for (size_t i = 0; i < count; ++i) {
    const SamplingTask sampling_task =
        work.sampling_task(i * work.size() / count);  // evenly over the whole
    const record::Question& question = sampling_task.question();
    try {
      const std::string url = client::image_url(question.image, options.max_image_area, dicom);
      const DataUrl sent = parse_data_url(url, url.size(), question.image);
      const image::Image image = image::decode(sent.bytes, question.image);
      const size_t text_bytes = sampling_task.next_request("").size();
      sum.request_bytes += static_cast<double>(text_bytes + url.size());
      sum.prompt_tokens += static_cast<double>(text_bytes) / kBytesAToken +
                           static_cast<double>(image.height_px * image.width_px) / kPixelsAToken;
    } catch (const InputError&) {
      ++plan.unreadable;
    }
  }
  plan.sampled = static_cast<int64_t>(count);
  const auto readable = static_cast<double>(std::max<int64_t>(1, plan.sampled - plan.unreadable));
  return {sum.prompt_tokens / readable, sum.request_bytes / readable};
}

std::string rounded(double value) {
  char text[32];
  if (value >= 1e6) {
    std::snprintf(text, sizeof text, "%.1f million", value / 1e6);
  } else {
    std::snprintf(text, sizeof text, value >= 100 || value == 0 ? "%.0f" : "%.3g", value);
  }
  return text;
}

std::string range(double low, double high) {
  return low == high ? rounded(low) : cat(rounded(low), " to ", rounded(high));
}

std::string bytes_text(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, bytes >= 1e9 ? "%.1f GB" : "%.1f MB",
                bytes >= 1e9 ? bytes / 1e9 : bytes / 1e6);
  return text;
}

}  // namespace

Plan make_plan(const TeachOptions& options, WorkList& work, const Ledger& ledger) {
  Plan plan;
  plan.selected = work.num_selected();
  plan.left = static_cast<int64_t>(work.size());
  if (plan.left == 0) return plan;
  const Means means = means_over_sample(options, work, plan);
  plan.prompt_tokens = means.prompt_tokens;
  plan.request_bytes = means.request_bytes;

  const SamplingTaskOptions form = sampling_task_options(options);
  const auto limit = client::reply_token_limit(form.sampling_params);
  plan.reply_is_known = ledger.num_replies() >= 20;
  plan.reply_tokens =
      plan.reply_is_known
          ? static_cast<double>(ledger.reply_tokens()) / static_cast<double>(ledger.num_replies())
          : std::min(kGuessedReplyTokens,
                     limit ? static_cast<double>(*limit) : kGuessedReplyTokens);

  const bool draws_all = form.rejects && !form.until_first;
  const int64_t stages = form.rejects && form.rationalises ? 2 : 1;
  plan.fewest_requests = plan.left * (draws_all ? options.samples : 1);
  plan.most_requests = plan.left * options.samples * stages;
  plan.prices = prices(options);
  plan.in_flight = options.concurrency * static_cast<int64_t>(options.endpoint.size());
  plan.with_captions = options.with_caption;
  plan.other_hosts = client::other_hosts(options);
  return plan;
}

std::string describe(const Plan& plan) {
  if (plan.left == 0) return cat("plan: all ", plan.selected, " questions are in the ledger\n");
  const auto fewest = static_cast<double>(plan.fewest_requests);
  const auto most = static_cast<double>(plan.most_requests);
  std::string text =
      cat("plan: ", plan.left, " of ", plan.selected, " questions to ask, ", range(fewest, most),
          " requests\n", "  tokens: about ", rounded(plan.prompt_tokens), " + ",
          rounded(plan.reply_tokens), " a request (",
          plan.reply_is_known ? "replies as in the ledger" : "replies: a guess", "), ",
          range(fewest * plan.prompt_tokens, most * plan.prompt_tokens), " + ",
          range(fewest * plan.reply_tokens, most * plan.reply_tokens), " in all\n");
  if (plan.prices.known()) {
    const auto cost = [&](double requests) {
      return plan.prices.of(static_cast<int64_t>(requests * plan.prompt_tokens),
                            static_cast<int64_t>(requests * plan.reply_tokens));
    };
    text += cat("  cost: about ", range(cost(fewest), cost(most)), "\n");
  }
  const double seconds_a_request = kSecondsToFirstToken + plan.reply_tokens / kTokensASecond;
  const auto seconds = [&](double requests) {
    return requests * seconds_a_request / static_cast<double>(plan.in_flight);
  };
  text += cat("  time: about ", format_duration(seconds(fewest)));
  if (most > fewest) text += cat(" to ", format_duration(seconds(most)));
  text += cat(" with ", plan.in_flight, " requests in flight, if a reply takes ",
              rounded(seconds_a_request), " s\n");
  if (plan.unreadable > 0) {
    text += cat("  of ", plan.sampled, " images looked at, ", plan.unreadable, " cannot be read\n");
  }
  if (plan.other_hosts.empty()) {
    text += "  nothing leaves this machine\n";
  } else {
    std::string hosts;
    for (const std::string& host : plan.other_hosts) hosts += (hosts.empty() ? "" : ", ") + host;
    text += cat("  leaves this machine for ", hosts, ": images, questions and options",
                plan.with_captions ? ", captions" : "", ", about ",
                bytes_text(static_cast<double>(plan.left) * plan.request_bytes), "\n");
  }
  return text;
}

}  // namespace lmc::teacher
