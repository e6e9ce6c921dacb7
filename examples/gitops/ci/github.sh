#!/usr/bin/env bash
# The calls to GitHub's API. Each is asked of the API of GITHUB_API_URL for GITHUB_REPOSITORY, with
# GITHUB_TOKEN.
#
#   github.sh comment NUMBER FILE   writes FILE under a pull request, in place of what it wrote before
#   github.sh issue TITLE FILE      opens an issue, or brings the open one of that title up to date
#   github.sh plan-run FOLDER       tells the run that planned the configuration in FOLDER, as the outputs
#                                   `name` and `run`, which is empty where none did
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=http.sh
. "$here/http.sh"
# shellcheck source=common.sh
. "$here/common.sh"
HEADER="Authorization: Bearer $GITHUB_TOKEN"
api=$GITHUB_API_URL/repos/$GITHUB_REPOSITORY
mark='<!-- tenantry -->'
limit=65536

comment() {
  local number=$1 file=$2 known
  # Of the bot that this token is: somebody else's comment with the mark is not ours.
  known=$(pages "$api/issues/$number/comments" \
    ".[] | select(.user.type == \"Bot\" and (.body | endswith(\"$mark\"))) | .id" | head -1)
  as_json body "$file" "$mark" "$limit" >"$temporary/body"
  if [ -n "$known" ]; then
    request PATCH "$api/issues/comments/$known" "$temporary/body" >/dev/null
  else
    request POST "$api/issues/$number/comments" "$temporary/body" >/dev/null
  fi
}

issue() {
  local title=$1 file=$2 known
  known=$(pages "$api/issues?state=open" \
    ".[] | select(.pull_request == null and (.body // \"\" | endswith(\"$mark\"))) | \"\(.number) \(.title)\"" |
    awk -v title="$title" 'substr($0, index($0, " ") + 1) == title { print $1; exit }')
  as_json body "$file" "$mark" "$limit" | jq --arg title "$title" '. + {title: $title}' \
    >"$temporary/body"
  if [ -n "$known" ]; then
    request PATCH "$api/issues/$known" "$temporary/body" >/dev/null
  else
    request POST "$api/issues" "$temporary/body" >/dev/null
  fi
}

# Only of the workflow that plans pull requests as the main branch says: another workflow, which a branch
# may bring along, can name its artifacts as it likes.
plan_run() {
  local name run
  name=$(configuration_name "$1")
  tell name "$name"
  request GET "$api/actions/artifacts?name=plan-$name&per_page=100" >"$temporary/artifacts"
  for run in $(jq -r '.artifacts[] | select(.expired | not) | .workflow_run.id' "$temporary/artifacts"); do
    request GET "$api/actions/runs/$run" >"$temporary/run"
    if jq -e '.event == "pull_request_target" and .path == ".github/workflows/tenantry-plan.yml"' \
      "$temporary/run" >/dev/null; then
      echo "The plan $name was made by run $run." >&2
      tell run "$run"
      return
    fi
  done
}

case ${1:-} in
  comment) comment "$2" "$3" ;;
  issue) issue "$2" "$3" ;;
  plan-run) plan_run "$2" ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 1
    ;;
esac
