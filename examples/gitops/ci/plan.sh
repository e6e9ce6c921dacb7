#!/usr/bin/env bash
# plan.sh FOLDER OUTPUT
#
# Plans the configuration in FOLDER, a checkout, and leaves in OUTPUT the plan, NAME.plan, and what
# people read, comment.md. It changes nothing. The credentials come from TENANTRY_CONNECTIONS, a file
# of the main branch: FOLDER may be of a pull request, and nothing in it is run.
#
# Exit code 0: there is a plan, with or without changes; 1: there is none, and comment.md says why.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
folder=$1 output=$2
: "${TENANTRY_CONNECTIONS:?names the file with credentials and state}"

mkdir -p "$output"
output=$(cd "$output" && pwd)
name=$(configuration_name "$folder")
plan=$output/$name.plan
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

code=0
tenantry plan --chdir "$folder" --out "$plan" --detailed-exitcode --lock-timeout 60 \
  >/dev/null 2>"$errors" || code=$?
cat "$errors" >&2
case $code in
  0 | 2)
    tenantry show "$plan" --chdir "$folder" --format markdown >"$output/comment.md"
    ;;
  *)
    {
      printf '**Tenantry: this cannot be planned.**\n\n'
      # A code block by its indent: a fence could be closed from inside.
      head -c 60000 "$errors" | sed 's/^/    /'
    } >"$output/comment.md"
    ;;
esac
tell name "$name"
tell changes "$([ "$code" = 2 ] && echo true || echo false)"
[ "$code" = 0 ] || [ "$code" = 2 ]
