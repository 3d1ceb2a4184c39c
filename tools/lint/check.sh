#!/usr/bin/env bash
# Checks what no compiler and no test does: the layout of C++, its comments, how it opens users' files,
# Python, the pages' scripts and style sheets, shell scripts' syntax, the documents. Half a minute,
# most of it installing.
# Usage: tools/lint/check.sh [format | comments | inputs | python | web | shell | docs]...; without words, all.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/lint/setup.sh
bin=.venv-lint/bin

check_format() {
  local said
  said=$(git ls-files -z '*.cpp' '*.h' | xargs -0 $bin/clang-format --dry-run -Werror 2>&1) && return
  grep -E ': error: ' <<<"$said" | cut -d: -f1,2 | sort -u -t: -k1,1 |
    sed 's/$/: clang-format lays this out otherwise (make format)/' || echo "$said"
  return 1
}
check_comments() { python3 tools/lint/comments.py; }
check_python() { $bin/ruff check --quiet --output-format concise .; }
# The programs themselves: the scripts around them would need node.
check_web() {
  local biome=($bin/../node_modules/@biomejs/cli-*/biome)
  local tsc=($bin/../node_modules/@typescript/typescript-*/lib/tsc)
  [ -x "${biome[0]}" ] && [ -x "${tsc[0]}" ] || {
    echo "lint: web is left out, there is no biome or no typescript" && return
  }
  "${biome[0]}" lint --error-on-warnings && "${tsc[0]}" -p src/serve/page
}
# A pipe would be waited for without end: base/input_file.h opens files of users, and refuses it.
check_inputs() {
  ! git grep -nE 'std::ifstream( [a-z_]+)?\([^"]' -- 'src/*.cpp' 'apps/*.cpp' ':!*_test.cpp' \
    ':!src/base/input_file.cpp' ':!src/base/energy_meter.cpp' ':!src/model/device_memory.cpp'
}
check_shell() {
  local file
  { git ls-files '*.sh' && echo .ci/run; } | while read -r file; do bash -n "$file" || return 1; done
}
check_docs() { python3 tools/lint/docs.py; }

steps=("$@")
[ $# -gt 0 ] || steps=(format comments inputs python web shell docs)
failed=()
for step in "${steps[@]}"; do
  if "check_$step"; then echo "lint: $step passes"; else failed+=("$step"); fi
done
[ ${#failed[@]} -eq 0 ] || {
  echo "lint: failed: ${failed[*]}" >&2
  exit 1
}
