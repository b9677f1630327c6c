#!/usr/bin/env bash
# Builds the load generator and the flame graph tools that `just bench` and `just profile` use, pinned, from crates.io:
#   install_bench_tools.sh DIR
# Afterwards, for this shell:
#   export PATH="DIR/oha/bin:$PATH"
set -euo pipefail
dir=${1:?usage: install_bench_tools.sh DIR}
mkdir -p "$dir/oha"
dir=$(cd "$dir" && pwd)
cargo install --quiet --locked --root "$dir/oha" oha@1.16.0
cargo install --quiet --locked --root "$dir/oha" inferno@0.12.8
echo "export PATH=\"$dir/oha/bin:\$PATH\""
