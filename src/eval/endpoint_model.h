// A model behind an OpenAI-compatible endpoint, as the options of a stage name it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"              // Field
#include "client/chat_request.h"      // SamplingParams
#include "client/endpoint_options.h"  // EndpointOptions
#include "infer/sampling.h"           // SamplingOptions
#include "record/manifest.h"          // Manifest

namespace lmc::eval {

struct EndpointModel : client::EndpointOptions {
  std::string model;  // at the endpoint; the stage's own --model
  int64_t top_log_probs = 0;

  std::vector<Field> fields();
};

// What a run's manifest says of who answers.
record::Manifest manifest(const EndpointModel& model);

// The sampling options as requests have them, without the seed, which is each request's own.
client::SamplingParams drawing_of(const EndpointModel& model,
                                  const infer::SamplingOptions& sampling);

}  // namespace lmc::eval
