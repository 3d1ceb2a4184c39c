// What a training run is told: the names of the command line, of --config and of the manifest.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/enum_names.h"        // Named
#include "base/fields.h"            // Field
#include "tensorio/dtype_choice.h"  // DtypeChoice

namespace lmc::train {

enum class Target { kAnswer, kReasoningAnswer, kAnswerReasoning, kMultitask };
constexpr auto names_of(Target) {
  return std::to_array<Named<Target>>({{Target::kAnswer, "answer"},
                                       {Target::kReasoningAnswer, "reasoning-answer"},
                                       {Target::kAnswerReasoning, "answer-reasoning"},
                                       {Target::kMultitask, "multitask"}});
}

// Of a question with several reasonings.
enum class ReasoningChoice { kFirst, kAll, kInTurn };
constexpr auto names_of(ReasoningChoice) {
  return std::to_array<Named<ReasoningChoice>>({{ReasoningChoice::kFirst, "first"},
                                                {ReasoningChoice::kAll, "all"},
                                                {ReasoningChoice::kInTurn, "in-turn"}});
}

enum class OptionOrder { kAsGiven, kRandom, kBalanced };
constexpr auto names_of(OptionOrder) {
  return std::to_array<Named<OptionOrder>>({{OptionOrder::kAsGiven, "as-given"},
                                            {OptionOrder::kRandom, "random"},
                                            {OptionOrder::kBalanced, "balanced"}});
}

enum class DrawOrder { kRandom, kByImage };
constexpr auto names_of(DrawOrder) {
  return std::to_array<Named<DrawOrder>>(
      {{DrawOrder::kRandom, "random"}, {DrawOrder::kByImage, "by-picture"}});
}

enum class RecomputeChoice { kAuto, kNothing, kFeedForward, kLayers };
constexpr auto names_of(RecomputeChoice) {
  return std::to_array<Named<RecomputeChoice>>({{RecomputeChoice::kAuto, "auto"},
                                                {RecomputeChoice::kNothing, "nothing"},
                                                {RecomputeChoice::kFeedForward, "feed-forward"},
                                                {RecomputeChoice::kLayers, "layers"}});
}

enum class Schedule { kCosine, kLinear, kConstant };
constexpr auto names_of(Schedule) {
  return std::to_array<Named<Schedule>>({{Schedule::kCosine, "cosine"},
                                         {Schedule::kLinear, "linear"},
                                         {Schedule::kConstant, "constant"}});
}

// What adds up what the processes of one run computed.
enum class Collectives { kAuto, kNone, kMpi, kNccl };
constexpr auto names_of(Collectives) {
  return std::to_array<Named<Collectives>>({{Collectives::kAuto, "auto"},
                                            {Collectives::kNone, "none"},
                                            {Collectives::kMpi, "mpi"},
                                            {Collectives::kNccl, "nccl"}});
}

struct TrainOptions {
  std::string questions;
  std::string explanations;
  std::string conversations;
  Target target = Target::kReasoningAnswer;
  double reasoning_share = 1;
  double reasoning_weight = 1;
  double answer_weight = 1;
  ReasoningChoice explanations_per_question = ReasoningChoice::kFirst;
  OptionOrder option_order = OptionOrder::kAsGiven;
  double distillation_weight = 0;
  std::string split;
  int64_t limit = 0;
  bool with_caption = false;
  bool shuffle_images = false;
  int64_t max_image_area = 0;
  std::string out;

  std::string validation;
  std::string validation_explanations;
  int64_t validate_every = 100;
  int64_t patience = 0;

  std::string continue_from;
  bool full = false;
  tensorio::DtypeChoice save_dtype = tensorio::DtypeChoice::kAuto;
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
  DrawOrder order = DrawOrder::kRandom;
  int64_t tokens_per_micro_batch = 0;
  RecomputeChoice recompute = RecomputeChoice::kAuto;
  std::string vision_cache;
  tensorio::DtypeChoice vision_cache_dtype = tensorio::DtypeChoice::kBFloat16;
  std::vector<std::string> without;
  int64_t max_tokens = 4096;
  double learning_rate = 2e-4;
  Schedule schedule = Schedule::kCosine;
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
  Collectives collectives = Collectives::kAuto;
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
