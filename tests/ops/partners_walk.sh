#!/usr/bin/env bash
# The documentation for partners, as it stands: every fenced block of src/operations/partners.md is run, one after another
# in one shell, against a running demo with the key of a partner that has a licence for all of a work. Run it under
# with_demo.sh. Each block has to assert something, and all have to hold. Needs curl, jq and openssl.
set -euo pipefail
: "${MASTHEAD_BASE_URL:?run this under with_demo.sh}" "${MASTHEAD_READY_FILE:?}" "${MASTHEAD_ADMIN_EMAIL:?}" "${MASTHEAD_ADMIN_PASSWORD:?}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
page=$root/src/operations/partners.md
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-partners.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# One file for each block, and the heading that it stands under.
awk -v dir="$dir" '
  /^```sh$/ { fenced = 1; file = sprintf("%s/block-%02d.sh", dir, ++count); print heading > (file ".name"); next }
  /^```/ { fenced = 0; next }
  fenced { print > file }
  !fenced && /^#/ { heading = $0; sub(/^#+ /, "", heading) }
' "$page"

key=$(jq -er '.keys.partner_full' "$MASTHEAD_READY_FILE")
bin=${MASTHEAD_BIN:-${CARGO_TARGET_DIR:-$root/target}/release/masthead}
mkdir "$dir/work"
{
  echo 'set -euo pipefail'
  printf 'base=%q key=%q email=%q password=%q bin=%q\n' \
    "$MASTHEAD_BASE_URL" "$key" "$MASTHEAD_ADMIN_EMAIL" "$MASTHEAD_ADMIN_PASSWORD" "$bin"
  # The variables of these scripts are no settings of the program; the key of a mirror is meant for it.
  # shellcheck disable=SC2016
  echo 'masthead() { env -u MASTHEAD_BASE_URL -u MASTHEAD_READY_FILE -u MASTHEAD_DEMO_LOG -u MASTHEAD_ADMIN_EMAIL \
    -u MASTHEAD_ADMIN_PASSWORD -u MASTHEAD_WEB_KEY -u MASTHEAD_APP_KEY -u MASTHEAD_DEMO_ARGS -u MASTHEAD_BIN "$bin" "$@"; }'
  for block in "$dir"/block-*.sh; do
    if ! grep -Eq '(jq -e|test |grep |-verify|; false)' "$block"; then
      echo "partners_walk: a block asserts nothing:" >&2
      cat "$block" >&2
      exit 1
    fi
    printf 'name=%q; echo "$name" > %q\n' "$(cat "$block.name")" "$dir/at"
    cat "$block"
    echo 'echo "ok    $name" >&3'
  done
} >"$dir/walk.sh"

cd "$dir/work"
if ! bash "$dir/walk.sh" 3>"$dir/seen" >"$dir/out" 2>"$dir/err"; then
  cat "$dir/seen"
  echo "FAIL  $(cat "$dir/at")"
  tail -n 15 "$dir/out" "$dir/err"
  exit 1
fi
cat "$dir/seen"
blocks=$(find "$dir" -name 'block-*.sh' | wc -l)
seen=$(wc -l <"$dir/seen")
if [ "$seen" -ne "$blocks" ] || [ "$blocks" -lt 20 ]; then
  echo "partners_walk: $seen of $blocks blocks were run to their end" >&2
  exit 1
fi
# A wrong key has to make it fail: what asserts nothing would not notice.
if sed "s/ key=[^ ]*/ key=mh_wrong/" "$dir/walk.sh" | bash 3>/dev/null >/dev/null 2>&1; then
  echo "partners_walk: it holds with a wrong key, too: it asserts nothing" >&2
  exit 1
fi
echo "partners_walk: $blocks blocks, all as the page has them"
