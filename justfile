# Every command of this project that is worth naming. The README and CI name these recipes; nothing is said twice.
# What is longer than a few lines is a script in tests/ops/.

set shell := ["bash", "-euo", "pipefail", "-c"]

ops := justfile_directory() / "tests/ops"
demo := ops / "with_demo.sh"

# What there is
default:
    @just --list --unsorted

# ---- build and test: Rust and a C compiler, nothing else ------------------------------------------------------------

# The release binary; nothing where MASTHEAD_BIN names another one, which the scripts then run
build:
    {{ if env("MASTHEAD_BIN", "") == "" { "cargo build --release" } else { "test -x \"$MASTHEAD_BIN\"" } }}

# The tests, on SQLite; on PostgreSQL too when MASTHEAD_TEST_POSTGRES_URL is set
test:
    cargo test

# The tests on both engines, with a private PostgreSQL cluster that is gone afterwards
test-postgres:
    {{ ops }}/with_postgres.sh cargo test

# Formats the code
fmt:
    cargo fmt

# What a review need not say: format and clippy
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Licences, sources and banned crates (needs cargo-deny)
deny:
    cargo deny --locked check licenses bans sources

# Writes the OpenAPI document that the code describes
openapi:
    mkdir -p openapi
    cargo run --quiet -- openapi > openapi/.masthead.v1.json.new
    mv openapi/.masthead.v1.json.new openapi/masthead.v1.json

# Fails when the committed OpenAPI document is not the one that the code describes
openapi-drift:
    {{ ops }}/openapi_drift.sh

# What must be green before a commit
check: lint openapi-drift test
    @if command -v cargo-deny > /dev/null; then {{ just_executable() }} deny; else echo "check: cargo-deny is not installed, licences are not checked"; fi

# ---- a closer look at one promise -----------------------------------------------------------------------------------

# Every operation of the document: without a token, with the wrong scope, with the right one
access:
    {{ ops }}/named_tests.sh --test api access::

# The rule book: audience × work × surface × projection
rulebook:
    {{ ops }}/named_tests.sh --test api rulebook::

# The rules over generated cases: reader × work × projection × clock through decide, present and serialise
laws:
    {{ ops }}/named_tests.sh --lib rights::tests

# What a partner with an excerpt licence can get, by any combination of what can be asked
excerpt:
    {{ ops }}/named_tests.sh --test api licensing::excerpt

# An article can't be answered without `clear`: doctests that must not compile, beside twins that must
seal:
    {{ ops }}/named_tests.sh --doc rights

# Every change that cargo-mutants knows of src/rights: a test has to fail of each (needs cargo-mutants)
mutants *ARGS:
    {{ ops }}/mutants.sh {{ ARGS }}

# Malformed, oversized, forged and hostile requests
bad-input:
    {{ ops }}/named_tests.sh --test api bad_input::

# Every migration up, down and up again, on both engines
migrations:
    {{ ops }}/with_postgres.sh {{ ops }}/named_tests.sh migration

# ---- the product, run as a person would -----------------------------------------------------------------------------

# A small newsroom on a temporary database
demo *ARGS:
    cargo run --release -- demo {{ ARGS }}

# What curl gets without a key, with the web key and as the desk; and the lines that the demo prints
demo-curl: build
    {{ demo }} {{ ops }}/demo_curl.sh

# The README's walk from a claim to the restoration of the work, as it stands there, against a running demo
claims-walk: build
    {{ demo }} {{ ops }}/claims_walk.sh

# The documentation for partners, block by block as it stands, against a running demo with a licensed partner's key
partners-walk: build
    {{ demo }} {{ ops }}/partners_walk.sh

# Generated requests against a running demo: no server error, no answer outside the document
schemathesis: build
    {{ demo }} {{ ops }}/schemathesis.sh

# The document is valid, and clean under Redocly's recommended rules
spec-lint:
    {{ ops }}/spec_lint.sh

# The types made from the document compile under `strict`
typescript:
    {{ ops }}/typescript.sh

# /docs/ in headless Chromium: sees the operations, tries one with a key, and no request leaves the host
docs-browser: build
    {{ demo }} node {{ ops }}/docs_browser.mjs

# `kill -9` while writes stream in, MASTHEAD_CRASH_ROUNDS times (20): every acknowledged write is there
crash: build
    python3 {{ ops }}/crash.py

# `kill -9` while partners read: the ledger has a row for every body that arrived whole
ledger-crash: build
    python3 {{ ops }}/ledger_crash.py

# `masthead mirror` and the server killed with -9 while works come and go (MASTHEAD_MIRROR_ROUNDS, 20): the folder is what the key may read
mirror-crash: build
    python3 {{ ops }}/mirror.py

# 10,000 works on the schedule: out at their second with nobody writing it down, told once and in order, on both engines
schedule:
    {{ ops }}/with_postgres.sh {{ ops }}/named_tests.sh --test api -- articles::agenda articles::schedule

# `kill -9` while the agenda is written down, MASTHEAD_CRASH_ROUNDS times (20): each event is told once and in order
agenda-crash: build
    python3 {{ ops }}/agenda_crash.py

# 20,000 random operations on two nodes at once, on each engine: consumers that are killed end with what they may have
changes-model STEPS="20000":
    MASTHEAD_TEST_STEPS={{ STEPS }} {{ ops }}/with_postgres.sh {{ ops }}/named_tests.sh --test api changes::model

# `kill -9` while many articles are published at once and by a job: each is published once and in the order given
bulk-crash: build
    python3 {{ ops }}/bulk_crash.py

# Whole answers before an embargo ends are those of a database without the article, on both engines
embargo:
    {{ ops }}/with_postgres.sh {{ ops }}/named_tests.sh --test api articles::embargo

# Two nodes over PostgreSQL, 32 connections: a withdrawal holds at once on its node and for partners, on the other within a second
withdrawal: build
    {{ ops }}/with_postgres.sh python3 {{ ops }}/withdrawal.py

# Two nodes over PostgreSQL, 32 connections: no body leaves any node after a right's end; a 304 none on its node, a second on the other
revocation: build
    {{ ops }}/with_postgres.sh python3 {{ ops }}/revocation.py

# Webhooks to a receiver that fails, hangs, answers 429, 500 and 410, and dies; kill -9 on both sides: nothing lost, order kept, signatures verify
webhooks: build
    {{ ops }}/with_postgres.sh python3 {{ ops }}/webhooks.py

# Three nodes over PostgreSQL, one killed with -9 under load; what one writes, the others show within a second
nodes: build
    {{ ops }}/with_postgres.sh python3 {{ ops }}/nodes.py

# A streaming read replica, paused and killed: who has written never gets an answer from before
replicas: build
    {{ ops }}/with_postgres.sh --replica python3 {{ ops }}/replicas.py

# Every answer of a run under load, held against what was right at its time: writes and the clock's ends, on both engines
stale: build
    {{ ops }}/with_postgres.sh python3 {{ ops }}/stale.py

# Every article and feed of the demo in every form, held against what the form allows; NINJS_SCHEMA may name IPTC's own file
[no-cd]
formats NINJS_SCHEMA=(ops / "ninjs.schema.json"): build
    {{ demo }} python3 {{ ops }}/formats.py {{ quote(NINJS_SCHEMA) }}

# The signed statement of a delivery, verified from the JWKS alone by PyJWT and jwcrypto; each tampering fails
attestation: build
    {{ demo }} python3 {{ ops }}/attestation.py

# Backups under write load, some killed, each restored into a database of its own and served: nothing is lost; both engines
backup-drill: build
    {{ ops }}/with_postgres.sh python3 {{ ops }}/backup_drill.py

# 100,000 articles (MASTHEAD_TRANSFER_ARTICLES) from SQLite to PostgreSQL and to a new SQLite file: digests of all tables
transfer: build
    {{ ops }}/with_postgres.sh python3 {{ ops }}/transfer.py

# The build that speaks TLS to PostgreSQL, against a cluster with its own authority: right and wrong ones, names, no TLS
postgres-tls:
    {{ ops }}/postgres_tls.sh

# `masthead seed`: how many articles a second, and whether the same seed makes the same newsroom
seed-rate: build
    {{ ops }}/seed_rate.sh

# Enters a news agency's page (a text file, PATH) through the API and compares what comes back
[no-cd]
seed-page PATH: build
    {{ demo }} python3 {{ ops }}/seed_page.py {{ quote(PATH) }}

# Takes a page in (a text or HTML file, PATH; the tests' own damaged page without one) and holds the report against it
[no-cd]
ingest-check PATH=(justfile_directory() / "tests/api/ingest/damaged.txt"): build
    {{ demo }} python3 {{ ops }}/ingest_check.py {{ quote(PATH) }}

# `masthead import` killed with -9 again and again: each page is taken in, and once
import-crash: build
    python3 {{ ops }}/import_crash.py

# 200 searches over 100,000 articles (MASTHEAD_SEARCH_ARTICLES): the same hits on both engines, and those that a scan finds
search-parity: build
    {{ ops }}/with_postgres.sh python3 {{ ops }}/search_parity.py

# What the reprint check finds of 400 stories, copied in eight ways, and of unrelated ones: the table
reprint-figures:
    {{ ops }}/named_tests.sh --lib reprints::tests::evaluation -- --nocapture

# The readers of pages, wires and queries under cargo fuzz, ten minutes each (MASTHEAD_FUZZ_SECONDS), side by side
fuzz:
    {{ ops }}/fuzz.sh

# ---- speed: benches/, and "Speed" in the README ----------------------------------------------------------------------

# Ratios to what the machine could do, in a table; all rows write benches/RESULTS.md (needs oha; about 20 minutes)
bench *ROWS:
    python3 benches/run.py {{ ROWS }}

# The same over 10,000 articles, with runs of a second: a look, nothing for the record
bench-quick *ROWS:
    python3 benches/run.py --quick {{ ROWS }}

# The pure parts by criterion: decide, clear, present, serialise, diff, texts
bench-rules *FILTER:
    cargo bench --bench rules -- {{ FILTER }}

# A flame graph of the server under a row's load, in target/ (needs oha, perf and inferno)
profile *ARGS:
    python3 benches/profile.py {{ ARGS }}

# Builds what `bench` and `profile` need besides (oha, inferno) into DIR; takes minutes
[no-cd]
bench-tools DIR="/tmp/masthead-tools":
    {{ ops }}/install_bench_tools.sh {{ quote(DIR) }}

# ---- all of it ------------------------------------------------------------------------------------------------------

# All that the project claims to show, one after another; MASTHEAD_SEED_PAGE names the page for `seed-page`
shows: build test access rulebook laws excerpt seal bad-input migrations demo-curl claims-walk partners-walk attestation schemathesis spec-lint typescript docs-browser crash ledger-crash agenda-crash bulk-crash schedule embargo withdrawal revocation changes-model mirror-crash webhooks nodes replicas stale formats seed-rate search-parity ingest-check import-crash reprint-figures backup-drill transfer postgres-tls
    @if [ -n "${MASTHEAD_SEED_PAGE:-}" ]; then {{ just_executable() }} seed-page "$MASTHEAD_SEED_PAGE"; else echo "shows: MASTHEAD_SEED_PAGE is not set, 'seed-page' was left out"; fi

# What CI runs, on a machine that has the tools already (`just tools`)
ci: check test-postgres shows

# Installs the tools that the recipes above need into DIR, and prints the line that puts them on the PATH
[no-cd]
tools DIR="/tmp/masthead-tools":
    {{ ops }}/install_tools.sh {{ quote(DIR) }}
