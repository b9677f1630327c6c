#!/usr/bin/env bash
# Throws generated requests at a running server and fails on a server error or an answer that the description does not
# have. Run it under with_demo.sh; needs schemathesis on the PATH (install_tools.sh).
#
# Four readers: the desk (an admin, whose token is renewed by schemathesis_auth.py), a frontend with the web key, and the
# public; the fourth pass, stateful, follows the links from one operation's answer into the next one's parameters.
#   MASTHEAD_SCHEMATHESIS_EXAMPLES   generated requests per operation as the desk (25); the others get half
#   MASTHEAD_SCHEMATHESIS_SECONDS    the longest that one pass may take (600)
#   MASTHEAD_SCHEMATHESIS_SEED       (7)
set -euo pipefail
: "${MASTHEAD_BASE_URL:?run this under with_demo.sh}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
examples=${MASTHEAD_SCHEMATHESIS_EXAMPLES:-25}
seconds=${MASTHEAD_SCHEMATHESIS_SECONDS:-600}
seed=${MASTHEAD_SCHEMATHESIS_SEED:-7}
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-schemathesis.XXXXXX")
trap 'rm -rf "$dir"' EXIT
export SCHEMATHESIS_HOOKS=schemathesis_auth PYTHONPATH="$here" PYTHONDONTWRITEBYTECODE=1
cd "$dir" # it writes its caches where it stands

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance
checks=$checks,response_schema_conformance,unsupported_method,allow_header_conformance

pass() {
  local reader=$1 phases=$2 count=$3
  echo "== schemathesis: $reader, $phases"
  MASTHEAD_SCHEMATHESIS_READER=$reader timeout --kill-after=30 "$seconds" \
    schemathesis run "$MASTHEAD_BASE_URL/openapi.json" --url "$MASTHEAD_BASE_URL" \
    --checks "$checks" --phases "$phases" --max-examples "$count" --seed "$seed" --continue-on-failure \
    --suppress-health-check all --request-timeout 20 --generation-database none --no-shrink --no-color
}

failed=0
pass desk examples,coverage,fuzzing "$examples" || failed=1
pass web examples,coverage,fuzzing $(((examples + 1) / 2)) || failed=1
pass public examples,coverage,fuzzing $(((examples + 1) / 2)) || failed=1
pass desk stateful "$examples" || failed=1

# Whatever was thrown at it, it must still stand and still know its database.
curl --silent --show-error --fail --output /dev/null "$MASTHEAD_BASE_URL/readyz" || failed=1
[ "$failed" -eq 0 ] && echo "schemathesis: no server error, no answer outside the description"
exit "$failed"
