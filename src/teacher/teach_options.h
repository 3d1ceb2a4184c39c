// The options of `teach`, and what they amount to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"        // Field
#include "teacher/endpoint.h"   // Endpoint
#include "teacher/inquiry.h"    // InquiryForm
#include "teacher/spending.h"   // Prices
#include "teacher/work_list.h"  // Selection

namespace lmc::teacher {

struct TeachOptions {
  std::string questions;
  std::string out;
  std::vector<std::string> endpoint = {"http://127.0.0.1:8080/v1"};
  std::string model;
  std::vector<std::string> api_key_env;
  std::vector<std::string> api_key_file;
  std::string ca_file;
  bool allow_upload = false;

  std::string mode = "rationalise";
  bool with_caption = false;
  bool system_prompt = true;
  std::string system_prompt_file;
  std::string prompts;
  bool structured = false;
  int64_t max_image_area = 1'048'576;
  std::string picture_cache;

  int64_t samples = 1;
  bool until_first = false;
  double temperature = 0;
  int64_t max_tokens = 1024;
  int64_t top_log_probs = 0;
  bool stream = false;
  int64_t seed = 0;
  std::string extra;

  std::string split;
  std::string shard;
  int64_t limit = 0;
  bool retry_rejected = false;

  int64_t concurrency = 64;
  int64_t retries = 6;
  double retry_wait = 1;
  double timeout = 600;

  double price_prompt = 0;
  double price_reply = 0;
  double max_cost = 0;
  int64_t max_requests = 0;
  bool dry_run = false;

  std::vector<Field> fields();
};

// Errors: InputError naming the option. Also refuses an endpoint that is not on this machine,
// unless uploads are allowed.
void check(const TeachOptions& options);

InquiryForm inquiry_form(const TeachOptions& options);
Selection selection(const TeachOptions& options);
Prices prices(const TeachOptions& options);
std::string picture_folder(const TeachOptions& options);

// Ready to be sent to, with their keys. Errors: InputError when a key is missing.
std::vector<Endpoint> endpoints(const TeachOptions& options);

}  // namespace lmc::teacher
