#!/usr/bin/env bash
# Installs what the build needs and only what is missing: Debian packages (12 or 13), and libtorch.
# Running it again costs a second. Usage: tools/setup.sh [--no-torch | --program | --aarch64]
#   --no-torch  all that the preset `core` needs
#   --program   all that the program needs: neither the tests' libraries nor MPI
#   --aarch64   all that the preset `aarch64` needs: the cross compiler, QEMU, and Debian's arm64
#               libraries in .sysroot-aarch64
#
# libtorch is looked for in this order: $TORCH_PREFIX, a torch of the active Python environment, the
# project's own .venv; if there is none, torch is installed into .venv with your own pip settings.
# For the small CPU-only wheel see the README.
set -euo pipefail
cd "$(dirname "$0")/.."

TORCH_VERSION=2.13.0
tools=(g++ cmake ninja-build make pkg-config git ca-certificates python3-venv)
libraries=(nlohmann-json3-dev libcli11-dev libssl-dev libcurl4-openssl-dev
  libboost-dev libjpeg-dev libpng-dev libwebp-dev libtiff-dev libopenjp2-7-dev libcharls-dev zlib1g-dev
  libpcre2-dev)
test_libraries=(libgtest-dev libgmock-dev)
case "${1:-}" in
  --program) packages=("${tools[@]}" "${libraries[@]}") ;;
  --no-torch) packages=("${tools[@]}" "${libraries[@]}" "${test_libraries[@]}") ;;
  --aarch64) packages=("${tools[@]}" g++-aarch64-linux-gnu qemu-user) ;;
  "") packages=("${tools[@]}" "${libraries[@]}" "${test_libraries[@]}" libopenmpi-dev openmpi-bin) ;;
  *) echo "usage: tools/setup.sh [--no-torch | --program | --aarch64]" >&2; exit 2 ;;
esac

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
  done
else
  echo "setup: this is no Debian system; please install by hand: ${packages[*]}" >&2
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
  "${as_root[@]}" apt-get update -q
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -q --no-install-recommends \
    "${missing[@]}"
fi

[ "${1:-}" = --no-torch ] && exit 0
if [ "${1:-}" = --aarch64 ]; then
  exec tools/sysroot.sh .sysroot-aarch64 libc6-dev libstdc++6 "${libraries[@]}" "${test_libraries[@]}"
fi

has_torch() { [ -x "$1" ] && "$1" -c 'import torch' >/dev/null 2>&1; }
if [ -n "${TORCH_PREFIX:-}" ]; then
  [ -e "$TORCH_PREFIX/share/cmake/Torch/TorchConfig.cmake" ] || {
    echo "setup: TORCH_PREFIX=$TORCH_PREFIX has no share/cmake/Torch/TorchConfig.cmake" >&2
    exit 2
  }
elif [ -n "${VIRTUAL_ENV:-}" ] && has_torch "$VIRTUAL_ENV/bin/python"; then
  :
elif ! has_torch .venv/bin/python; then
  echo "setup: installing torch==$TORCH_VERSION into .venv: a download of some 200 MB as the CPU wheel," \
    "of about 3 GB with CUDA (the README tells how to choose)"
  python3 -m venv .venv
  .venv/bin/python -m pip install --disable-pip-version-check "torch==$TORCH_VERSION"
fi
