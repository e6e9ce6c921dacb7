#!/usr/bin/env bash
# drift.sh FOLDER OUTPUT
#
# Looks for what was changed outside of Tenantry. It changes nothing.
#
# Exit code 0: nothing drifted; 2: something did, and OUTPUT/drift.md tells; 1: it could not be seen.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
folder=$1 output=$2
needs_connections

mkdir -p "$output"
code=0
tenantry drift --chdir "$folder" --format markdown >"$output/drift.md" || code=$?
[ "$code" = 2 ] || rm "$output/drift.md"
tell drifted "$([ "$code" = 2 ] && echo true || echo false)"
exit "$code"
