#!/usr/bin/env bash
# What each reader gets of each kind of work, asked by curl from a running demo. Run it under with_demo.sh.
set -euo pipefail
: "${MASTHEAD_BASE_URL:?run this under with_demo.sh}" "${MASTHEAD_READY_FILE:?}" "${MASTHEAD_WEB_KEY:?}"
base=$MASTHEAD_BASE_URL
dir=$(mktemp -d "${TMPDIR:-/tmp}/masthead-curl.XXXXXX")
trap 'rm -rf "$dir"' EXIT
checks=0
failed=0

# get PATH [CURL ARGUMENT…] → $status, the body in $dir/body, the headers in $dir/head
get() {
  local path=$1
  shift
  status=$(curl --silent --show-error --max-time 20 --globoff --output "$dir/body" --dump-header "$dir/head" \
    --write-out '%{http_code}' "$@" "$base$path")
}

# check WHAT PYTHON: the expression sees `b` (the body), `status` and `head`
check() {
  checks=$((checks + 1))
  if python3 - "$dir/body" "$dir/head" "$status" "$2" <<'PY'
import json, sys
raw = open(sys.argv[1], encoding="utf-8").read()
head = open(sys.argv[2], encoding="latin-1").read().lower()
status = int(sys.argv[3])
b = json.loads(raw)

def body(item):
    """The text delivered, or an empty string."""
    return json.dumps((item.get("body") or {}).get("value") or "", ensure_ascii=False).strip('"[]')

def credited(item):
    a = item.get("attribution") or {}
    return bool(a.get("credit_line")) and bool((a.get("source") or {}).get("name"))

def kinds(item):
    return sorted(n["kind"] for n in item["attribution"].get("notices") or [])

def stub(item):
    return credited(item) and not body(item) and not item.get("summary")

ok = eval(sys.argv[4])
if not ok:
    print("      status", status, raw[:600])
sys.exit(not ok)
PY
  then
    echo "ok    $1"
  else
    echo "FAIL  $1"
    failed=$((failed + 1))
  fi
}

ids() { # ORIGIN STAGE
  python3 - "$MASTHEAD_READY_FILE" "$1" "$2" <<'PY'
import json, sys
for a in json.load(open(sys.argv[1], encoding="utf-8"))["articles"]:
    if (a["origin"], a["stage"]) == (sys.argv[2], sys.argv[3]):
        print(a["id"])
PY
}

# The ready file does not say which reprint may not be passed on; the answers must.
own=$(ids own published | sed -n 1p)
stubbed=
for id in $(ids reprint published); do
  get "/v1/articles/$id"
  if python3 -c 'import json, sys; b = json.load(open(sys.argv[1])); sys.exit(bool((b.get("body") or {}).get("value")))' "$dir/body"; then
    stubbed=$id
    break
  fi
done
withdrawn=$(for origin in own reprint; do ids "$origin" withdrawn; done | sed -n 1p)
for kind in own stubbed withdrawn; do
  if [ -z "${!kind}" ]; then
    echo "demo_curl: the demo has no such article: $kind" >&2
    exit 1
  fi
done

token=$(python3 -c 'import json, os
print(json.dumps({"email": os.environ["MASTHEAD_ADMIN_EMAIL"], "password": os.environ["MASTHEAD_ADMIN_PASSWORD"]}))' |
  curl --silent --show-error --fail --max-time 20 --header 'Content-Type: application/json' --data @- "$base/v1/auth/login" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
web=(--header "X-Api-Key: $MASTHEAD_WEB_KEY")
desk=(--header "Authorization: Bearer $token")

get "/v1/articles/$own"
check "no key, own work: 200 with its credit" 'status == 200 and credited(b)'
check "no key, own work: an excerpt, at most 200 characters of text" \
  '0 < len(__import__("re").sub("<footer.*?</footer>|<[^>]+>", "", body(b))) <= 201'
check "no key, own work: the notices own_work and contact" 'kinds(b) == ["contact", "own_work"]'
check "no key, own work: cacheable in public" '"cache-control: public" in head'
excerpt=$(wc -c <"$dir/body")

get "/v1/articles/$stubbed"
check "no key, reprint that may not be passed on: a stub with its credit, no text" 'status == 200 and stub(b)'
get "/v1/articles/$stubbed?body_format=text&fields=title,summary,body"
check "no key, that reprint: asking for the body does not help" 'status == 200 and stub(b)'

get "/v1/articles/$own" "${web[@]}"
check "web key, own work: full text with its credit" 'status == 200 and credited(b) and len(body(b)) > 200'
check "web key, own work: the notices own_work and contact" 'kinds(b) == ["contact", "own_work"]'
check "web key, own work: not for shared caches" '"cache-control: private" in head'
if [ "$(wc -c <"$dir/body")" -le "$excerpt" ]; then
  echo "FAIL  web key, own work: longer than the excerpt"
  failed=$((failed + 1))
fi
get "/v1/articles/$own" --header "Authorization: Bearer $MASTHEAD_WEB_KEY"
check "web key as a bearer token: the same" 'status == 200 and len(body(b)) > 200'
get "/v1/articles/$own" --header "X-Api-Key: mh_no_such_key"
check "a wrong key: 401, not the public's answer" 'status == 401 and b["status"] == 401'

get "/v1/articles/$stubbed" "${web[@]}"
check "web key, reprint: full text with its credit" 'status == 200 and credited(b) and bool(body(b))'
check "web key, reprint: the notices reprint and contact" 'kinds(b) == ["contact", "reprint"]'
check "web key, reprint: original title and source" \
  'bool(b["attribution"]["original"]["title"]) and b["attribution"]["source"]["kind"] == "external"'

get "/v1/articles/$withdrawn"
check "no key, withdrawn: 410, and the title is not told" 'status == 410 and b["status"] == 410 and "attribution" not in b'
get "/v1/articles/$withdrawn" "${web[@]}"
check "web key, withdrawn: 410" 'status == 410 and b["status"] == 410'
get "/v1/articles/$withdrawn?fields=title" "${web[@]}"
check "web key, withdrawn, fields=title: 410" 'status == 410'
get "/v1/articles/$withdrawn" "${desk[@]}"
check "desk, withdrawn: 200 in full" 'status == 200 and b["stage"] == "withdrawn" and bool(body(b))'
for who in public web; do
  args=()
  [ "$who" = web ] && args=("${web[@]}")
  get "/v1/articles?limit=100" ${args[@]+"${args[@]}"}
  check "$who, list: the withdrawn one is not in it, every item has its credit" \
    "status == 200 and b['data'] and all(credited(i) for i in b['data']) and '$withdrawn' not in [i['id'] for i in b['data']]"
  get "/v1/articles/$own?fields=title" ${args[@]+"${args[@]}"}
  check "$who, fields=title: title and credit, no body" \
    'status == 200 and bool(b["title"]) and credited(b) and "body" not in b'
  get "/v1/articles?fields=title&limit=100" ${args[@]+"${args[@]}"}
  check "$who, list, fields=title: every item has its credit, none a body" \
    'status == 200 and all(credited(i) and "body" not in i for i in b["data"])'
done

# What partners get: nothing without a licence but stubs, else what the licence says, with its terms.
key_of() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1], encoding="utf-8"))["keys"][sys.argv[2]])' "$MASTHEAD_READY_FILE" "$1"; }
without=(--header "X-Api-Key: $(key_of partner)")
full=(--header "X-Api-Key: $(key_of partner_full)")
some=(--header "X-Api-Key: $(key_of partner_excerpt)")
get "/v1/articles/$own?body_format=html&fields=body" "${without[@]}"
check "partner without a licence, own work: a stub with its credit" 'status == 200 and stub(b)'
get "/v1/articles/$own/representations/html" "${without[@]}"
check "partner without a licence, document: 403 that names what is missing, no text" \
  'status == 403 and b["type"] == "/problems/licence-required" and b["missing"] == ["licence"] and b["acquire_licence_url"]'
get "/v1/articles?limit=100&count=exact" "${without[@]}"
check "partner without a licence, list: empty" 'status == 200 and b["data"] == [] and b["page"]["total"] == 0'
get "/v1/articles/$own?body_format=html" "${full[@]}"
check "partner with a full licence: all of it, licence, duties and attestation" \
  'status == 200 and credited(b) and b["attribution"]["usage"]["licence_id"] and "no_alteration" in b["attribution"]["usage"]["duties"] and b["attribution"]["attestation"].count(".") == 2'
check "partner with a full licence: the HTML carries the credit as microdata" \
  "'itemprop=\"creditText\"' in b['body']['value'] and b['attribution']['credit_line'] in b['body']['value']"
check "partner with a full licence: kept by no cache, links to its terms" \
  '"cache-control: private, no-store" in head and "rel=\"license\"" in head and "rel=\"canonical\"" in head'
length=$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["body"]["value"]))' "$dir/body")
get "/v1/articles/$own?body_format=text" "${some[@]}"
check "partner with an excerpt licence: an excerpt, said to be one" \
  "status == 200 and b['body']['derived'] == 'excerpt' and 0 < len(b['body']['value']) < $length"
get "/v1/me/licences" "${some[@]}"
check "partner with an excerpt licence: what it holds" 'status == 200 and [l["extent"] for l in b["data"]] == ["excerpt"]'
get "/v1/articles?limit=100" "${full[@]}"
check "partner with a full licence, list: own works and a reprint, none below full" \
  '{i["origin"] for i in b["data"]} == {"own", "reprint"} and all(i["attribution"]["usage"]["extent"] == "full" for i in b["data"])'
get "/v1/articles/$withdrawn" "${full[@]}"
check "partner with a full licence, withdrawn: 410" 'status == 410'
get "/v1/usage?group_by=partner,extent" "${desk[@]}"
check "desk, usage: each body that partners got is counted" \
  'sorted((r["extent"], r["bodies"]) for r in b["data"]) == [("excerpt", 1), ("full", 1)]'

# Under a clock that runs on: what an action answers is the article as it is after it.
source=$(curl --silent --max-time 20 "$base/v1/sources" "${desk[@]}" |
  python3 -c 'import json, sys; print(next(s["id"] for s in json.load(sys.stdin)["data"] if s["kind"] == "own"))')
json=(--header 'Content-Type: application/json')
get /v1/articles "${desk[@]}" "${json[@]}" --data '{"title": "Night ferries begin", "language": "en", "source_id": "'"$source"'",
  "body": {"format": "markdown", "value": "Ferries cross at night from Monday. They come every hour."}}'
new=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["id"])' "$dir/body")
for step in 'publish {} published' 'withdraw {"reason_class":"editorial","reason":"Untrue."} withdrawn' 'reinstate {} published'; do
  read -r action data stage <<<"$step"
  get "/v1/articles/$new/$action" "${desk[@]}" "${json[@]}" --data "$data"
  check "desk, $action: answered as $stage" "status == 200 and b[\"stage\"] == \"$stage\""
done

# The lines that the demo prints for a person to try: they must be five, and they must work as printed.
if [ -n "${MASTHEAD_DEMO_LOG:-}" ]; then
  lines=0
  while IFS= read -r line; do
    lines=$((lines + 1))
    code=0
    bash -c "$line" >"$dir/out" 2>"$dir/err" </dev/null || code=$?
    # 22 is curl's word for an answer of 400 or more under --fail, which a line may want to show
    if { [ "$code" -eq 0 ] || [ "$code" -eq 22 ]; } && [ -s "$dir/out" ]; then
      echo "ok    printed by the demo: $(printf '%s' "$line" | sed 's/mh_[A-Za-z0-9_-]*/mh_…/g; s/eyJ[A-Za-z0-9._-]*/eyJ…/g')"
      head -c 160 "$dir/out" | tr '\n' ' ' | sed 's/^/      /'
      echo
    else
      echo "FAIL  printed by the demo, exit code $code: $line"
      head -c 400 "$dir/err"
      failed=$((failed + 1))
    fi
  done < <(sed -n 's/^[[:space:]]*\(\$ \)\{0,1\}\(curl .*\)$/\2/p' "$MASTHEAD_DEMO_LOG")
  checks=$((checks + lines))
  if [ "$lines" -ne 5 ]; then
    echo "FAIL  the demo prints five curl lines: $lines found"
    failed=$((failed + 1))
  fi
fi

echo "demo_curl: $checks checks, $failed failed"
[ "$failed" -eq 0 ]
