#!/usr/bin/env bash
# Builds libcurl for HTTP alone as a static library: Debian's own needs libraries (Kerberos) that exist
# only as shared ones. The source is Debian's, with its patches, and checked by apt.
# Usage: tools/static_curl.sh DIR [CMAKE OPTION...]; DIR then holds include and lib.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(realpath -m "$1")
shift
[ -e "$dir/lib/libcurl.a" ] && exit 0
command -v dpkg-source >/dev/null || {
  echo "setup: dpkg-source is missing (Debian: dpkg-dev)" >&2
  exit 2
}

echo "setup: building libcurl for HTTP alone into $dir"
rm -rf "$dir"
mkdir -p "$dir/apt/lists/partial" "$dir/apt/sources.list.d"
touch "$dir/apt/sources.list"
# The system's places, asked for sources.
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
  [ -e "$file" ] || continue
  sed 's/^deb /deb-src /; s/^Types:.*/Types: deb-src/' "$file" >"$dir/apt/${file#/etc/apt/}"
done
apt_get() {
  apt-get -q -o Dir::Etc::sourcelist="$dir/apt/sources.list" \
    -o Dir::Etc::sourceparts="$dir/apt/sources.list.d" -o Dir::State::lists="$dir/apt/lists" \
    -o Dir::Cache="$dir/apt" -o Debug::NoLocking=true -o APT::Sandbox::User= "$@"
}
apt_get update >/dev/null
(cd "$dir/apt" && apt_get source curl >/dev/null)
cmake -S "$dir"/apt/curl-*/ -B "$dir/apt/build" -G Ninja --log-level=ERROR -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_INSTALL_PREFIX="$dir" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF \
  -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DHTTP_ONLY=ON -DCURL_USE_LIBSSH2=OFF -DUSE_LIBIDN2=OFF \
  -DUSE_NGHTTP2=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF -DCURL_USE_LIBPSL=OFF \
  -DCURL_CA_PATH=/etc/ssl/certs -DCURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt "$@"
cmake --build "$dir/apt/build" --target install >/dev/null
rm -rf "$dir/apt"
