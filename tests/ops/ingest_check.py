"""Takes a page in through the API and holds the report against the page.

    ingest_check.py [PATH]

PATH is a text or HTML file, by its ending; without it the tests' own damaged page. What the page says is printed for the eye:
title, time, source, editor, reporters, dateline, subheads, clauses, every damaged place. What must hold of any page is checked:
each place that is told stands where it is told to stand, nothing that was injected is left in the draft but beside what is
broken, what was taken out or put in is listed, a dry run keeps nothing, and the same bytes are taken in once.

Run it under with_demo.sh. Only the standard library.
"""

import collections
import html
import json
import os
import pathlib
import re
import sys
import urllib.request

OWN = pathlib.Path(__file__).resolve().parents[1] / "api" / "ingest" / "damaged.txt"
BASE = os.environ["MASTHEAD_BASE_URL"]


def call(method, path, data=None, media_type="application/json", token=None, headers=None):
    request = urllib.request.Request(BASE + path, data=data, method=method, headers={"Content-Type": media_type} | (headers or {}))
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read() or b"null"), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null"), error.headers


def ready(token, page):
    """A zone, and the page's own source and people, so that what is found can be seen."""
    _, _, headers = call("GET", "/v1/settings", token=token)
    call("PATCH", "/v1/settings", json.dumps({"time_zone": "Asia/Shanghai"}).encode(), "application/merge-patch+json", token,
         {"If-Match": headers["ETag"]})
    _, answer, _ = call("POST", "/v1/ingest?dry_run=true", page[0], page[1], token)
    report = answer["report"]
    if report["source"]:
        labels = (report["notices"] or {}).get("own_labels") or []
        label = next((one for one in labels if len(one) > 3), report["source"]["label"])
        source = {"name": label, "credit_label": label, "kind": "own", "aliases": sorted({report["source"]["label"]} - {label})}
        call("POST", "/v1/sources", json.dumps(source).encode(), token=token)


def main():
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OWN
    raw = path.read_bytes()
    page = (raw, "text/html" if path.suffix.lower() in (".html", ".htm") else "text/plain")
    login = {"email": os.environ["MASTHEAD_ADMIN_EMAIL"], "password": os.environ["MASTHEAD_ADMIN_PASSWORD"]}
    token = call("POST", "/v1/auth/login", json.dumps(login).encode())[1]["access_token"]
    ready(token, page)
    checks = {}
    before = call("GET", "/v1/articles?count=exact&limit=1", token=token)[1]["page"]["total"]
    status, dry, _ = call("POST", "/v1/ingest?dry_run=true", *page, token)
    checks["a dry run keeps nothing"] = status == 200 and before == call("GET", "/v1/articles?count=exact&limit=1", token=token)[1]["page"]["total"]
    status, answer, _ = call("POST", "/v1/ingest?add_authors=true", *page, token)
    if status != 201:
        raise SystemExit(f"the page is refused: {status} {json.dumps(answer, ensure_ascii=False)}")
    report, article = answer["report"], answer["article"]
    for name in ("title", "source", "source_match", "editor", "reporters", "published", "dateline", "end_mark", "subheads", "paragraphs", "breadcrumb",
                 "language", "script", "encoding", "notices", "warnings"):
        print(f"{name}: {json.dumps(report[name], ensure_ascii=False)}")
    damage = collections.Counter((one["kind"], one["cause"]) for one in report["damage"])
    for (kind, cause), count in sorted(damage.items()):
        print(f"damage: {kind} {cause}: {count}")
    for one in report["damage"]:
        if one["kind"] != "pinyin":
            print(f"damage: at {one['offset']}: {one['quote']!r} → {one['proposal']!r} {one['reading'] or ''}")
    if page[1] == "text/plain" and report["encoding"]["name"] == "UTF-8":
        text = raw.decode()
        there = all(text[one["offset"] : one["offset"] + len(one["quote"])] == one["quote"] for one in report["damage"])
        checks["every damaged place stands where it is told to"] = there
    body = html.unescape(re.sub(r"<[^>]+>", "", article["body"]["value"]))
    syllable = re.compile(r"[\u3400-\u9fff][(（]([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,7})[)）]")
    left = [found.group() for found in syllable.finditer(body)]
    broken = "".join(one["quote"] for one in report["damage"] if one["kind"] == "encoding")
    checks[f"nothing that was injected is left, but beside what is broken {left}"] = all(one[1:] in broken for one in left)
    again, known, _ = call("POST", "/v1/ingest", *page, token)
    checks["the same bytes are taken in once"] = again == 200 and known["article"]["id"] == article["id"]
    checks["the dry run said what was done"] = dry["report"]["damage"] == report["damage"]
    checks["there is a title, and a body"] = bool(report["title"]) and bool(body)
    for what, good in checks.items():
        print(f"ingest-check: {'ok  ' if good else 'FAIL'} {what}")
    sys.exit(0 if all(checks.values()) else 1)


if __name__ == "__main__":
    main()
