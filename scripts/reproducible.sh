#!/usr/bin/env bash
# Builds the Debian package twice from the commit that is checked out, and compares: in two folders, one
# with one job and the other with as many as there are processors, at different times, in different time
# zones, without ccache. Takes two whole builds.
#
#   scripts/reproducible.sh [FOLDER]     works in FOLDER, else in a temporary one that is removed
#
# Exits with 0 when programs and packages are the same bytes, with 1 when they are not (FOLDER then
# holds both to be compared, by diffoscope for example).
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  work=$(cd "$1" && pwd)
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
commit=$(git -C "$top" rev-parse HEAD)
SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
umask 022

# make FOLDER JOBS ZONE: a clone in FOLDER, its package beside it.
make() {
  local folder=$work/$1 jobs=$2
  export TZ=$3
  git clone -q --no-local "$top" "$folder"
  git -C "$folder" checkout -q "$commit"
  (
    cd "$folder"
    cmake --preset release -DCCACHE= -DBUILD_TESTING=OFF >/dev/null
    cmake --build --preset release --target tenantry tenantry_man -j "$jobs" >/dev/null
    cd build/release
    cpack -G DEB -B "$folder-package" >/dev/null
  )
}

make one 1 UTC
make another/and-deeper "$(nproc)" Asia/Kathmandu

same=0
for pair in "one/build/release/tenantry another/and-deeper/build/release/tenantry" \
  "$(cd "$work" && echo one-package/*.deb another/and-deeper-package/*.deb)"; do
  read -r first second <<<"$pair"
  (cd "$work" && sha256sum "$first" "$second")
  cmp "$work/$first" "$work/$second" || same=1
done
if [ $same -eq 0 ]; then
  echo "The same bytes: commit $commit."
else
  trap - EXIT
  echo "They differ: compare them in $work." >&2
fi
exit $same
