#!/usr/bin/env bash
# Collects what the `gpu` build links besides libtorch, for a machine that can fetch nothing: headers
# and static libraries of the running Debian or Ubuntu, about 20 MB under DIR/usr.
# Usage: bench/gpu/bring.sh DIR     Then, over there: python3 bench/gpu/run.py --deps DIR
set -euo pipefail
into=$(mkdir -p "$1" && cd "$1" && pwd)
packages=(nlohmann-json3-dev libssl-dev libjpeg62-turbo-dev libpng-dev zlib1g-dev libwebp-dev libgtest-dev
  libgmock-dev libpcre2-dev)
grep -qi ubuntu /etc/os-release && packages[2]=libjpeg-turbo8-dev
arch=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || c++ -print-multiarch)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && apt-get download -q "${packages[@]}")
for package in "$scratch"/*.deb; do dpkg -x "$package" "$scratch/root"; done

mkdir -p "$into/usr/lib" "$into/usr/share"
cp -r "$scratch/root/usr/include" "$into/usr/"
# Headers that the compiler there would look for under its own name of the machine.
if [ -d "$into/usr/include/$arch" ]; then
  cp -r "$into/usr/include/$arch/." "$into/usr/include/"
  rm -r "$into/usr/include/${arch:?}"
fi
cp -r "$scratch/root/usr/lib/$arch" "$into/usr/lib/"
[ ! -d "$scratch/root/usr/share/cmake" ] || cp -r "$scratch/root/usr/share/cmake" "$into/usr/share/"
# Static libraries alone: the shared ones need not be there, nor of this version.
find "$into/usr/lib" -name '*.so*' -delete
du -sh "$into"
