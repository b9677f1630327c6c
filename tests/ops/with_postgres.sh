#!/usr/bin/env bash
# Runs a command beside a private PostgreSQL cluster: with_postgres.sh [--replica] CMD [ARG…]
#
# The cluster lives in a temporary directory, listens on a free port of 127.0.0.1 and on nothing else, and is gone
# afterwards. CMD finds it in MASTHEAD_TEST_POSTGRES_URL, and with --replica a streaming replica of it in
# MASTHEAD_TEST_REPLICA_URL; the server's own programs stand in the folder MASTHEAD_POSTGRES_BIN. The exit code is CMD's. Clusters that are there already are
# neither used nor touched. As root (initdb refuses root) the cluster belongs to the system user `postgres`.
set -euo pipefail

replica=
if [ "${1:-}" = --replica ]; then
  replica=yes
  shift
fi
if [ $# -eq 0 ]; then
  echo "usage: with_postgres.sh [--replica] CMD [ARG…]" >&2
  exit 64
fi

fail() { echo "with_postgres: $*" >&2; exit 70; }

# Debian keeps the server's programs off the PATH, one folder per major version: take the newest.
bin=${MASTHEAD_POSTGRES_BIN:-}
if [ -z "$bin" ]; then
  bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1 || true)
  if [ -z "$bin" ] && command -v initdb >/dev/null; then
    bin=$(dirname "$(command -v initdb)")
  fi
fi
[ -n "$bin" ] && [ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ] ||
  fail "no PostgreSQL server found; install the package 'postgresql' or set MASTHEAD_POSTGRES_BIN"

if [ "$(id -u)" -eq 0 ]; then
  id postgres >/dev/null 2>&1 || fail "running as root needs a system user 'postgres'"
  as_server() { runuser -u postgres -- "$@"; }
else
  as_server() { "$@"; }
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-postgres.XXXXXX")
data=$dir/data
copy=$dir/replica
log=$dir/log
child=
cd_back=$PWD

stop() {
  code=$?
  trap - EXIT INT TERM
  if [ -n "$child" ] && kill -0 "$child" 2>/dev/null; then
    kill -TERM "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  cd /
  # The replica first: the primary waits for those who stream from it.
  for cluster in "$copy" "$data"; do
    [ -s "$cluster/postmaster.pid" ] || continue
    pid=$(head -n 1 "$cluster/postmaster.pid")
    as_server "$bin/pg_ctl" -D "$cluster" -m fast -w -t 30 stop >/dev/null 2>&1 || kill -QUIT "$pid" 2>/dev/null || true
  done
  rm -rf "$dir"
  exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ "$(id -u)" -eq 0 ]; then chown postgres "$dir"; fi
cd "$dir" # the server's user may not be allowed to stand where we stand

# ICU as the cluster's collation where the server has it: an ORDER BY that forgot its COLLATE "C" then shows itself.
init=(--username=masthead --auth=trust --encoding=UTF8 --no-sync -D "$data")
as_server "$bin/initdb" "${init[@]}" --locale=C.UTF-8 --locale-provider=icu --icu-locale=und >"$dir/initdb.out" 2>&1 || {
  rm -rf "$data"
  as_server "$bin/initdb" "${init[@]}" --locale=C.UTF-8 >"$dir/initdb.out" 2>&1 || {
    cat "$dir/initdb.out" >&2
    fail "initdb failed"
  }
}

# Durability is not what these tests are about; a lost cluster is only made anew.
cat >>"$data/postgresql.conf" <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
CONF

# A replica gets what has been written to the log: at once, not when the log's writer comes round.
if [ -n "$replica" ]; then echo "synchronous_commit = on" >>"$data/postgresql.conf"; fi

# Starts the cluster in a folder on a free port, which stands in $port then.
start() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 12000))
    if as_server "$bin/pg_ctl" -D "$1" -o "-p $port" -l "$log" -w -t 60 start >/dev/null 2>&1; then return; fi
  done
  cat "$log" >&2 || true
  fail "the cluster did not start"
}
start "$data"

"$bin/createdb" -h 127.0.0.1 -p "$port" -U masthead masthead_test
export MASTHEAD_TEST_POSTGRES_URL="postgres://masthead@127.0.0.1:$port/masthead_test" MASTHEAD_POSTGRES_BIN="$bin"
if [ -n "$replica" ]; then
  as_server "$bin/pg_basebackup" -h 127.0.0.1 -p "$port" -U masthead -D "$copy" -R -X stream -c fast >>"$log" 2>&1 ||
    { cat "$log" >&2; fail "the cluster was not copied"; }
  primary=$port
  start "$copy"
  export MASTHEAD_TEST_REPLICA_URL="postgres://masthead@127.0.0.1:$port/masthead_test" MASTHEAD_TEST_REPLICA_DATA="$copy"
  echo "with_postgres: a replica on 127.0.0.1:$port" >&2
  port=$primary
fi
echo "with_postgres: $("$bin/postgres" --version) on 127.0.0.1:$port" >&2

# In the background, so that a signal to this script is acted on at once and not after CMD has ended.
cd "$cd_back"
"$@" <&0 &
child=$!
code=0
wait "$child" || code=$?
child=
exit "$code"
