#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs each under libFuzzer; fails on a finding, whose input
# stays in build-fuzz/findings. Usage: fuzz/run.sh [SECONDS each, 600] [TARGET...]
# Debian: clang-14 libclang-rt-14-dev. What a run learnt stays in build-fuzz/corpus for the next.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-600}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(csv completion answer image http_request safetensors tokenizer
                                       adapter_config manifest chat_request device_file)

cmake --preset fuzz >/dev/null
cmake --build build-fuzz --target "${targets[@]/%/_fuzz}"
mkdir -p build-fuzz/findings
failed=0
for target in "${targets[@]}"; do
  mkdir -p "build-fuzz/corpus/$target"
  echo "fuzz: $target for $seconds s"
  "build-fuzz/fuzz/${target}_fuzz" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 \
    -max_len=16384 -dict="fuzz/$target.dict" -artifact_prefix="build-fuzz/findings/$target-" \
    -print_final_stats=1 -verbosity=0 "build-fuzz/corpus/$target" "fuzz/corpus/$target" || failed=1
done
exit $failed
