#!/usr/bin/env bash
# Trains the three phantom checkpoints from nothing: about four hours on one core, half on two.
# Stopped at any moment, it continues where it was. The weights end in assets/phantom/<name>/.
#
#   student, base   read text, then captions, then single findings; never a composite question
#   teacher         the base, taught to reason over several findings
#
# The world is drawn with a seed of its own, so no picture of the demo is among those learnt from.
# Usage: tools/phantom/train_checkpoints.sh [WORK_FOLDER]      (after `make build`)
set -euo pipefail
cd "$(dirname "$0")/../.."
program=build/litemedcot
assets=assets/phantom
work=${1:-runs/checkpoints}
world=$work/world

"$program" phantom --out "$world" --seed 7 --single-train 12000 --single-validation 400 \
  --train 6000 --validation 400 --test 0 --reading 12000
for part in single_train composite_train; do
  "$program" prepare --pmc-vqa "$world/$part.csv" --images "$world/images" --out "$work/questions/$part"
done
# What keeps earlier lessons alive in later ones.
cat "$world/single_train_captions.jsonl" <(head -n 6000 "$world/reading.jsonl") >"$world/perceive.jsonl"

# lesson MODEL OUT ... : full training; the rest goes to `train`.
lesson() {
  local model=$1 out=$2
  shift 2
  "$program" train --full --model "$model" --out "$out" --batch 32 --beta2 0.95 --warmup 0.1 \
    --learning-rate 2e-3 --threads 1 --show 0 "$@"
}

explained() { # PART
  echo --questions "$work/questions/$1/questions.jsonl" --explanations "$world/$1_explanations.jsonl"
}

perceiver() { # NAME
  local run=$work/$1
  [ -e "$run/start/model.safetensors" ] ||
    "$program" init --source "$assets/$1" --for-training --dtype float32 --out "$run/start"
  lesson "$run/start" "$run/read" --conversations "$world/reading.jsonl" --steps 350
  lesson "$run/read" "$run/see" --conversations "$world/single_train_captions.jsonl" --steps 300
  # shellcheck disable=SC2046
  lesson "$run/see" "$run/answer" $(explained single_train) --target multitask \
    --conversations "$world/perceive.jsonl" --steps 800
}

ship() { # FROM NAME
  cp "$1/model.safetensors" "$assets/$2/model.safetensors"
}

perceiver student &
perceiver base
wait
