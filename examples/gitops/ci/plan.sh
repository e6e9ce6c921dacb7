#!/usr/bin/env bash
# plan.sh FOLDER OUTPUT
#
# Plans the configuration in FOLDER, a checkout, and leaves in OUTPUT the plan, NAME.plan, and what
# people read, comment.md and report.html; on GitHub it also prints annotations. It changes nothing. The credentials come from TENANTRY_CONNECTIONS, a file
# of the main branch: FOLDER may be of a pull request, and nothing in it is run.
#
# Exit code 0: there is a plan, with or without changes; 1: there is none, and comment.md says why.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
needs_connections
make_plan "$1" "$2"
