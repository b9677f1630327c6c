#!/usr/bin/env bash
# Runs a command against a running demo: with_demo.sh CMD [ARG…]
#
# Starts `masthead demo` on a free port of 127.0.0.1 with its limits switched off, waits for its ready file, runs CMD,
# sends SIGTERM, and then insists on two things: the demo exits with 0, and its temporary database is gone. The exit
# code is CMD's, or 1 when the demo itself misbehaved.
#
# For CMD:  MASTHEAD_BASE_URL  MASTHEAD_READY_FILE  MASTHEAD_DEMO_LOG (what the demo printed)
#           MASTHEAD_ADMIN_EMAIL  MASTHEAD_ADMIN_PASSWORD  MASTHEAD_WEB_KEY  MASTHEAD_APP_KEY
# From you: MASTHEAD_DEMO_ARGS (further arguments of `demo`)  MASTHEAD_BIN (default: the release build)
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: with_demo.sh CMD [ARG…]" >&2
  exit 64
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=${MASTHEAD_BIN:-${CARGO_TARGET_DIR:-$root/target}/release/masthead}
if [ ! -x "$bin" ]; then
  echo "with_demo: $bin is not there: run 'just build' first" >&2
  exit 66
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-with-demo.XXXXXX")
ready=$dir/ready.json
log=$dir/demo.log
mkdir "$dir/tmp"
demo=
child=

clean() {
  code=$?
  trap - EXIT INT TERM
  for pid in $child $demo; do
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$dir"
  exit "$code"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The demo gets a TMPDIR of its own: whatever it leaves there, it forgot. It must not see the variables of these
# scripts (a name of MASTHEAD_ that it does not know is a fault to it), nor a database that is configured outside.
read -r -a extra <<<"${MASTHEAD_DEMO_ARGS:-}"
(
  unset ${!MASTHEAD_@} DATABASE_URL
  TMPDIR="$dir/tmp" MASTHEAD_RATE_LIMIT_PER_MINUTE=0 MASTHEAD_LOGIN_LIMIT_PER_MINUTE=0 \
    MASTHEAD_CLAIMS_LIMIT_PER_MINUTE=0 MASTHEAD_CLAIMS_LIMIT_PER_DAY=0 \
    exec "$bin" demo --listen 127.0.0.1:0 --ready-file "$ready" ${extra[@]+"${extra[@]}"} >"$log" 2>&1 </dev/null
) &
demo=$!

for _ in $(seq 1 600); do
  [ -s "$ready" ] && break
  if ! kill -0 "$demo" 2>/dev/null; then
    cat "$log" >&2
    echo "with_demo: the demo ended before it was ready" >&2
    demo=
    exit 1
  fi
  sleep 0.1
done
if [ ! -s "$ready" ]; then
  cat "$log" >&2
  echo "with_demo: the demo was not ready within 60 s" >&2
  exit 1
fi

field() {
  python3 -c 'import functools, json, sys
print(functools.reduce(lambda v, k: v[k], sys.argv[2].split("."), json.load(open(sys.argv[1], encoding="utf-8"))))' "$ready" "$1"
}
MASTHEAD_BASE_URL=$(field base_url)
MASTHEAD_ADMIN_EMAIL=$(field admin.email)
MASTHEAD_ADMIN_PASSWORD=$(field admin.password)
MASTHEAD_WEB_KEY=$(field keys.web)
MASTHEAD_APP_KEY=$(field keys.app)
MASTHEAD_BASE_URL=${MASTHEAD_BASE_URL%/}
MASTHEAD_READY_FILE=$ready
MASTHEAD_DEMO_LOG=$log
export MASTHEAD_BASE_URL MASTHEAD_ADMIN_EMAIL MASTHEAD_ADMIN_PASSWORD MASTHEAD_WEB_KEY MASTHEAD_APP_KEY
export MASTHEAD_READY_FILE MASTHEAD_DEMO_LOG
echo "with_demo: $MASTHEAD_BASE_URL" >&2

code=0
"$@" <&0 &
child=$!
wait "$child" || code=$?
child=

if ! kill -0 "$demo" 2>/dev/null; then
  tail -n 50 "$log" >&2
  echo "with_demo: the demo did not live to the end" >&2
  demo=
  exit 1
fi
kill -TERM "$demo"
for _ in $(seq 1 300); do
  kill -0 "$demo" 2>/dev/null || break
  sleep 0.1
done
if kill -0 "$demo" 2>/dev/null; then
  tail -n 50 "$log" >&2
  echo "with_demo: the demo still ran 30 s after SIGTERM" >&2
  kill -KILL "$demo"
  demo=
  exit 1
fi
ended=0
wait "$demo" || ended=$?
demo=
if [ "$ended" -ne 0 ]; then
  tail -n 50 "$log" >&2
  echo "with_demo: the demo exited with $ended after SIGTERM, not with 0" >&2
  exit 1
fi
left=$(find "$dir/tmp" -mindepth 1 | head -n 5)
if [ -n "$left" ]; then
  echo "with_demo: the demo left something behind:" >&2
  echo "$left" >&2
  exit 1
fi
if [ "$code" -ne 0 ]; then
  echo "with_demo: the command failed with $code; the end of the demo's log:" >&2
  tail -n 30 "$log" >&2
fi
exit "$code"
