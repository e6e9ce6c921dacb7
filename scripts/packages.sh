#!/usr/bin/env bash
# Installs what building, testing and the demo need, from Debian's packages alone. Does nothing, and
# needs no root, when all of it is there.
#
#   scripts/packages.sh build    compiler, libraries, tools
#   scripts/packages.sh test     the same, and what tests need besides
#   scripts/packages.sh bench    the same, and what benchmarks compare with
set -euo pipefail

build=(
  clang-19 lld-19 mold ninja-build cmake ccache pkg-config
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libcereal-dev libcli11-dev libfmt-dev libgit2-dev libjemalloc-dev libpq-dev libsqlite3-dev libssl-dev
  libyaml-cpp-dev libzip-dev
  libstdc++-12-dev ca-certificates doctest-dev dpkg-dev file git python3
)
# Tests start PostgreSQL servers of their own: that of the package need not run.
test=(
  libclang-rt-19-dev llvm-19
  postgresql
  chromium fonts-liberation
  curl jq shellcheck rsync mmdebstrap
  bash fish graphviz groff-base man-db mandoc zsh
)

wanted=("${build[@]}")
if [ "${1:-build}" != build ]; then
  wanted+=("${test[@]}")
  # A Node that came another way brings its own npm.
  command -v node >/dev/null && command -v npm >/dev/null || wanted+=(nodejs npm)
fi

[ "${1:-build}" = bench ] && wanted+=(wrk)

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "these packages are missing, and there is neither root nor sudo to install them:" >&2
    echo "  ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "installing: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
