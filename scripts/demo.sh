#!/usr/bin/env bash
# From a fresh clone to an applied configuration: installs packages, builds the release binary
# (build/release/tenantry), and runs plan, apply and a second plan of examples/quickstart on the
# emulator inside the binary. No account, no network.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD

scripts/packages.sh build
cmake --preset release >/dev/null
cmake --build --preset release --target tenantry
tenantry=$top/build/release/tenantry

run() {
  printf '\n$ tenantry %s\n' "$*"
  "$tenantry" "$@"
}

cd examples/quickstart
run validate
run plan --emulated
run apply --emulated --auto-approve
run plan --emulated --detailed-exitcode
printf '\nDone: the second plan is empty. The binary is build/release/tenantry,\nthe configuration examples/quickstart/tenantry.yaml.\n'
