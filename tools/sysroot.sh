#!/usr/bin/env bash
# Fills a folder with Debian's arm64 libraries, as a cross compiler and an emulator need them, without
# touching the system's own packages: neither a foreign architecture nor root is needed.
# Usage: tools/sysroot.sh DIR PACKAGE... (with all they depend on)
set -euo pipefail
dir=$(realpath -m "$1")
shift
wanted="$*"
# Complete, and of the same packages: nothing to do.
[ "$(cat "$dir/packages.txt" 2>/dev/null)" = "$wanted" ] && exit 0

echo "setup: unpacking Debian's arm64 libraries into $dir: a download of some 60 MB"
rm -rf "$dir"
mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
touch "$dir/apt/status"
apt_get() {
  apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$dir/apt" \
    -o Dir::State::lists="$dir/apt/lists" -o Dir::State::status="$dir/apt/status" \
    -o Dir::Cache="$dir/apt/cache" -o Debug::NoLocking=true -o APT::Sandbox::User= "$@"
}
apt_get update >/dev/null
# An empty status file: nothing is taken as installed.
apt_get install -y --download-only --no-install-recommends "$@" >/dev/null
for archive in "$dir"/apt/cache/archives/*.deb; do dpkg-deb -x "$archive" "$dir"; done
# As on a Debian system, /lib is /usr/lib, and links that begin at the root begin at this one.
cp -a "$dir/lib/." "$dir/usr/lib/"
rm -rf "$dir/lib"
ln -s usr/lib "$dir/lib"
find "$dir" -type l -lname '/*' | while read -r link; do
  ln -sfnr "$dir$(readlink "$link")" "$link"
done
rm -rf "$dir/apt"
echo "$wanted" >"$dir/packages.txt"
