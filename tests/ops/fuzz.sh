#!/usr/bin/env bash
# The readers of pages, wires and queries under cargo fuzz, side by side: each for MASTHEAD_FUZZ_SECONDS (600). A crash, a
# failed check, 20 s for one input or 4 GiB of memory ends it with the input's path. Needs cargo-fuzz:
#   cargo install cargo-fuzz --version 0.13.2 --locked
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${MASTHEAD_FUZZ_SECONDS:-600}
target=${CARGO_TARGET_DIR:-$root/target}/fuzz
# The sanitizers need an unstable compiler; the checks of numbers, bounds and the targets' own do not.
(cd "$root/tests/fuzz" && cargo fuzz build --fuzz-dir . --sanitizer none --target-dir "$target")
bins=$target/$(rustc -vV | sed -n 's/^host: //p')/release
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-fuzz.XXXXXX")
declare -A pids
# What was found is left there to be looked at.
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait || true; [ -n "$(ls -A "$dir/found")" ] || rm -rf "$dir"' EXIT
mkdir "$dir/found"

for name in page wires query; do
  mkdir "$dir/$name"
  "$bins/$name" "$dir/$name" "$root/tests/fuzz/seeds/$name" -max_total_time="$seconds" -max_len=20000 -timeout=20 \
    -rss_limit_mb=4096 -artifact_prefix="$dir/found/$name-" >"$dir/$name.log" 2>&1 &
  pids[$name]=$!
done
failed=0
for name in "${!pids[@]}"; do
  if wait "${pids[$name]}"; then
    echo "fuzz: $name: $(grep -aE '^Done ' "$dir/$name.log"), $(grep -aE ' cov: ' "$dir/$name.log" | tail -1 | sed -E 's/.*(cov: [0-9]+).*/\1/'), nothing found"
  else
    failed=1
    echo "fuzz: FAIL $name" >&2
    tail -n 20 "$dir/$name.log" >&2
  fi
  unset "pids[$name]"
done
exit "$failed"
