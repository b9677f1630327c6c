#!/usr/bin/env bash
# The committed OpenAPI document must be valid, and clean under Redocly's recommended rules: no error and no warning.
# Needs openapi-spec-validator and redocly on the PATH (install_tools.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
spec=$PWD/openapi/masthead.v1.json
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-spec-lint.XXXXXX")
trap 'rm -rf "$dir"' EXIT
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

openapi-spec-validator "$spec"

# A configuration of our own, so that no other one that lies about is found and no rule is softened on the quiet.
cp tests/ops/redocly.yaml "$dir/redocly.yaml"
cd "$dir"
redocly lint "$spec" --config "$dir/redocly.yaml" --format stylish --max-problems 1000 2>lint.err || { cat lint.err >&2; exit 1; }
redocly lint "$spec" --config "$dir/redocly.yaml" --format json --max-problems 1000 >lint.json 2>/dev/null || true
python3 - lint.json <<'PY'
import json, sys
text = open(sys.argv[1], encoding="utf-8").read()
totals = json.loads(text[text.index("{"):])["totals"]
print("redocly, recommended rules:", ", ".join(f"{totals[k]} {k}" for k in ("errors", "warnings", "ignored")))
sys.exit(any(totals[k] for k in ("errors", "warnings", "ignored")))
PY
