# Calls to the API of GitHub or GitLab. Read by the steps, not run.

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# request METHOD URL [FILE]: sends FILE as JSON, prints the answer. HEADER is the one with the token: it
# reaches curl on a file descriptor, since everybody on the machine can read arguments.
# What failed is asked again, unless a second time would make a second comment.
request() {
  local method=$1 url=$2 more=()
  [ $# -lt 3 ] || more=(-H 'Content-Type: application/json' --data-binary "@$3")
  [ "$method" = POST ] || more+=(--retry 3)
  : >"$temporary/answer"
  if ! curl --globoff --silent --show-error --fail-with-body --max-time 60 \
    --config <(printf 'header = "%s"\n' "${HEADER:?}") --output "$temporary/answer" \
    -H 'User-Agent: tenantry-pipeline' -X "$method" "${more[@]}" "$url"; then
    printf '%s %s: ' "$method" "$url" >&2
    cat "$temporary/answer" >&2
    return 1
  fi
  cat "$temporary/answer"
}

# pages URL FILTER: what FILTER makes of each page, of 100 elements each, until one is not full.
pages() {
  local url=$1 filter=$2 page=1 joint='?'
  [[ $url != *\?* ]] || joint='&'
  while :; do
    request GET "$url${joint}per_page=100&page=$page" >"$temporary/page"
    jq -r "$filter" "$temporary/page"
    [ "$(jq 'length' "$temporary/page")" -eq 100 ] || break
    page=$((page + 1))
  done
}

# The text of FILE as the member NAME of a JSON object, with MARK, by which a later run finds it, and no
# longer than LIMIT characters.
as_json() {
  local name=$1 file=$2 mark=$3 limit=$4
  jq -Rs --arg name "$name" --arg mark "$mark" --argjson limit "$limit" '
    ($limit - ($mark | length) - 40) as $room
    | (if length > $room then .[:$room] + "\n\n(cut here: see the log)" else . end) as $text
    | {($name): ($text + "\n\n" + $mark)}' "$file"
}
