// What a training run is told: the names of the command line, of --config and of the manifest.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/fields.h"  // Field
#include "base/json.h"    // Json

namespace lmc::train {

struct TrainOptions {
  std::string questions;
  std::string explanations;
  std::string conversations;
  std::string target = "reasoning-answer";
  double reasoning_share = 1;
  double reasoning_weight = 1;
  double answer_weight = 1;
  std::string explanations_per_question = "first";
  std::string option_order = "as-given";
  double teacher_share = 0;
  std::string split;
  int64_t limit = 0;
  bool with_caption = false;
  bool shuffle_pictures = false;
  int64_t max_image_area = 0;
  std::string out;

  std::string validation;
  std::string validation_explanations;
  int64_t validate_every = 100;
  int64_t patience = 0;

  std::string continue_from;
  bool full = false;
  std::string save_dtype = "auto";
  int64_t rank = 16;
  double alpha = 32;
  double dropout = 0;
  bool rslora = false;
  bool dora = false;
  std::vector<std::string> target_modules = {"q_proj",    "k_proj",  "v_proj",   "o_proj",
                                             "gate_proj", "up_proj", "down_proj"};
  std::string target_regex;
  std::vector<std::string> rank_pattern;
  std::vector<std::string> alpha_pattern;

  double epochs = 1;
  int64_t steps = 0;
  int64_t batch = 16;
  std::string order = "random";
  int64_t tokens_per_pass = 0;
  std::string recompute = "auto";
  std::string vision_cache;
  std::string vision_cache_dtype = "bfloat16";
  std::vector<std::string> without;
  int64_t max_tokens = 4096;
  double learning_rate = 2e-4;
  std::string schedule = "cosine";
  double warmup = 0.03;
  double weight_decay = 0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double clip = 1;
  int64_t seed = 0;

  int64_t save_every = 100;
  int64_t keep = 2;
  int64_t show = 3;
  std::string collectives = "auto";
  bool deterministic = false;
  bool dry_run = false;

  std::vector<Field> fields();

  // Errors: InputError naming the flag whose value makes no sense.
  void check();
};

// "name=value" of --rank-pattern and --alpha-pattern, in their order.
// Errors: InputError.
std::vector<std::pair<std::string, double>> parse_pattern(const std::vector<std::string>& entries,
                                                          const char* flag);

}  // namespace lmc::train
