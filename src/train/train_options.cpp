#include "train/train_options.h"

#include <cmath>

#include "base/check.h"        // InputError
#include "spec/lora_config.h"  // check_alpha

namespace lmc::train {

namespace {

// No matrix of these models is wider, so a higher rank would correct nothing more.
Range rank_range() { return from_to(1, 32768); }

}  // namespace

std::vector<Field> TrainOptions::fields() {
  return grouped({
      under("Data"),
      {"questions", "questions.jsonl of `prepare`", free_to_change(as_file(&questions))},
      {"explanations", "the teacher's ledger; only questions with an accepted one are used",
       free_to_change(as_file(&explanations))},
      {"conversations",
       "JSON Lines of {\"prompt\", \"reply\", \"image\"?}, learnt from as they are",
       free_to_change(as_file(&conversations))},
      under("What is learnt"),
      {"target", "what the student learns to reply; multitask: each question both ways", &target},
      {"reasoning-share", "of multitask: what the reasoning weighs beside the bare answer's 1",
       &reasoning_share, at_least(0)},
      {"reasoning-weight", "weight in the loss of each token of the reasoning", &reasoning_weight,
       at_least(0)},
      {"answer-weight", "weight in the loss of each token of the answer line", &answer_weight,
       at_least(0)},
      {"explanations-per-question",
       "all: also the ledger's further reasonings, which share the question's weight; in-turn: "
       "another one in every epoch",
       &explanations_per_question},
      {"option-order",
       "random: the options change places in every epoch, and with them the letters "
       "an explanation names; balanced: so that every letter is the answer equally often",
       &option_order},
      {"teacher-share",
       "how much of the loss of a token is its distance to the teacher's log-probabilities, where "
       "the ledger has them",
       &distillation_weight, from_to(0, 1)},
      under("Data"),
      {"split", "only the questions of this split", &split},
      {"limit", "only the first so many questions; 0: all", &limit, at_least(0)},
      {"with-caption", "show the caption in the prompt (an ablation: evaluation never does)",
       &with_caption},
      {"shuffle-pictures",
       "give every question another one's image (an ablation: what is learnt is blind)",
       &shuffle_images},
      {"max-image-area", "image budget in pixels; 0: the model's own", &max_image_area,
       at_least(0)},
      under("Output"),
      {"out", "folder of the adapter (or, with --full, of the model)",
       free_to_change(as_folder(&out)), true},
      under("Validation"),
      {"validation", "questions.jsonl to measure loss and accuracy on while training",
       free_to_change(as_file(&validation))},
      {"validation-explanations",
       "their ledger; without one the validation loss is that of the bare answer",
       free_to_change(as_file(&validation_explanations))},
      {"validate-every", "steps between validations", &validate_every, at_least(1)},
      {"patience", "end early after so many validations without a lower loss; 0: never", &patience,
       at_least(0)},
      under("Adapter, or all weights"),
      {"continue-from", "a PEFT adapter to train on, instead of a fresh one",
       free_to_change(as_folder(&continue_from))},
      {"full", "train every weight instead of a LoRA adapter", &full},
      under("Output"),
      {"save-dtype",
       "type of the weights written by --full; auto: as the base stores them",
       free_to_change(&save_dtype),
       false,
       {"auto", "float32", "bfloat16"}},
      under("Adapter, or all weights"),
      {"rank", "LoRA rank: the width of each correction", &rank, rank_range()},
      {"alpha", "LoRA alpha: the correction is scaled by alpha / rank", &alpha, more_than(0)},
      {"dropout", "share of an adapter's inputs dropped at random in training", &dropout,
       from_to_below(0, 1)},
      {"rslora", "scale by alpha / sqrt(rank)", &rslora},
      {"dora", "train the magnitude of each corrected row too (DoRA)", &dora},
      {"target-modules", "names of the layers that get LoRA, or all-linear", &target_modules},
      {"target-regex", "one regular expression over whole layer paths, instead of --target-modules",
       &target_regex},
      {"rank-pattern", "other ranks, as peft's rank_pattern: name-or-regex=rank", &rank_pattern},
      {"alpha-pattern", "other alphas, as peft's alpha_pattern: name-or-regex=alpha",
       &alpha_pattern},
      under("Steps and batches"),
      {"epochs", "passes over the data", &epochs, above_to(0, 1'000'000)},
      {"steps", "optimiser steps; 0: as many as --epochs takes", &steps, at_least(0)},
      {"batch", "samples of an optimiser step", &batch, from_to(1, 1 << 20)},
      {"order",
       "how samples follow; by-picture: images in random order, all samples of one together, so "
       "that what they begin with is computed once",
       &order},
      under("Memory and speed"),
      {"tokens-per-pass",
       "a step's samples go through the model packed in micro-batches of about so many tokens; 0: 768 on "
       "a CPU, where several are computed at a time, 8192 on a GPU",
       &tokens_per_micro_batch, at_least(0)},
      {"recompute",
       "what the backward pass recomputes instead of keeping; auto: the least that fits into "
       "the free memory",
       free_to_change(&recompute)},
      {"vision-cache",
       "folder that keeps what a frozen vision tower made of each image, for all later epochs "
       "and runs",
       free_to_change(as_folder(&vision_cache))},
      {"vision-cache-dtype",
       "float32 takes twice the room and adds no rounding",
       &vision_cache_dtype,
       false,
       {"bfloat16", "float32"}},
      {"without",
       "savings to turn off, to see what they bring",
       &without,
       false,
       {"packing", "shared-prefixes", "shared-pictures", "chunked-loss", "parallel-passes"}},
      under("Data"),
      {"max-tokens", "a sample longer than this is left out and counted", &max_tokens, at_least(1)},
      under("Optimiser"),
      {"learning-rate", "peak learning rate", &learning_rate, at_least(0)},
      {"schedule", "after the warm-up: falls to 0 along a cosine or a line, or stays", &schedule},
      {"warmup", "share of the steps in which the learning rate rises", &warmup, from_to(0, 1)},
      {"weight-decay", "weight decay of matrices; vectors have none", &weight_decay, at_least(0)},
      {"beta1", "AdamW's decay of the mean gradient", &beta1, from_to_below(0, 1)},
      {"beta2", "AdamW's decay of the mean squared gradient", &beta2, from_to_below(0, 1)},
      {"epsilon", "AdamW's term against division by zero", &epsilon, more_than(0)},
      {"clip", "largest norm of the gradient; 0: no limit", &clip, at_least(0)},
      under("Run"),
      {"seed", "decides order, adapter and dropout", &seed},
      under("Output"),
      {"save-every", "steps between training checkpoints", free_to_change(&save_every),
       at_least(1)},
      {"keep", "how many training checkpoints stay", free_to_change(&keep), at_least(1)},
      {"show", "samples printed before the start", free_to_change(&show), at_least(0)},
      under("Run"),
      {"collectives",
       "what adds the gradients of several processes of one run: mpi under mpirun or srun, nccl "
       "under torchrun; auto: as they were started",
       free_to_change(&collectives)},
      {"deterministic",
       "only operations that give the same bytes on every run, where a GPU has them",
       &deterministic},
      {"dry-run", "print the plan and stop", free_to_change(&dry_run)},
  });
}

void TrainOptions::check() {
  check_fields(fields(), "litemedcot train");
  if (questions.empty() && conversations.empty()) {
    throw InputError("litemedcot train", "expected --questions, --conversations, or both");
  }
  if (questions.empty() && !explanations.empty()) {
    throw InputError("--explanations", "belong to --questions");
  }
  if (explanations.empty() && !questions.empty() && target != Target::kAnswer) {
    throw InputError("--explanations",
                     cat("--target ", name_of(target), " needs the teacher's ledger"),
                     "make one with `litemedcot teach`, or use --target answer");
  }
  if (validation.empty() && (patience > 0 || !validation_explanations.empty())) {
    throw InputError("--validation", "is needed for --patience and --validation-explanations");
  }
  if (full && !continue_from.empty()) {
    throw InputError("--continue-from", "an adapter is no start for --full",
                     "merge it first, and name the merged folder with --model");
  }
  for (const auto& [name, rank] : parse_pattern(rank_pattern, "--rank-pattern")) {
    if (rank == std::floor(rank) && rank_range().contains(rank)) continue;
    throw InputError("--rank-pattern",
                     cat("expected a whole number, ", rank_range().text(), "; found ", rank));
  }
  spec::check_alpha(alpha, "--alpha");
  for (const auto& [name, value] : parse_pattern(alpha_pattern, "--alpha-pattern")) {
    spec::check_alpha(value, "--alpha-pattern");
  }
  if (answer_weight == 0 && (reasoning_weight == 0 || target == Target::kAnswer)) {
    throw InputError("--answer-weight", "nothing is left to learn from");
  }
  if (distillation_weight > 0 && target == Target::kAnswerReasoning) {
    throw InputError("--teacher-share", "the teacher reasoned before it answered",
                     "--target reasoning-answer or multitask");
  }
  if (distillation_weight > 0 && (option_order != OptionOrder::kAsGiven ||
                                  explanations_per_question == ReasoningChoice::kInTurn)) {
    throw InputError("--teacher-share", "the teacher's log-probabilities are those of one text",
                     "leave out --option-order and --explanations-per-question");
  }
  if (distillation_weight > 0 && explanations.empty()) {
    throw InputError("--teacher-share", "needs the teacher's ledger",
                     "name it with --explanations");
  }
}

std::vector<std::pair<std::string, double>> parse_pattern(const std::vector<std::string>& entries,
                                                          const char* flag) {
  std::vector<std::pair<std::string, double>> pattern;
  for (const std::string& entry : entries) {
    const size_t split = entry.rfind('=');
    size_t used = 0;
    double value = 0;
    try {
      if (split != entry.npos) value = std::stod(entry.substr(split + 1), &used);
    } catch (const std::exception&) {
      used = 0;
    }
    if (split == entry.npos || split == 0 || used == 0 || split + 1 + used != entry.size() ||
        !more_than(0).contains(value)) {
      throw InputError(flag, cat("expected name=number, found \"", entry, "\""), "q_proj=32");
    }
    const std::string name = entry.substr(0, split);
    std::erase_if(pattern, [&](const auto& earlier) { return earlier.first == name; });
    pattern.emplace_back(name, value);
  }
  return pattern;
}

}  // namespace lmc::train
