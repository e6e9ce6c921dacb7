#!/usr/bin/env bash
# apply.sh FOLDER PLANS OUTPUT
#
# Carries out the plan in PLANS that was made of exactly the configuration in FOLDER, a checkout of the
# main branch. Where there is none (two changes were merged at once, somebody pushed), or where it is out
# of date for some tenants (somebody else was faster), what is left is planned anew, into
# OUTPUT as plan.sh does, and not applied: nobody has seen it. A person reads OUTPUT/comment.md and
# starts the same step with OUTPUT as PLANS.
#
# Exit code 0: done; 3: something is left to review; 4: a guard stopped something; 1, 130: failed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
folder=$1 plans=$2 output=$3
needs_connections

name=$(configuration_name "$folder")
tell left false
code=1
if [ -f "$plans/$name.plan" ]; then
  plan=$(cd "$plans" && pwd)/$name.plan
  code=0
  tenantry apply "$plan" --chdir "$folder" --lock-timeout 300 \
    --reason "$(git -C "$folder" log -1 --format='%h %s')" || code=$?
  case $code in
    0) exit 0 ;;
    1 | 3) echo "The plan was not carried out in full; what is left is planned anew." >&2 ;;
    *) exit $code ;;
  esac
else
  echo "No plan was made of this configuration ($name); it is planned now." >&2
fi

make_plan "$folder" "$output" || exit 1
if [ "$changes" = true ]; then
  tell left true
  cat "$output/comment.md"
  exit 3
fi
echo "Nothing is left to do." >&2
