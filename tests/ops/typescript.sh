#!/usr/bin/env bash
# Makes TypeScript types of the committed description and compiles a small program that uses them, under `strict`.
# Needs openapi-typescript and tsc on the PATH (install_tools.sh).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
spec=$here/../../openapi/masthead.v1.json
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-typescript.XXXXXX")
trap 'rm -rf "$dir"' EXIT
openapi-typescript "$spec" --output "$dir/masthead.ts"
cp "$here/typescript/usage.ts" "$dir/"
cd "$dir"
tsc --strict --noEmit --noUncheckedIndexedAccess --exactOptionalPropertyTypes --noUnusedLocals \
  --target es2022 --module esnext --moduleResolution bundler usage.ts masthead.ts
echo "typescript: $(wc -l <masthead.ts) lines of types compile under strict"
