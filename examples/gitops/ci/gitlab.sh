#!/usr/bin/env bash
# The calls to GitLab's API. Each is asked of the API of CI_API_V4_URL for CI_PROJECT_ID, with
# TENANTRY_GITLAB_TOKEN, an access token of the project with the scope `api`.
#
#   gitlab.sh comment NUMBER FILE         writes FILE under a merge request, in place of what it wrote before
#   gitlab.sh issue TITLE FILE            opens an issue, or brings the open one of that title up to date
#   gitlab.sh fetch-plan FOLDER JOB PLANS writes the plan of the configuration in FOLDER into PLANS, as JOB
#                                         made it for the merge request that CI_COMMIT_SHA came from;
#                                         no file where none was made
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=http.sh
. "$here/http.sh"
# shellcheck source=common.sh
. "$here/common.sh"
HEADER="PRIVATE-TOKEN: $TENANTRY_GITLAB_TOKEN"
api=$CI_API_V4_URL/projects/$CI_PROJECT_ID
mark='<!-- tenantry -->'
limit=1000000

comment() {
  local number=$1 file=$2 me known
  me=$(request GET "$CI_API_V4_URL/user" | jq .id)
  known=$(pages "$api/merge_requests/$number/notes" \
    ".[] | select(.author.id == $me and (.body | endswith(\"$mark\"))) | .id" | head -1)
  as_json body "$file" "$mark" "$limit" >"$temporary/body"
  if [ -n "$known" ]; then
    request PUT "$api/merge_requests/$number/notes/$known" "$temporary/body" >/dev/null
  else
    request POST "$api/merge_requests/$number/notes" "$temporary/body" >/dev/null
  fi
}

issue() {
  local title=$1 file=$2 known
  known=$(pages "$api/issues?state=opened" \
    ".[] | select(.description // \"\" | endswith(\"$mark\")) | \"\(.iid) \(.title)\"" |
    awk -v title="$title" 'substr($0, index($0, " ") + 1) == title { print $1; exit }')
  as_json description "$file" "$mark" "$limit" | jq --arg title "$title" '. + {title: $title}' \
    >"$temporary/body"
  if [ -n "$known" ]; then
    request PUT "$api/issues/$known" "$temporary/body" >/dev/null
  else
    request POST "$api/issues" "$temporary/body" >/dev/null
  fi
}

fetch_plan() {
  local name wanted=$2 plans=$3 number pipeline job
  name=$(configuration_name "$1")
  mkdir -p "$plans"
  for number in $(pages "$api/repository/commits/$CI_COMMIT_SHA/merge_requests" '.[].iid'); do
    for pipeline in $(pages "$api/merge_requests/$number/pipelines" '.[].id'); do
      for job in $(pages "$api/pipelines/$pipeline/jobs?scope[]=success" \
        ".[] | select(.name == \"$wanted\") | .id"); do
        if request GET "$api/jobs/$job/artifacts/tenantry/$name.plan" >"$temporary/plan" 2>/dev/null; then
          mv "$temporary/plan" "$plans/$name.plan"
          return
        fi
      done
    done
  done
}

case ${1:-} in
  comment) comment "$2" "$3" ;;
  issue) issue "$2" "$3" ;;
  fetch-plan) fetch_plan "$2" "$3" "$4" ;;
  *)
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 1
    ;;
esac
