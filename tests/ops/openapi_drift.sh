#!/usr/bin/env bash
# Fails when the committed description is not, byte for byte, the one that the code makes: that of MASTHEAD_BIN, or of
# what cargo builds here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
made=$(mktemp "${TMPDIR:-/tmp}/masthead-openapi.XXXXXX")
trap 'rm -f "$made"' EXIT
if [ -n "${MASTHEAD_BIN:-}" ]; then
  "$MASTHEAD_BIN" openapi >"$made"
else
  cargo run --quiet -- openapi >"$made"
fi
if ! diff -u openapi/masthead.v1.json "$made" | head -n 80; then
  echo "openapi_drift: openapi/masthead.v1.json is not what the code makes: run 'just openapi' and read the difference" >&2
  exit 1
fi
echo "openapi_drift: none"
