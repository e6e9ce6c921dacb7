#!/usr/bin/env bash
# Installs packages, builds, and runs every test.
#
#   scripts/test.sh                unit and end-to-end tests on the release build
#   scripts/test.sh --sanitizers   also the unit tests under AddressSanitizer and UBSan
#   scripts/test.sh --all          both
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizers=no
for argument in "$@"; do
  case $argument in
    --sanitizers | --all) sanitizers=yes ;;
    *)
      echo "usage: scripts/test.sh [--sanitizers|--all]" >&2
      exit 1
      ;;
  esac
done

scripts/packages.sh test
cmake --preset release >/dev/null
cmake --build --preset release
if [ "$sanitizers" = yes ]; then
  cmake --preset asan >/dev/null
  cmake --build --preset asan
  ctest --preset asan -L unit
fi
ctest --preset release -j "$(nproc)"
