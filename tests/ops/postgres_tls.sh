#!/usr/bin/env bash
# PostgreSQL over TLS: a private cluster that takes nothing but TLS, with a certificate of its own authority. The build with
# `--features postgres-tls` must connect where the authority and the host's name are right, and nowhere else.
#   MASTHEAD_TLS_BIN (default: built here, in the dev profile, in target/postgres-tls)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fail() { echo "postgres_tls: FAIL $*" >&2; exit 1; }

if [ "${1:-}" != inside ]; then
  bin=${MASTHEAD_TLS_BIN:-}
  if [ -z "$bin" ]; then
    # A folder of its own: features of one crate would have everything above it built anew, back and forth.
    target=${CARGO_TARGET_DIR:-$root/target}/postgres-tls
    (cd "$root" && cargo build --quiet --features postgres-tls --target-dir "$target")
    bin=$target/debug/masthead
  fi
  MASTHEAD_TLS_BIN=$bin exec "$root/tests/ops/with_postgres.sh" "${BASH_SOURCE[0]}" inside
fi

bin=$MASTHEAD_TLS_BIN
server=$MASTHEAD_TEST_POSTGRES_URL
psql=$MASTHEAD_POSTGRES_BIN/psql
unset ${!MASTHEAD_@} DATABASE_URL
port=${server##*:}
port=${port%%/*}
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-tls.XXXXXX")
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$dir"' EXIT
cd "$dir"

# Two authorities, and a certificate of the first for the name `localhost` alone.
for name in ours other; do
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" -keyout "$name.key" -out "$name.crt" 2>/dev/null
done
openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr 2>/dev/null
printf 'subjectAltName=DNS:localhost\n' >names
openssl x509 -req -in server.csr -CA ours.crt -CAkey ours.key -CAcreateserial -days 2 -extfile names -out server.crt 2>/dev/null

# The cluster of with_postgres.sh is told to speak TLS, and to a user of our own nothing else.
ask() { "$psql" --no-psqlrc --quiet --tuples-only --no-align "$server" "$@"; }
data=$(ask -c 'SHOW data_directory')
install -m 600 -o "$(stat -c %u "$data")" -g "$(stat -c %g "$data")" server.key server.crt "$data/"
hba=$(ask -c 'SHOW hba_file')
{ printf 'hostssl all desk all scram-sha-256\nhost all desk all reject\n'; cat "$hba"; } >hba
cat hba >"$hba"
ask -c "CREATE USER desk PASSWORD 'hunter2'" -c 'CREATE DATABASE tls OWNER desk'
ask -c "ALTER SYSTEM SET ssl = on" -c 'SELECT pg_reload_conf()' >/dev/null

try() { # HOST PARAMETERS
  "$bin" --database-url "postgres://desk:hunter2@$1:$port/tls?$2" migrate >out 2>&1
}
# The reload is seen by connections from a moment later on.
for _ in $(seq 50); do
  if [ "$(ask -c 'SHOW ssl')" = on ]; then break; fi
  sleep 0.1
done

works() {
  try "$1" "$2" || { cat out >&2; fail "$3 must work"; }
  echo "postgres_tls: ok   $3"
}
refused() { # HOST PARAMETERS WORDS WHAT
  if try "$1" "$2"; then fail "$4 must be refused"; fi
  grep -Eqi "$3" out || { cat out >&2; fail "$4 is refused, and for another reason than /$3/"; }
  if grep -q hunter2 out; then cat out >&2; fail "the password stands in the message"; fi
  echo "postgres_tls: ok   $4 is refused: $(grep -Eio "$3" out | head -n 1)"
}

works localhost "sslmode=verify-full&sslrootcert=$dir/ours.crt" "verify-full with the right authority and name"
works 127.0.0.1 "sslmode=verify-ca&sslrootcert=$dir/ours.crt" "verify-ca, which asks for no name"
works localhost "sslmode=require" "require"
refused localhost "sslmode=verify-full&sslrootcert=$dir/other.crt" "certificate verify failed" "another authority"
refused 127.0.0.1 "sslmode=verify-full&sslrootcert=$dir/ours.crt" "does not match host name|certificate is for|host name" "another name"
refused localhost "sslmode=verify-full&sslrootcert=$dir/nowhere.crt" "does not exist|root certificate" "an authority that is not there"
refused localhost "sslmode=disable" "no encryption|rejects connection" "a connection without TLS"

url="postgres://desk:hunter2@localhost:$port/tls?sslmode=verify-full&sslrootcert=$dir/ours.crt"
"$bin" --database-url "$url" user create \
  --email a@news.example --role admin --name A --password-stdin <<<"a long enough passphrase 71" >/dev/null
[ "$(PGPASSWORD=hunter2 "$psql" -XAtq "host=localhost port=$port user=desk dbname=tls sslmode=verify-full sslrootcert=$dir/ours.crt" -c 'SELECT count(*) FROM users')" = 1 ] ||
  fail "what was written over TLS is not there"
echo "postgres_tls: ok   a write over TLS is there"

# A server's threads have connections of their own when it ends.
MASTHEAD_SECRET_KEY=$(openssl rand -hex 32)
export MASTHEAD_SECRET_KEY
for _ in 1 2 3 4 5; do
  "$bin" --database-url "$url" --listen 127.0.0.1:0 serve --ready-file ready >server.log 2>&1 &
  pid=$!
  for _ in $(seq 100); do
    if [ -s ready ]; then break; fi
    sleep 0.1
  done
  curl -fsS "$(grep -o 'http://[0-9.:]*' ready)/readyz" >/dev/null || { cat server.log >&2; fail "a server over TLS must be ready"; }
  rm ready
  kill -TERM "$pid"
  wait "$pid" || { tail -n 5 server.log >&2; fail "a server over TLS must end with 0 after SIGTERM"; }
  pid=
done
echo "postgres_tls: ok   a server over TLS answers, and ends with 0"
