#!/usr/bin/env bash
# Runs `cargo test` with the arguments given and fails when they select no test at all: a filter that matches nothing
# would otherwise pass.
set -euo pipefail
out=$(mktemp "${TMPDIR:-/tmp}/masthead-tests.XXXXXX")
trap 'rm -f "$out"' EXIT
cargo test "$@" 2>&1 | tee "$out"
ran=$(sed -n 's/^test result: .* \([0-9][0-9]*\) passed; .*/\1/p' "$out" | awk '{ n += $1 } END { print n + 0 }')
if [ "$ran" -eq 0 ]; then
  echo "named_tests: 'cargo test $*' ran no test" >&2
  exit 1
fi
echo "named_tests: $ran passed"
