#!/usr/bin/env bash
# Says how long the build of the program will take, from what is still to be compiled and from how
# fast this machine compiles. Usage: tools/build_estimate.sh BUILD_FOLDER JOBS [WHAT COMES THEN]
set -euo pipefail
build=$1
jobs=$2
afterwards=${3:-}

# What a file takes, in tenths of the probe below: one with libtorch's headers, and one without. Means
# of four and ten files drawn at random (g++ 12).
TORCH_FILE=87
OTHER_FILE=18

# Under a name of its own, so that the dry run does not stop at CMake's own step.
cp "$build/build.ninja" "$build/estimate.ninja"
steps=$(ninja -C "$build" -f estimate.ninja -n litemedcot)
rm "$build/estimate.ninja"
compiled=$(grep -c 'Building CXX' <<<"$steps" || true)
with_torch=$(grep 'Building CXX' <<<"$steps" | grep -cE 'lmc_(model|train)\.dir|_with_torch\.cpp' || true)
if [ "$compiled" -eq 0 ]; then
  echo "The program is built${afterwards}."
  exit 0
fi

start=$(date +%s%N)
echo '#include <nlohmann/json.hpp>' | "${CXX:-g++}" -std=c++20 -O2 -x c++ -c -o /dev/null -
probe_ms=$((($(date +%s%N) - start) / 1000000))
probes=$(((with_torch * TORCH_FILE + (compiled - with_torch) * OTHER_FILE) / 10))
minutes=$((probes * probe_ms / jobs / 60000))
[ "$minutes" -gt 0 ] && time="about $minutes min" || time="less than a minute"
echo "Building the program: $compiled files to compile, $time on $jobs cores (less where ccache" \
  "knows them)${afterwards}."
