#include "train/train_options.h"

#include "base/check.h"  // InputError

namespace lmc::train {

std::vector<Field> TrainOptions::fields() {
  return {
      {"questions", "questions.jsonl of `prepare`", &questions},
      {"explanations", "the teacher's ledger; only questions with an accepted one are used",
       &explanations},
      {"conversations",
       "JSON Lines of {\"prompt\", \"reply\", \"image\"?}, learnt from as they are",
       &conversations},
      {"target",
       "what the student learns to reply; multitask: each question both ways",
       &target,
       false,
       {"answer", "reasoning-answer", "answer-reasoning", "multitask"}},
      {"reasoning-share", "of multitask: what the reasoning weighs beside the bare answer's 1",
       &reasoning_share},
      {"reasoning-weight", "of each token of the reasoning in the loss", &reasoning_weight},
      {"answer-weight", "of each token of the answer line", &answer_weight},
      {"explanations-per-question",
       "all: also the ledger's further reasonings, which share the question's weight; in-turn: "
       "another one in every pass over the data",
       &explanations_per_question,
       false,
       {"first", "all", "in-turn"}},
      {"option-order",
       "random: the options change places in every pass over the data, and with them the letters "
       "an explanation names; balanced: so that every letter is the answer equally often",
       &option_order,
       false,
       {"as-given", "random", "balanced"}},
      {"teacher-share",
       "how much of the loss of a token is its distance to the teacher's log-probabilities, where "
       "the ledger has them (0 to 1)",
       &teacher_share},
      {"split", "only the questions of this split", &split},
      {"limit", "only the first so many questions; 0: all", &limit},
      {"with-caption", "show the caption in the prompt (an ablation: evaluation never does)",
       &with_caption},
      {"shuffle-pictures",
       "give every question another one's picture (an ablation: what is learnt is blind)",
       &shuffle_pictures},
      {"max-image-area", "picture budget in pixels; 0: the model's own", &max_image_area},
      {"out", "folder of the adapter (or, with --full, of the model)", &out, true},
      {"validation", "questions.jsonl to measure loss and accuracy on while training", &validation},
      {"validation-explanations",
       "their ledger; without one the validation loss is that of the bare answer",
       &validation_explanations},
      {"validate-every", "steps between validations", &validate_every},
      {"patience", "end early after so many validations without a lower loss; 0: never", &patience},
      {"continue-from", "a PEFT adapter to train on, instead of a fresh one", &continue_from},
      {"full", "train every weight instead of a LoRA adapter", &full},
      {"save-dtype",
       "of the weights written by --full; auto: as the base stores them",
       &save_dtype,
       false,
       {"auto", "float32", "bfloat16"}},
      {"rank", "LoRA rank", &rank},
      {"alpha", "LoRA alpha: the correction is scaled by alpha / rank", &alpha},
      {"dropout", "LoRA dropout", &dropout},
      {"rslora", "scale by alpha / sqrt(rank)", &rslora},
      {"dora", "train the magnitude of each corrected row too (DoRA)", &dora},
      {"target-modules", "names of the layers that get LoRA, or all-linear", &target_modules},
      {"target-regex", "one regular expression over whole layer paths, instead of --target-modules",
       &target_regex},
      {"rank-pattern", "other ranks, as peft's rank_pattern: name-or-regex=rank", &rank_pattern},
      {"alpha-pattern", "other alphas, as peft's alpha_pattern: name-or-regex=alpha",
       &alpha_pattern},
      {"epochs", "passes over the data", &epochs},
      {"steps", "optimiser steps; 0: as many as --epochs takes", &steps},
      {"batch", "samples of an optimiser step", &batch},
      {"order",
       "of the samples; by-picture: pictures in random order, all samples of one together, so that "
       "what they begin with is computed once",
       &order,
       false,
       {"random", "by-picture"}},
      {"tokens-per-pass",
       "a step's samples go through the model packed in passes of about so many tokens; 0: 768 on "
       "a CPU, where several are computed at a time, 8192 on a GPU",
       &tokens_per_pass},
      {"recompute",
       "what the backward pass computes again instead of keeping; auto: the least that fits into "
       "the free memory",
       &recompute,
       false,
       {"auto", "nothing", "feed-forward", "layers"}},
      {"vision-cache",
       "folder that keeps what a frozen vision tower made of each picture, for all later epochs "
       "and "
       "runs",
       &vision_cache},
      {"vision-cache-dtype",
       "float32 takes twice the room and adds no rounding",
       &vision_cache_dtype,
       false,
       {"bfloat16", "float32"}},
      {"without",
       "savings to turn off, to see what they bring: packing, shared-prefixes, shared-pictures, "
       "chunked-loss, parallel-passes",
       &without},
      {"max-tokens", "a sample longer than this is left out and counted", &max_tokens},
      {"learning-rate", "peak learning rate", &learning_rate},
      {"schedule",
       "after the warm-up: falls to 0 along a cosine or a line, or stays",
       &schedule,
       false,
       {"cosine", "linear", "constant"}},
      {"warmup", "share of the steps in which the learning rate rises", &warmup},
      {"weight-decay", "of matrices; vectors have none", &weight_decay},
      {"beta1", "AdamW", &beta1},
      {"beta2", "AdamW", &beta2},
      {"epsilon", "AdamW", &epsilon},
      {"clip", "largest norm of the gradient; 0: no limit", &clip},
      {"seed", "of order, adapter and dropout", &seed},
      {"save-every", "steps between training checkpoints", &save_every},
      {"keep", "how many training checkpoints stay", &keep},
      {"show", "samples printed before the start", &show},
      {"collectives",
       "how several processes of one run add their gradients; auto: as torchrun, mpirun or Slurm "
       "started them",
       &collectives,
       false,
       {"auto", "none", "tcp", "mpi", "nccl"}},
      {"deterministic",
       "only operations that give the same bytes on every run, where a GPU has them",
       &deterministic},
      {"dry-run", "print the plan and stop", &dry_run},
  };
}

void TrainOptions::check() {
  check_fields(fields(), "litemedcot train");
  if (questions.empty() && conversations.empty()) {
    throw InputError("litemedcot train", "expected --questions, --conversations, or both");
  }
  if (questions.empty() && !explanations.empty()) {
    throw InputError("--explanations", "belong to --questions");
  }
  if (explanations.empty() && !questions.empty() && target != "answer") {
    throw InputError("--explanations", cat("--target ", target, " needs the teacher's ledger"),
                     "make one with `litemedcot teach`, or use --target answer");
  }
  const auto need = [](bool holds, const char* flag, const char* expected, double found) {
    if (!holds) throw InputError(flag, cat("expected ", expected, ", found ", found));
  };
  const auto at_least = [&](const char* flag, int64_t value, int64_t low) {
    need(value >= low, flag, cat(low, " or more").c_str(), static_cast<double>(value));
  };
  at_least("--limit", limit, 0);
  at_least("--max-image-area", max_image_area, 0);
  at_least("--rank", rank, 1);
  at_least("--steps", steps, 0);
  at_least("--batch", batch, 1);
  at_least("--tokens-per-pass", tokens_per_pass, 0);
  at_least("--validate-every", validate_every, 1);
  at_least("--patience", patience, 0);
  at_least("--max-tokens", max_tokens, 1);
  at_least("--save-every", save_every, 1);
  at_least("--keep", keep, 1);
  at_least("--show", show, 0);
  for (const std::string& saving : without) {
    if (saving != "packing" && saving != "shared-prefixes" && saving != "shared-pictures" &&
        saving != "chunked-loss" && saving != "parallel-passes") {
      throw InputError(
          "--without", cat("unknown saving \"", saving, "\""),
          "packing, shared-prefixes, shared-pictures, chunked-loss or parallel-passes");
    }
  }
  if (validation.empty() && (patience > 0 || !validation_explanations.empty())) {
    throw InputError("--validation", "is needed for --patience and --validation-explanations");
  }
  if (full && !continue_from.empty()) {
    throw InputError("--continue-from", "an adapter is no start for --full",
                     "merge it first, and name the merged folder with --model");
  }
  parse_pattern(rank_pattern, "--rank-pattern");
  parse_pattern(alpha_pattern, "--alpha-pattern");
  for (const auto& [flag, weight] : {std::pair{"--reasoning-share", reasoning_share},
                                     std::pair{"--reasoning-weight", reasoning_weight},
                                     std::pair{"--answer-weight", answer_weight}}) {
    need(weight >= 0, flag, "0 or more", weight);
  }
  if (answer_weight == 0 && (reasoning_weight == 0 || target == "answer")) {
    throw InputError("--answer-weight", "nothing is left to learn from");
  }
  if (teacher_share > 0 && target == "answer-reasoning") {
    throw InputError("--teacher-share", "the teacher reasoned before it answered",
                     "--target reasoning-answer or multitask");
  }
  if (teacher_share > 0 && (option_order != "as-given" || explanations_per_question == "in-turn")) {
    throw InputError("--teacher-share", "the teacher's log-probabilities are those of one text",
                     "leave out --option-order and --explanations-per-question");
  }
  need(teacher_share >= 0 && teacher_share <= 1, "--teacher-share", "0 to 1", teacher_share);
  if (teacher_share > 0 && explanations.empty()) {
    throw InputError("--teacher-share", "needs the teacher's ledger",
                     "name it with --explanations");
  }
  need(epochs > 0, "--epochs", "more than 0", epochs);
  need(alpha > 0, "--alpha", "more than 0", alpha);
  need(dropout >= 0 && dropout < 1, "--dropout", "0 to below 1", dropout);
  need(learning_rate >= 0, "--learning-rate", "0 or more", learning_rate);
  need(warmup >= 0 && warmup <= 1, "--warmup", "a share from 0 to 1", warmup);
  need(weight_decay >= 0, "--weight-decay", "0 or more", weight_decay);
  need(beta1 >= 0 && beta1 < 1, "--beta1", "0 to below 1", beta1);
  need(beta2 >= 0 && beta2 < 1, "--beta2", "0 to below 1", beta2);
  need(epsilon > 0, "--epsilon", "more than 0", epsilon);
  need(clip >= 0, "--clip", "0 or more", clip);
}

std::map<std::string, double> parse_pattern(const std::vector<std::string>& entries,
                                            const char* flag) {
  std::map<std::string, double> pattern;
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
        !(value > 0)) {
      throw InputError(flag, cat("expected name=number, found \"", entry, "\""), "q_proj=32");
    }
    pattern[entry.substr(0, split)] = value;
  }
  return pattern;
}

Json identity_of(TrainOptions options) {
  Json identity = fields_to_json(options.fields());
  for (const char* name :
       {"questions", "explanations", "conversations", "out", "save-dtype", "save-every", "keep",
        "show", "validation", "validation-explanations", "continue-from", "recompute",
        "vision-cache", "dry-run", "collectives"}) {
    identity.erase(name);
  }
  return identity;
}

}  // namespace lmc::train
