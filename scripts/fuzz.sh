#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a while, several side by side.
#
#   scripts/fuzz.sh [SECONDS] [TARGET...]     60 seconds, every target of tests/fuzz
#   JOBS=4 scripts/fuzz.sh                    four at a time; as many as processors unless told
#
# A line for each target tells executions, units that reached something new, and findings. What was
# found lies in build/fuzz/findings; one that is mended belongs into tests/fuzz/corpus/TARGET, under
# a name that says what was wrong. Exits 1 when anything was found.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  seconds=$1
  shift
fi
targets=("$@")
jobs=${JOBS:-$(nproc)}
[ ${#targets[@]} -gt 0 ] || targets=($(cd tests/fuzz/corpus && ls))

scripts/packages.sh test
build=$PWD/build/fuzz
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "${targets[@]/#/fuzz_}"
mkdir -p "$build/findings"
timeout=$((5 * ((jobs + $(nproc) - 1) / $(nproc))))

# Beyond 5 s (longer where targets share a processor) or 1 GiB an input is a finding. The corpus of the repository is only read; what is new
# goes to the first folder, which makes the next run start where this one ended.
run() {
  local target=$1 log=$build/findings/$1.log
  local dictionary=tests/fuzz/dictionaries/$target.dict
  local arguments=(-max_total_time="$seconds" -timeout=$timeout -rss_limit_mb=1024
    -print_final_stats=1 -artifact_prefix="$build/findings/$target-")
  [ ! -f "$dictionary" ] || arguments+=(-dict="$dictionary")
  mkdir -p "$build/corpus/$target"
  local status=0
  "$build/tests/fuzz/fuzz_$target" "${arguments[@]}" "$build/corpus/$target" \
    "tests/fuzz/corpus/$target" >"$log" 2>&1 || status=$?
  local runs new
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  new=$(sed -n 's/^stat::new_units_added: *//p' "$log")
  local result="no finding"
  [ $status -eq 0 ] || result="FOUND: $(grep -m1 -E '^SUMMARY|internal error|ERROR' "$log" || echo "status $status"), see $log"
  printf '%-20s %10s executions  %6s new units  %s\n' "$target" "${runs:-?}" "${new:-?}" "$result"
  return $status
}

failed=0
while [ ${#targets[@]} -gt 0 ]; do
  pids=()
  for target in "${targets[@]:0:jobs}"; do
    run "$target" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  targets=("${targets[@]:jobs}")
done
exit $failed
