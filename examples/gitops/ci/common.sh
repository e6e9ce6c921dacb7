# What the steps share. Read by them, not run.

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
