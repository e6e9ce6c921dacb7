#!/usr/bin/env bash
# Installs packages, builds, and runs every test.
#
#   scripts/test.sh                unit and end-to-end tests on the release build
#   scripts/test.sh --sanitizers   also both under AddressSanitizer with UBSan, and under ThreadSanitizer
#   scripts/test.sh --all          both
#   FUZZ_SECONDS=60 scripts/test.sh        also a minute of each fuzz target at the end
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
# What some tests take from npm; skipped while it is what the lock file says.
for lock in tests/*/package-lock.json; do
  folder=${lock%/*}
  cmp -s $folder/package-lock.json $folder/node_modules/.installed && continue
  if (cd $folder && npm ci --silent --ignore-scripts); then
    cp $folder/package-lock.json $folder/node_modules/.installed
  else
    echo "npm ci failed in $folder: the tests that need it are skipped" >&2
  fi
done
cmake --preset release >/dev/null
cmake --build --preset release
if [ "$sanitizers" = yes ]; then
  for preset in asan tsan; do
    cmake --preset $preset >/dev/null
    cmake --build --preset $preset
    ctest --preset $preset -L 'unit|e2e'
  done
fi
ctest --preset release -j "$(nproc)"
# What parses bytes of others, on new inputs. The corpus is part of the tests above in any case.
if [ "${FUZZ_SECONDS:-0}" -gt 0 ]; then
  # All at once: each gets a share of the time that is asked for, and all of it takes no longer.
  JOBS=$(ls tests/fuzz/corpus | wc -l) nice scripts/fuzz.sh "$FUZZ_SECONDS"
fi
