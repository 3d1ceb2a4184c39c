#include "eval/endpoint_model.h"

namespace lmc::eval {

namespace {

// The endpoint's own form of the sampling options, where they are not its defaults.
Json extra_with_sampling(const EndpointModel& model, const infer::SamplingOptions& sampling) {
  Json all = client::extra_members(model);
  const auto add = [&](const char* key, const Json& value) {
    if (!all.contains(key)) all[key] = value;
  };
  if (sampling.top_p != 1) add("top_p", sampling.top_p);
  if (sampling.top_k != 0) add("top_k", sampling.top_k);
  if (sampling.min_p != 0) add("min_p", sampling.min_p);
  if (sampling.repetition_penalty != 1) add("repetition_penalty", sampling.repetition_penalty);
  if (sampling.presence_penalty != 0) add("presence_penalty", sampling.presence_penalty);
  if (!sampling.stop.empty()) add("stop", sampling.stop);
  return all;
}

}  // namespace

std::vector<Field> EndpointModel::fields() {
  std::vector<Field> all;
  append_fields(all, "A model behind an endpoint, instead of a checkpoint", endpoint_fields());
  append_fields(all, "A model behind an endpoint, instead of a checkpoint",
                {{"top-log-probs",
                  "ask for so many likeliest tokens at each place: the letters among them are a "
                  "confidence; 0: none",
                  &top_log_probs, at_least(0)}});
  return all;
}

record::Manifest manifest(const EndpointModel& model) {
  EndpointModel copy = model;
  static_cast<client::EndpointOptions&>(copy) = client::without_secrets(model);
  record::Manifest manifest;
  // Where it is says whose replies these are; how it is reached, by which key, is not written down.
  std::vector<Field> told = copy.fields();
  std::erase_if(told, [](const Field& one) { return !one.decides && one.name != "endpoint"; });
  manifest.add_options(told);
  manifest.options["model"] = model.model;
  manifest.device = "endpoint";
  return manifest;
}

client::SamplingParams drawing_of(const EndpointModel& model,
                                  const infer::SamplingOptions& sampling) {
  client::SamplingParams drawing;
  drawing.model = model.model;
  drawing.max_tokens = sampling.max_new_tokens;
  drawing.temperature = sampling.temperature;
  drawing.top_log_probs = model.top_log_probs;
  drawing.stream = model.stream;
  drawing.extra = extra_with_sampling(model, sampling);
  return drawing;
}

}  // namespace lmc::eval
