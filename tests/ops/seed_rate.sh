#!/usr/bin/env bash
# How fast `masthead seed` fills a fresh SQLite file, and whether the same seed makes the same newsroom twice. The rate
# is printed, not judged: a busy machine must not fail a run.
#   MASTHEAD_SEED_ARTICLES (20000)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=${MASTHEAD_BIN:-${CARGO_TARGET_DIR:-$root/target}/release/masthead}
articles=${MASTHEAD_SEED_ARTICLES:-20000}
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-seed.XXXXXX")
trap 'rm -rf "$dir"' EXIT
# A name of MASTHEAD_ that the program does not know is a fault to it.
unset ${!MASTHEAD_@} DATABASE_URL

for file in one two; do
  # The tables first, so that the rate is that of the articles.
  "$bin" --database-url "sqlite://$dir/$file.db" migrate >/dev/null
  start=$(date +%s%N)
  "$bin" --database-url "sqlite://$dir/$file.db" seed --articles "$articles" --seed 7 >"$dir/$file.out"
  end=$(date +%s%N)
  awk -v n="$articles" -v ns="$((end - start))" -v f="$file" \
    'BEGIN { printf "seed_rate: file %s: %d articles in %.2f s, %.0f articles/s\n", f, n, ns / 1e9, n / (ns / 1e9) }'
done

python3 - "$dir/one.db" "$dir/two.db" "$articles" <<'PY'
import hashlib, sqlite3, sys

def look(path):
    """Rows per table, and a digest of each column that holds text which the seed must decide."""
    db = sqlite3.connect(path)
    # Not the virtual ones, which Python's own SQLite may be too old to open: what they hold is in tables of theirs.
    tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                                       " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")]
    counts, digests = {}, {}
    for table in tables:
        counts[table] = db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        for column in (r[1] for r in db.execute(f'PRAGMA table_info("{table}")')):
            if column in ("slug", "name", "title_key", "content", "body", "digest"):
                rows = db.execute(f'SELECT "{column}" FROM "{table}" ORDER BY 1').fetchall()
                digests[f"{table}.{column}"] = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
    return counts, digests, db.execute("PRAGMA integrity_check").fetchone()[0]

one, two, wanted = look(sys.argv[1]), look(sys.argv[2]), int(sys.argv[3])
for table, count in one[0].items():
    if count:
        print(f"seed_rate: {count:8} {table}")
faults = [f"{k}: {one[0].get(k)} and {two[0].get(k)} rows" for k in sorted(one[0].keys() | two[0].keys()) if one[0].get(k) != two[0].get(k)]
faults += [f"{k} differs" for k in sorted(one[1].keys() | two[1].keys()) if one[1].get(k) != two[1].get(k)]
if one[0].get("articles") != wanted:
    faults.append(f"{one[0].get('articles')} articles, not {wanted}")
if "versions.digest" not in one[1]:
    faults.append("there is no column versions.digest: no text was compared")
faults += [f"integrity_check: {x[2]}" for x in (one, two) if x[2] != "ok"]
for fault in faults:
    print("seed_rate: FAIL", fault, file=sys.stderr)
print(f"seed_rate: {len(one[0])} tables and {len(one[1])} columns compared, {len(faults)} differences")
sys.exit(bool(faults))
PY
