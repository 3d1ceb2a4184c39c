#include "grounding/sentence_metrics.h"

#include <algorithm>
#include <map>

#include "grounding/box_metrics.h"  // add_box_metrics
#include "grounding/metric_mean.h"  // metric_mean

namespace lmc::grounding {

namespace {

using record::ReplyEvidence;
using record::SentenceEvidence;

struct Method {
  const char* name;
  std::vector<double> SentenceEvidence::*map;
  int64_t ReplyEvidence::*rows;
  int64_t ReplyEvidence::*columns;
};

constexpr Method kMethods[] = {
    {"occlusion", &SentenceEvidence::occlusion, &ReplyEvidence::rows, &ReplyEvidence::columns},
    {"gradient", &SentenceEvidence::gradient, &ReplyEvidence::token_rows,
     &ReplyEvidence::token_columns},
    {"attention", &SentenceEvidence::attention, &ReplyEvidence::token_rows,
     &ReplyEvidence::token_columns}};

std::string above_chance(const Method& method) {
  return cat("pointing game, ", method.name, ", above chance");
}

const record::GroundingMetric* find_metric(const record::GroundingResult& result,
                                           const std::string& name) {
  const auto found =
      std::find_if(result.sentence_metrics.begin(), result.sentence_metrics.end(),
                   [&](const record::GroundingMetric& metric) { return metric.name == name; });
  return found == result.sentence_metrics.end() ? nullptr : &*found;
}

// What a sentence's map says of the places another speaks of, or its own.
BoxMetrics metrics_at(const ReplyEvidence& reply, const SentenceEvidence& mapped,
                      const SentenceEvidence& placed, const Method& method) {
  return box_metrics({reply.*method.rows, reply.*method.columns, mapped.*method.map}, placed.boxes);
}

void add_method(const Method& method, std::span<const ReplyEvidence> replies,
                std::vector<record::GroundingMetric>& metrics) {
  std::vector<BoxItem> own;
  std::vector<MetricItem> against_others;
  for (const ReplyEvidence& reply : replies) {
    for (const SentenceEvidence& sentence : reply.sentences) {
      own.push_back({metrics_at(reply, sentence, sentence, method), reply.image_group});
      const auto& pointing = own.back().metrics.pointing;
      double others = 0;
      double count = 0;
      for (const SentenceEvidence& other : reply.sentences) {
        if (&other == &sentence || other.boxes.empty()) continue;
        if (const auto found = metrics_at(reply, other, sentence, method).pointing) {
          others += found->value;
          ++count;
        }
      }
      if (pointing && count > 0) {
        against_others.push_back({pointing->value - others / count, reply.image_group, 0});
      }
    }
  }
  add_box_metrics(cat(", ", method.name), "sentences", own, metrics);
  if (!against_others.empty()) {
    metrics.push_back(metric_mean(
        cat("pointing game, ", method.name, ", own map against the others'"),
        "mean over sentences of the figure less its mean with the maps of the reply's other "
        "sentences",
        "ours", against_others));
  }
}

}  // namespace

std::vector<record::GroundingMetric> sentence_metrics(
    std::span<const record::ReplyEvidence> replies) {
  std::map<std::string, std::vector<MetricItem>> gains;  // by what stood in the image's place
  for (const ReplyEvidence& reply : replies) {
    for (const SentenceEvidence& sentence : reply.sentences) {
      if (sentence.boxes.empty()) continue;
      for (const auto& [image, value] : sentence.without) {
        gains[image].push_back({sentence.with_image - value, reply.image_group, 0});
      }
    }
  }
  std::vector<record::GroundingMetric> metrics;
  for (const auto& [image, items] : gains) {
    const std::string than =
        cat("the image, not to ", image == "another" ? "another" : "a " + image, " one");
    const std::string gain = cat("log p(sentence | image) - log p(sentence | ", image, " image)");
    metrics.push_back(
        metric_mean("owed to " + than, cat("mean of ", gain, ", nats"), "ours", items));
    std::vector<MetricItem> clearly = items;
    for (MetricItem& item : clearly) item.value = item.value > kOwedNats ? 1 : 0;
    metrics.push_back(metric_mean("owe a nat to " + than, cat("mean of 1[", gain, " > 1]"), "ours",
                                  clearly, MetricKind::kProportion));
  }
  for (const Method& method : kMethods) add_method(method, replies, metrics);
  return metrics;
}

std::vector<std::string> trusted_methods(const record::GroundingResult& result) {
  std::vector<std::string> trusted;
  for (const Method& method : kMethods) {
    const record::GroundingMetric* const found = find_metric(result, above_chance(method));
    if (found != nullptr && found->interval_95 && (*found->interval_95)[0] > 0) {
      trusted.emplace_back(method.name);
    }
  }
  return trusted;
}

std::optional<AgainstChance> pointing_of(const record::GroundingResult& result,
                                         std::string_view method) {
  const std::string name = cat("pointing game, ", method);
  const record::GroundingMetric* const found = find_metric(result, name);
  const record::GroundingMetric* const chance = find_metric(result, name + ", by chance");
  if (found == nullptr || chance == nullptr || !found->value || !chance->value) return {};
  return AgainstChance{*found->value, *chance->value};
}

}  // namespace lmc::grounding
