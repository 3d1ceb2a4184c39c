#!/usr/bin/env bash
# Trains the three phantom checkpoints from nothing: about 45 minutes on two cores.
# Stopped at any moment, it continues where it was. The weights end in assets/phantom/<name>/.
#
#   student, base   read text, then captions, then single findings; never a composite question
#   teacher         the base, taught to reason over several findings
#
# The world is drawn with a seed of its own, so no image of the demo is among those learnt from.
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
captions=$world/single_train_captions.jsonl
cat "$captions" <(head -n 6000 "$world/reading.jsonl") >"$world/with_questions.jsonl"
head -n 3000 "$captions" >"$world/with_reasoning.jsonl"

# lesson MODEL OUT ... : full training; the rest goes to `train`.
lesson() {
  local model=$1 out=$2
  shift 2
  "$program" train --full --model "$model" --out "$out" --batch 32 --beta2 0.95 --warmup 0.1 \
    --threads 1 --show 0 "$@"
}

explained() { # PART
  echo --questions "$work/questions/$1/questions.jsonl" --explanations "$world/$1_explanations.jsonl"
}

# questions MODEL OUT ... : single findings with and without reasoning, and what was learnt before.
questions() {
  local model=$1 out=$2
  shift 2
  # shellcheck disable=SC2046
  lesson "$model" "$out" --target multitask $(explained single_train) \
    --conversations "$world/with_questions.jsonl" --save-dtype bfloat16 "$@"
}

perceiver() { # NAME
  local name=$1 run=$work/$1
  [ -e "$run/start/model.safetensors" ] ||
    "$program" init --source "$assets/$name" --for-training --dtype float32 --out "$run/start"
  lesson "$run/start" "$run/read" --learning-rate 2e-3 --steps 350 \
    --conversations "$world/reading.jsonl"
  lesson "$run/read" "$run/see" --learning-rate 2e-3 --steps 300 --conversations "$captions"
  questions "$run/see" "$run/answer" --learning-rate 2e-3 --steps 800
}

perceiver student &
student=$!
perceiver base
# The larger base needs longer to see at least as well as the student.
questions "$work/base/answer" "$work/base/again" --learning-rate 1.5e-3 --steps 450 --seed 1
# shellcheck disable=SC2046
lesson "$work/base/answer" "$work/teacher" --learning-rate 1.5e-3 --steps 450 \
  --target reasoning-answer $(explained composite_train) \
  --conversations "$world/with_reasoning.jsonl" --save-dtype bfloat16
wait "$student"

cp "$work/student/answer/model.safetensors" "$assets/student/"
cp "$work/base/again/model.safetensors" "$assets/base/"
cp "$work/teacher/model.safetensors" "$assets/teacher/"
