"""Enters one page of a Chinese news site through the API and compares every element with what comes back.

    seed_page.py PATH [--language zh-Hant] [--utc-offset +08:00]

PATH is a text file as a reader copies it from such a page: a breadcrumb with `>`, the title, a line of local time,
source and editor, paragraphs (the first with a dateline and the reporters in brackets) with subheads between them, an
end mark in brackets, and a notice in three clauses numbered ① ② ③. Nothing of the page is kept here: the parser goes
by form, not by words.

Run it under with_demo.sh, or against any server with MASTHEAD_BASE_URL, MASTHEAD_ADMIN_EMAIL, MASTHEAD_ADMIN_PASSWORD
and MASTHEAD_WEB_KEY set. Only the standard library.
"""

import argparse
import datetime
import html
import html.parser
import http.client
import json
import os
import re
import sys
import unicodedata
import urllib.parse

COLON = "[:：]"
QUOTE = "[\"“”「」]"
CLAUSE_KINDS = ("own_work", "reprint", "contact")


# ---- the page -------------------------------------------------------------------------------------------------------

class Page:
    """The elements of a page, each exactly as it stands there."""

    def __init__(self, text):
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        crumb = next(i for i, line in enumerate(lines) if len(re.split(r"\s*[>＞]\s*", line)) > 1)
        self.breadcrumb = re.split(r"\s*[>＞]\s*", lines[crumb])
        meta = re.compile(rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日\s*(\d{{1,2}}):(\d{{2}})\s+\S+?{COLON}(\S+)\s+\S+?{COLON}(\S+)$")
        at = next(i for i, line in enumerate(lines) if meta.match(line))
        self.title = lines[at - 1]
        *when, self.source_label, self.editor = meta.match(lines[at]).groups()
        self.local_time = datetime.datetime(*map(int, when))

        notice = next(i for i, line in enumerate(lines) if "①" in line)
        paragraphs = lines[at + 1 : notice]
        ends = [i for i, p in enumerate(paragraphs) if re.search(r"[（(]\S{1,3}[)）]$", p)]
        if not ends:
            raise ValueError("no end mark")
        self.after_the_end = paragraphs[ends[-1] + 1 :]  # the heading of the notice
        paragraphs = paragraphs[: ends[-1] + 1]
        self.end_mark = re.search(r"[（(]\S{1,3}[)）]$", paragraphs[-1]).group()
        paragraphs[-1] = paragraphs[-1].removesuffix(self.end_mark)

        first = re.match(r"(.+?)(\d{1,2})月(\d{1,2})日\S?\s*[（(]([^()（）]+)[)）](.+)$", paragraphs[0])
        if not first:
            raise ValueError("the first paragraph has no dateline")
        self.agency, month, day, reporters, paragraphs[0] = first.groups()
        self.dateline_date = f"{self.local_time.year:04}-{int(month):02}-{int(day):02}"
        self.reporters = reporters.split()
        # A subhead is a short line that ends no sentence.
        self.blocks = [
            ("heading" if len(p) < 50 and not re.search(r"[。！？!?…”.」]$", p) else "paragraph", p) for p in paragraphs
        ]

        self.clauses = [c.strip() for c in re.split("[①②③④⑤]", " ".join(lines[notice:]))[1:]]
        if len(self.clauses) != 3:
            raise ValueError(f"{len(self.clauses)} clauses, not three")
        # The first clause quotes the labels that mean the site itself; the last quotation is the credit to print.
        quoted = re.findall(rf"{QUOTE}[^\"“”「」:：]+{COLON}([^\"“”「」]+){QUOTE}", self.clauses[0])
        self.credit_label = quoted[-1] if quoted else self.source_label
        own = [name for label in quoted for name in label.split("或")] + [self.source_label]
        self.aliases = [n for i, n in enumerate(own) if n != self.credit_label and n not in own[:i]]
        self.window_days = int(re.search(r"(\d+)\s*日", self.clauses[2]).group(1))
        contact = re.search(rf"{COLON}(\S+)\s+\S+?{COLON}(\+?\d[\d-]{{6,}})\s*$", self.clauses[2])
        self.desk, self.phone = contact.groups()

    def body_html(self):
        tag = {"heading": "h2", "paragraph": "p"}
        return "".join(f"<{tag[k]}>{html.escape(t, quote=False)}</{tag[k]}>" for k, t in self.blocks)


# ---- the API --------------------------------------------------------------------------------------------------------

class Api:
    def __init__(self, base, **headers):
        self.base = urllib.parse.urlsplit(base)
        self.headers = {k.replace("_", "-"): v for k, v in headers.items()}

    def call(self, method, path, body=None, expect=(200, 201), **headers):
        connection = http.client.HTTPConnection(self.base.netloc, timeout=30)
        sent = {**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
        connection.request(method, path, body=data, headers=sent)
        response = connection.getresponse()
        raw = response.read()
        connection.close()
        answer = json.loads(raw) if raw else None
        if response.status not in expect:
            raise SystemExit(f"seed_page: {method} {path} answered {response.status}:\n"
                             + json.dumps(answer, ensure_ascii=False, indent=1)[:3000])
        return answer, response.headers.get("ETag")

    def get(self, path):
        return self.call("GET", path)[0]

    def post(self, path, body, **headers):
        return self.call("POST", path, body, **headers)[0]


def enter(desk, page, language, offset):
    """Everything the page needs, in the order in which a newsroom would enter it; returns the article's and source's id."""
    section = None
    for name in page.breadcrumb:
        section = desk.post("/v1/sections", {"name": name} | ({"parent_id": section} if section else {}))["id"]

    source = desk.post("/v1/sources", {
        "name": page.credit_label, "credit_label": page.credit_label, "aliases": page.aliases, "kind": "own",
    })["id"]
    editor = desk.post("/v1/authors", {"name": page.editor, "real_name": page.editor, "kind": "editor"})["id"]
    reporters = [desk.post("/v1/authors", {"name": n, "kind": "reporter"})["id"] for n in page.reporters]

    in_force = {(n["kind"], n["language"]): n["id"] for n in desk.get("/v1/notices?limit=100")["data"]}
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for kind, text in zip(CLAUSE_KINDS, page.clauses):
        notice = {"text": text, "effective_from": now}
        if kind == "contact":
            notice |= {"contact": {"desk": page.desk, "phone": page.phone}, "claim_window_days": page.window_days}
        if (kind, language) in in_force:  # the demo has one in this language: ours is its next revision
            path = f"/v1/notices/{in_force[kind, language]}"
            desk.call("PATCH", path, notice, If_Match=desk.call("GET", path)[1])
        else:
            desk.post("/v1/notices", {"kind": kind, "language": language} | notice)

    article, etag = desk.call("POST", "/v1/articles", {
        "title": page.title, "language": language, "section_id": section, "source_id": source, "editor_id": editor,
        "dateline": {"agency": page.agency, "date": page.dateline_date},
        "contributors": [{"author_id": a, "role": "reporter"} for a in reporters],
        "body": {"format": "html", "value": page.body_html()}, "end_mark": page.end_mark,
    })
    if not etag:
        etag = desk.call("GET", f"/v1/articles/{article['id']}")[1]
    desk.call("POST", f"/v1/articles/{article['id']}/publish",
              {"publish_at": page.local_time.isoformat() + offset}, If_Match=etag)
    return article["id"], source


# ---- what comes back ------------------------------------------------------------------------------------------------

class Blocks(html.parser.HTMLParser):
    """(kind, text) of each heading and paragraph, without the credit that the server puts at the end."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open, self.outside = [], None, 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, _):
        if tag == "footer":
            self.outside += 1
        elif tag == "p" or re.fullmatch("h[1-6]", tag):
            self.open = ["paragraph" if tag == "p" else "heading", ""]

    def handle_endtag(self, tag):
        if tag == "footer":
            self.outside -= 1
        elif self.open and (tag == "p" or re.fullmatch("h[1-6]", tag)):
            if not self.outside:
                self.found.append(tuple(self.open))
            self.open = None

    def handle_data(self, data):
        if self.open:
            self.open[1] += data


def strings(value):
    """All the strings in a JSON value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def squeeze(text):
    return re.sub(r"\s+", "", text)


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cell(value, size):
    text = re.sub(r"\s+", " ", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    while width(text) > size:
        text = text[: len(text) - 2 - (width(text) - size) // 2] + "…"
    return text + " " * (size - width(text))


class Table:
    def __init__(self):
        self.failed = self.rows = 0
        print(f"{cell('reader', 8)} {cell('element', 22)} {cell('on the page', 40)} {cell('came back', 40)}")

    def row(self, reader, element, wanted, got, good=None):
        good = wanted == got if good is None else good
        self.rows += 1
        self.failed += not good
        print(f"{cell(reader, 8)} {cell(element, 22)} {cell(wanted, 40)} {cell(got, 40)} {'ok' if good else 'DIFFERS'}")
        if not good:
            print(f"    wanted {wanted!r}"[:1500])
            print(f"    got    {got!r}"[:1500])


def names(article, role):
    return [c["name"] for c in article.get("contributors") or [] if c["role"] == role]


def compare_common(table, reader, page, article, language, offset):
    """What every reader gets of an own work, whatever the extent."""
    a = article["attribution"]
    crumbs = [s["name"] for s in article["section"]["breadcrumb"]]
    if len(crumbs) + 1 == len(page.breadcrumb) and article["section"].get("name"):
        crumbs.append(article["section"]["name"])
    local = datetime.datetime.fromisoformat(page.local_time.isoformat() + offset)
    published = datetime.datetime.fromisoformat(article["published_at"].replace("Z", "+00:00"))
    template = {"zh-Hant": "來源：{}", "zh-Hans": "来源：{}"}.get(language, "Source: {}")
    notices = {n["kind"]: n["text"] for n in a["notices"]}

    table.row(reader, "title", page.title, article["title"])
    table.row(reader, "language", language, article["language"])
    table.row(reader, "origin", "own", article["origin"])
    table.row(reader, "breadcrumb", page.breadcrumb, crumbs)
    table.row(reader, "local time as UTC", local.isoformat(), article["published_at"],
              published == local and article["published_at"].endswith("Z"))
    table.row(reader, "credit line", template.format(page.credit_label), a["credit_line"])
    table.row(reader, "source", page.credit_label, a["source"]["name"])
    table.row(reader, "editor", page.editor, a["editor"], page.editor in (a["editor"] or ""))
    table.row(reader, "reporters in the byline", page.reporters, a["byline"], all(n in (a["byline"] or "") for n in page.reporters))
    table.row(reader, "notices", ["contact", "own_work"], sorted(notices))
    table.row(reader, "notice: own_work", page.clauses[0], notices.get("own_work"))
    table.row(reader, "notice: contact", page.clauses[2], notices.get("contact"))


def compare_whole(table, reader, api, page, identity, language, offset):
    """What the desk and an own frontend get: all of it, the same in every format."""
    article = api.get(f"/v1/articles/{identity}?body_format=html")
    compare_common(table, reader, page, article, language, offset)
    dateline = article.get("dateline") or {}
    table.row(reader, "dateline: agency", page.agency, dateline.get("agency"))
    table.row(reader, "dateline: date", page.dateline_date, dateline.get("date"))
    table.row(reader, "reporters", page.reporters, names(article, "reporter"))
    table.row(reader, "end mark", page.end_mark, article.get("end_mark"))

    found = Blocks(article["body"]["value"]).found
    for kind in ("heading", "paragraph"):
        wanted, got = ([t for k, t in blocks if k == kind] for blocks in (page.blocks, found))
        table.row(reader, f"html: {kind}s", f"{len(wanted)}, {sum(map(len, wanted))} characters",
                  f"{len(got)}, {sum(map(len, got))} characters", wanted == got)
        if wanted != got:
            for w, g in zip(wanted, got):
                if w != g:
                    print(f"    wanted {w!r}\n    got    {g!r}")
    table.row(reader, "html: their order", [k[0] for k, _ in page.blocks], [k[0] for k, _ in found])

    blocks = api.get(f"/v1/articles/{identity}?body_format=blocks")["body"]["value"]
    got = [(b["type"], html.unescape(re.sub("<[^>]+>", "", "".join(s for s in strings({k: v for k, v in b.items() if k not in ("type", "id")})))))
           for b in blocks]
    table.row(reader, "blocks", f"{len(page.blocks)} blocks", f"{len(got)} blocks", got == page.blocks)
    for form in ("markdown", "text"):
        value = api.get(f"/v1/articles/{identity}?body_format={form}")["body"]["value"]
        plain = squeeze(html.unescape(value.replace("\\", "")))
        place = in_order = 0
        for _, text in page.blocks:
            place = plain.find(squeeze(text), place)
            if place < 0:
                break
            in_order, place = in_order + 1, place + 1
        table.row(reader, f"{form}: in order", f"{len(page.blocks)} blocks", f"{in_order} blocks", in_order == len(page.blocks))
        if form == "text":
            table.row(reader, "text: credit inside", page.credit_label, "inside" if page.credit_label in value else "not inside",
                      page.credit_label in value)


def compare_excerpt(table, public, page, identity, language, offset):
    article = public.get(f"/v1/articles/{identity}?body_format=html")
    compare_common(table, "public", page, article, language, offset)
    excerpt = squeeze("".join(t for _, t in Blocks((article.get("body") or {}).get("value") or "").found)).rstrip("…")
    whole = squeeze("".join(t for _, t in page.blocks))
    table.row("public", "an excerpt", "whole sentences, ≤ 200", f"{len(excerpt)} of {len(whole)} characters",
              0 < len(excerpt) <= 200 and whole.startswith(excerpt) and excerpt[-1] in "。！？!?；”")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path")
    parser.add_argument("--language", default="zh-Hant")
    parser.add_argument("--utc-offset", default="+08:00")
    options = parser.parse_args()
    with open(options.path, encoding="utf-8") as file:
        page = Page(file.read())
    print(f"seed_page: {len(page.blocks)} blocks, {sum(len(t) for _, t in page.blocks)} characters, "
          f"{len(page.reporters)} reporters, {len(page.clauses)} clauses", flush=True)

    base = os.environ["MASTHEAD_BASE_URL"]
    public = Api(base)
    token = public.post("/v1/auth/login", {
        "email": os.environ["MASTHEAD_ADMIN_EMAIL"], "password": os.environ["MASTHEAD_ADMIN_PASSWORD"],
    })["access_token"]
    desk = Api(base, Authorization=f"Bearer {token}")
    web = Api(base, X_Api_Key=os.environ["MASTHEAD_WEB_KEY"])
    identity, source = enter(desk, page, options.language, options.utc_offset)

    table = Table()
    compare_whole(table, "desk", desk, page, identity, options.language, options.utc_offset)
    compare_whole(table, "web", web, page, identity, options.language, options.utc_offset)
    compare_excerpt(table, public, page, identity, options.language, options.utc_offset)

    kept = desk.get(f"/v1/sources/{source}")
    table.row("desk", "source: kind", "own", kept["kind"])
    table.row("desk", "source: label", page.credit_label, kept["credit_label"])
    table.row("desk", "source: aliases", sorted(page.aliases), sorted(kept["aliases"]))
    notices = {n["kind"]: n for n in desk.get("/v1/notices?limit=100")["data"] if n["language"] == options.language}
    for kind, text in zip(CLAUSE_KINDS, page.clauses):
        table.row("desk", f"clause: {kind}", text, notices[kind]["text"])
    table.row("desk", "contact: desk", page.desk, notices["contact"]["contact"]["desk"])
    table.row("desk", "contact: telephone", page.phone, notices["contact"]["contact"]["phone"])
    table.row("desk", "contact: days", page.window_days, notices["contact"]["claim_window_days"])

    print(f"seed_page: {table.rows} elements compared, {table.failed} differ")
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
