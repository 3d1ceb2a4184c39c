// The options of `teach`, and what they amount to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/enum_names.h"          // Named
#include "base/fields.h"              // Field
#include "client/endpoint_options.h"  // EndpointOptions
#include "client/spending.h"          // Prices
#include "prompt/question.h"          // ReplyStyle
#include "teacher/acceptance.h"       // AcceptanceOptions
#include "teacher/sampling_task.h"    // SamplingTaskOptions
#include "teacher/work_list.h"        // Selection

namespace lmc::teacher {

enum class TeachMode { kRationalise, kReject, kTwoStage };
constexpr auto names_of(TeachMode) {
  return std::to_array<Named<TeachMode>>({{TeachMode::kRationalise, "rationalise"},
                                          {TeachMode::kReject, "reject"},
                                          {TeachMode::kTwoStage, "two-stage"}});
}

struct TeachOptions : client::EndpointOptions {
  TeachOptions();

  std::string questions;
  std::string out;
  std::string model;

  TeachMode mode = TeachMode::kRationalise;
  bool with_caption = false;
  bool system_prompt = true;
  std::string system_prompt_file;
  std::string prompts;
  bool structured = false;
  int64_t max_image_area = 1'048'576;
  std::string image_cache;

  int64_t samples = 1;
  bool until_first = false;
  double temperature = 0;
  int64_t max_tokens = 1024;
  int64_t top_log_probs = 0;
  int64_t seed = 0;

  AcceptanceOptions rules;
  std::string judge_model;

  std::string split;
  std::string shard;
  int64_t limit = 0;
  bool retry_rejected = false;

  double price_prompt = 0;
  double price_reply = 0;
  double max_cost = 0;
  int64_t max_requests = 0;
  bool dry_run = false;

  std::vector<Field> fields();
};

// Errors: InputError naming the option.
void check(const TeachOptions& options);

SamplingTaskOptions sampling_task_options(const TeachOptions& options);
Selection selection(const TeachOptions& options);
client::Prices prices(const TeachOptions& options);
std::string image_folder(const TeachOptions& options);

}  // namespace lmc::teacher
