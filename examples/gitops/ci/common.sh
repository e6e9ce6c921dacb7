# What the steps share. Read by them, not run.

# needs_connections: makes the path one that --chdir does not turn.
needs_connections() {
  : "${TENANTRY_CONNECTIONS:?names the file with credentials and state}"
  TENANTRY_CONNECTIONS=$(realpath -e "$TENANTRY_CONNECTIONS")
  export TENANTRY_CONNECTIONS
}

# The configuration in FOLDER as git names it: the same files have the same name in every branch, and
# a plan is kept under it. So a merge applies the plan that was reviewed, and no other.
configuration_name() {
  local changed
  changed=$(git -C "$1" status --porcelain -- .)
  if [ -n "$changed" ]; then
    printf '%s has files that are not committed: a plan of it would be one of no commit.\n%s\n' \
      "$1" "$changed" >&2
    return 1
  fi
  git -C "$1" rev-parse --verify 'HEAD:./'
}

# A value for later steps of GitHub.
tell() {
  echo "$1=$2" >>"${GITHUB_OUTPUT:-/dev/null}"
}

# make_plan FOLDER OUTPUT: leaves OUTPUT/NAME.plan, OUTPUT/comment.md and OUTPUT/report.html, and tells
# whether there are `changes`. Where there is no plan, comment.md says why, and it fails.
make_plan() {
  local folder=$1 output=$2 name plan code=0
  mkdir -p "$output"
  output=$(cd "$output" && pwd)
  name=$(configuration_name "$folder")
  plan=$output/$name.plan
  tell name "$name"
  tenantry plan --chdir "$folder" --out "$plan" --detailed-exitcode --lock-timeout 60 \
    >/dev/null 2>"$output/errors" || code=$?
  # A line that begins with :: is a command to GitHub's runner; a file could have such a name.
  sed 's/^::/ ::/' "$output/errors" >&2
  if [ $code = 0 ] || [ $code = 2 ]; then
    tenantry show "$plan" --chdir "$folder" --format markdown >"$output/comment.md"
    tenantry show "$plan" --chdir "$folder" --format html >"$output/report.html"
    if [ -n "${GITHUB_ACTIONS:-}" ]; then
      # Annotations on the lines of YAML, named as in the checkout that FOLDER is of.
      GITHUB_WORKSPACE=$(git -C "$folder" rev-parse --show-toplevel) \
        tenantry show "$plan" --chdir "$folder" --format github
    fi
    changes=$([ $code = 2 ] && echo true || echo false)
    tell changes "$changes"
  else
    printf '**Tenantry: this cannot be planned.**\n\n' >"$output/comment.md"
    # A code block by its indent: a fence could be closed from inside.
    head -c 60000 "$output/errors" | sed 's/^/    /' >>"$output/comment.md"
  fi
  rm "$output/errors"
  [ $code = 0 ] || [ $code = 2 ]
}
