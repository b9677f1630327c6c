#!/usr/bin/env bash
# The README's walk "A complaint, from claim to restoration", as it stands there, against a running demo: its fenced
# blocks are cut out of README.md and run. Run it under with_demo.sh.
#
# A comment "# NNN…" before a request says which status it must answer; it holds until the next such comment. Every
# request that prints its answer must have one, and every answer must be JSON.
set -euo pipefail
: "${MASTHEAD_BASE_URL:?run this under with_demo.sh}" "${MASTHEAD_ADMIN_EMAIL:?}" "${MASTHEAD_ADMIN_PASSWORD:?}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-walk.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# Lines of the script that is run: those of the blocks, with "# NNN" turned into `expect NNN`.
awk '
  /^## / { inside = ($0 == "## A complaint, from claim to restoration") }
  inside && /^```sh$/ { fenced = 1; next }
  /^```$/ { fenced = 0 }
  inside && fenced
' "$root/README.md" | sed -E 's/^# ([0-9]{3})([^0-9].*)?$/expect \1/' >"$dir/walk.sh"
if ! grep -q '^expect' "$dir/walk.sh"; then
  echo "claims_walk: the README has no such walk" >&2
  exit 1
fi

export WALK_DIR=$dir
cat >"$dir/run.sh" <<'SH'
set -euo pipefail
base=$MASTHEAD_BASE_URL email=$MASTHEAD_ADMIN_EMAIL password=$MASTHEAD_ADMIN_PASSWORD
echo 000 >"$WALK_DIR/expected"
expect() { echo "$1" >"$WALK_DIR/expected"; }
# curl as the README calls it: prints the body, and notes status and body for the check.
curl() {
  local expected status path=
  expected=$(cat "$WALK_DIR/expected")
  for word in "$@"; do case $word in http*) path=${word#"$base"} ;; esac; done
  status=$(command curl --show-error --max-time 20 --globoff --output "$WALK_DIR/body" --write-out '%{http_code}' "$@")
  python3 -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' "$WALK_DIR/body"
  # What comes before the first "# NNN" only prepares: it has to succeed.
  if [ "$expected" = 000 ]; then
    case $status in 2??) ;; *) echo "FAIL  $path: $status" >&2; cat "$WALK_DIR/body" >&2; exit 1 ;; esac
  elif [ "$status" != "$expected" ]; then
    echo "FAIL  $path: $status and not $expected" >&2
    cat "$WALK_DIR/body" >&2
    exit 1
  else
    echo "$status $path" >>"$WALK_DIR/seen"
    echo "ok    $status $path" >&2
  fi
  cat "$WALK_DIR/body"
}
SH
cat "$dir/walk.sh" >>"$dir/run.sh"
cat >>"$dir/run.sh" <<'SH'
# What the walk must have come to, whatever the README says of it.
case_=$(command curl --silent --fail "$base/v1/claims/$claim" -H "$desk")
python3 - "$case_" "$article" <<'PY'
import json, sys
case, article = json.loads(sys.argv[1]), sys.argv[2]
assert case["article_id"] == article, case
assert (case["stage"], case["decision"], case["action"]) == ("closed", "upheld", "withdraw"), case
assert case["restored_at"] and case["closed_at"] and case["work_withdrawn_at"] is None, case
assert case["holds"][0]["interim"] and case["holds"][0]["released_at"], case
assert [m["from"] for m in case["messages"]] == ["claimant", "desk", "desk"], case
assert case["window"] is not None, case
PY
SH
bash "$dir/run.sh" >"$dir/out"
seen=$(wc -l <"$dir/seen")
missing=
for status in 422 201 451 409 200; do grep -q "^$status " "$dir/seen" || missing="$missing $status"; done
if [ "$seen" -lt 15 ] || [ -n "$missing" ]; then
  echo "claims_walk: only $seen answers were checked; none with:$missing" >&2
  exit 1
fi
echo "claims_walk: $seen answers are as the README has them"
