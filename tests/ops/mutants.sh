#!/usr/bin/env bash
# Mutation testing of the rules: every change that cargo-mutants can think of in src/rights is made, one after another,
# and some test of src/rights has to fail of it. The rules are pure, so they are built alone: a crate in a temporary
# directory holds src/kernel and src/rights and the few dependencies that they name, in the versions of Cargo.toml and
# Cargo.lock. That builds in seconds; the whole application would take hours.
#   mutants.sh [FURTHER ARGUMENTS OF cargo-mutants…]
#   MASTHEAD_MUTANTS_JOBS (2), PROPTEST_CASES (300): mutants at a time, and cases of each property law
# Prints the score. Fails when a mutant survives that has no reason in tests/ops/mutants.md, or when a reason there is
# about none: both are to be mended. Needs cargo-mutants:
#   cargo install --locked cargo-mutants --version 27.1.0
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if ! cargo mutants --version >/dev/null 2>&1; then
  echo "mutants: cargo-mutants is not installed: cargo install --locked cargo-mutants --version 27.1.0" >&2
  exit 1
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-mutants.XXXXXX")
trap 'rm -rf "$dir"' EXIT

python3 "$root/tests/ops/rules_crate.py" "$dir/rules"
export PROPTEST_CASES=${PROPTEST_CASES:-300}
# What its status says stands in the outcomes too; a run that did not come to an end has none, and fails below.
(cd "$dir/rules" && cargo mutants --file 'src/rights/**' --jobs "${MASTHEAD_MUTANTS_JOBS:-2}" --no-shuffle \
  --output "$dir" --colors never --no-times "$@") || true
python3 "$root/tests/ops/mutants.py" "$dir/mutants.out/outcomes.json" "$root/tests/ops/mutants.md" "$#"
