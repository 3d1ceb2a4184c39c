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
       {"answer", "reasoning-answer", "multitask"}},
      {"split", "only the questions of this split", &split},
      {"limit", "only the first so many questions; 0: all", &limit},
      {"with-caption", "show the caption in the prompt (an ablation: evaluation never does)",
       &with_caption},
      {"max-image-area", "picture budget in pixels; 0: the model's own", &max_image_area},
      {"out", "folder of the adapter (or, with --full, of the model)", &out, true},
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
      {"target-modules", "names of the layers that get LoRA, or all-linear", &target_modules},
      {"epochs", "passes over the data", &epochs},
      {"steps", "optimiser steps; 0: as many as --epochs takes", &steps},
      {"batch", "samples of an optimiser step", &batch},
      {"tokens-per-pass", "a step's samples go through the model in passes of about so many tokens",
       &tokens_per_pass},
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
  at_least("--tokens-per-pass", tokens_per_pass, 1);
  at_least("--max-tokens", max_tokens, 1);
  at_least("--save-every", save_every, 1);
  at_least("--keep", keep, 1);
  at_least("--show", show, 0);
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

Json identity_of(TrainOptions options) {
  Json identity = fields_to_json(options.fields());
  for (const char* name : {"questions", "explanations", "conversations", "out", "save-dtype",
                           "save-every", "keep", "show"}) {
    identity.erase(name);
  }
  return identity;
}

}  // namespace lmc::train
