#!/usr/bin/env bash
# The grid from which the demo's learning rate was chosen: both arms, each rate, on the validation
# questions of the world that the checkpoints learnt from (the demo's own world is not touched).
# Prints a line an arm and rate; about half an hour on two cores. Stopped, it continues.
# Usage: tools/phantom/choose_learning_rate.sh [WORK_FOLDER]   (of train_checkpoints.sh, finished)
set -euo pipefail
cd "$(dirname "$0")/../.."
program=build/litemedcot
work=${1:-runs/checkpoints}
world=$work/world
student=assets/phantom/student

for part in composite_train composite_validation; do
  "$program" prepare --pmc-vqa "$world/$part.csv" --images "$world/images" \
    --out "$work/questions/$part" >/dev/null
done
for rate in 0.002 0.004 0.008; do
  for target in answer reasoning-answer; do
    run=$work/rates/$target-$rate
    reply=${target%%-*}
    "$program" train --model "$student" --questions "$work/questions/composite_train/questions.jsonl" \
      --explanations "$world/composite_train_explanations.jsonl" --limit 1500 --target "$target" \
      --learning-rate "$rate" --warmup 0.1 --epochs 6 --rank 32 --alpha 64 --batch 32 --tokens-per-pass 8192 \
      --show 0 --out "$run/adapter"
    "$program" evaluate --model "$student" --adapter "$run/adapter" --reply "$reply" --batch 64 \
      --max-new-tokens 128 --questions "$work/questions/composite_validation/questions.jsonl" \
      --name "$target, $rate" --out "$run/validation" | head -1
  done
done
