"""The rows of the table: what is owed, and how it is measured. A row is a few lines in ROWS, at the end.

Everything is a pair, measured turn by turn so that drift meets both sides: the server, and what it is held against. A
row that waits for something, or that another recipe measures, has no `measure`.
"""

import base64
import dataclasses
import datetime
import json
import pathlib
import random
import re
import statistics
import time
import typing
import urllib.parse

import data as databases
import template
from machine import Failed, Request, Sample, memory_mb, ops

TEN_THOUSAND, HUNDRED_THOUSAND, MILLION = 10_000, 100_000, 1_000_000

# The work of one article, and a page of a list: what SQLite is asked where the registers are in memory already.
COLUMNS = """a.id, a.revision, a.stage, a.head_version, a.live_version, a.publish_at, a.embargoed_until, a.unpublish_at,
    a.withdrawn_at, a.withdrawal_class, a.withdrawal_reason, a.created_by, a.created_at, a.updated_at, l.version,
    l.visible_from, l.updated_at, v.digest, v.content"""
JOINED = """FROM article_listings l JOIN articles a ON a.id = l.article_id
    JOIN versions v ON v.article_id = l.article_id AND v.n = l.version WHERE l.side = 'live'"""
ONE_ARTICLE = f"SELECT {COLUMNS}, v.body {JOINED} AND l.article_id = ?1"
PAGE_OF_LIST = """SELECT article_id, visible_from FROM article_listings WHERE side = 'live' AND visible_from <= ?1
    AND (visible_from < ?1 OR article_id < ?2) AND visible_until > ?3 ORDER BY visible_from DESC, article_id DESC LIMIT 21"""
ITS_ARTICLES = f"SELECT {COLUMNS} {JOINED} AND l.article_id IN ({{ids}})"

NEWEST_HITS = "SELECT rowid FROM search_texts WHERE search_texts MATCH ?1 ORDER BY rowid DESC LIMIT 21"
THEIR_ARTICLES = f"SELECT {COLUMNS} {JOINED} AND l.article_id IN (SELECT article_id FROM search_docs WHERE side = 'live' AND doc IN ({{ids}}))"

LIST = "/v1/articles?include=section,authors&limit=20"


@dataclasses.dataclass
class Outcome:
    """Ratios of each round, the server's over the other's, and the medians of both sides."""

    ours: Sample = None
    theirs: Sample = None
    rates: list = dataclasses.field(default_factory=list)
    cpus: list = dataclasses.field(default_factory=list)
    # Of what is no pair: the value and its unit.
    value: float = None
    spread: tuple = None
    unit: str = ""
    note: str = ""

    @classmethod
    def of(cls, rounds, note=""):
        side = lambda at: Sample(*(statistics.median(getattr(one[at], name) for one in rounds) for name in ("rate", "cpu")))
        rates = [ours.rate / theirs.rate for ours, theirs in rounds]
        # Nothing was measured of a side that took no tick of CPU.
        cpus = [ours.cpu / theirs.cpu for ours, theirs in rounds if theirs.cpu]
        return cls(side(0), side(1), rates, cpus, note=note)


@dataclasses.dataclass
class Row:
    number: str
    what: str
    measure: typing.Callable = None
    # Requests/s of the other side that are owed at least; its CPU that may be taken at most; a value at most.
    rate: float = None
    cpu: float = None
    most: float = None
    at: int = TEN_THOUSAND
    note: str = ""
    # Left out of the quick run, which has 10,000 articles only.
    quick: bool = True


# ---- what a request is ----------------------------------------------------------------------------------------------


def key(secret):
    return {"X-Api-Key": secret} if secret else {}


def article(who=None, **headers):
    """One article, by a key of the data (`web`, `partner`), or by nobody's."""
    return lambda data: Request(f"/v1/articles/{data.article}", key(who and getattr(data, who)) | headers)


def listed(path=LIST, who="web"):
    return lambda data: Request(path.format(section=data.section), key(who and getattr(data, who)))


def any_article(data):
    return Request(urls=[f"/v1/articles/{id}" for id in data.random_ids(5_000)], headers=key(data.web))


def marks(data, count, places=None):
    """Places in the list of the newest: (visible_from, id) as they are stored."""
    end = data.rows("SELECT visible_from, article_id FROM article_listings WHERE side = 'live' ORDER BY visible_from LIMIT 1")[0]
    newest = data.rows("SELECT max(visible_from) FROM article_listings WHERE side = 'live'")[0][0]
    first, last = (datetime.datetime.fromisoformat(at) for at in (end[0], newest))
    draw = random.Random(databases.SEED)
    sql = "SELECT visible_from, article_id FROM article_listings WHERE side = 'live' AND visible_from <= ? ORDER BY visible_from DESC, article_id DESC LIMIT 1"
    with data.connect() as connection:
        ask = lambda at: connection.execute(sql, [at.isoformat(" ", "microseconds")]).fetchone()
        return [ask(first + (last - first) * draw.uniform(0.1, 1)) for _ in range(count)]


def cursor(server, data, place):
    """The cursor of a place, as the server itself makes those of this list."""
    page = ops.Connection(server.base)
    page.http.request("GET", LIST, headers=key(data.web) | {"Accept-Encoding": "identity"})
    mine = json.loads(page.http.getresponse().read())["page"]["next_cursor"]
    form = json.loads(base64.urlsafe_b64decode(mine + "=" * (-len(mine) % 4)))
    at = datetime.datetime.fromisoformat(place[0]).replace(tzinfo=datetime.timezone.utc)
    micros = (at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)
    text = json.dumps(form | {"k": str(micros), "i": place[1]}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def any_page(server, data):
    return Request(urls=[f"{LIST}&cursor={cursor(server, data, place)}" for place in marks(data, 500)], headers=key(data.web))


# ---- how it is measured: each gives a function from the bench to an Outcome ------------------------------------------


def against_limit(request, conditional=False):
    """The server, and a bare handler with the same bytes."""

    def measure(bench):
        server, data = bench.server(), bench.data()
        asked = request(data)
        body, headers = bench.fetch(server, asked)
        if conditional:
            asked.headers["If-None-Match"], asked.status = headers["ETag"], 304
        plain = Request(asked.path, {k: v for k, v in asked.headers.items() if k == "If-None-Match"}, status=asked.status)
        with bench.programs.stand(body, headers, bench.scratch) as limit:
            note = f"{len(body):,} bytes" if not conditional else ""
            return bench.pair(lambda: bench.load(server, asked), lambda: bench.load(limit, plain), note)

    return measure


def against_reads(request, sql, params, then=None, handler=False):
    """The server without its cache, and the raw statements; with `handler`, the bare handler on top of these."""

    def measure(bench):
        server, data = bench.server(cache=False), bench.data()
        asked = request(server, data)
        file = pathlib.Path(bench.scratch) / "params.json"
        file.write_text(json.dumps(params(data)), encoding="utf-8")
        command = ["read", "--database", data.path, "--sql", sql, "--params", file, "--seconds", bench.seconds]
        raw = lambda: bench.programs.ask(*command, *(["--then", then] if then else []))
        body, headers = bench.fetch(server, dataclasses.replace(asked, path=asked.urls[0]))
        with bench.programs.stand(body, headers, bench.scratch) as limit:

            def theirs():
                took = raw()
                if handler:
                    took.cpu += bench.load(limit, Request("/")).cpu
                return took

            return bench.pair(lambda: bench.load(server, asked), theirs, "raw: one thread")

    return measure


def between(ours, theirs):
    """Two requests, each to a server without its cache: (size or None for the row's own, request of server and data)."""

    def measure(bench):
        sides = []
        for size, request in (ours, theirs):
            server, data = bench.server(size, cache=False), bench.data(size)
            sides.append((server, request(server, data)))
        one, two = (lambda side=side: bench.load(*side) for side in sides)
        return bench.pair(one, two)

    return measure


def searches(sort, share, alone=False):
    """A search for a word that about this share of the articles has; the raw statements look for its newest hits."""

    def measure(bench):
        server, data = bench.server(cache=False), bench.data()
        word, has = common(bench, server, data, share)
        path = "/v1/search?" + urllib.parse.urlencode({"q": f'"{word}"', "sort": sort, "limit": 20})
        asked = Request(urls=[path], headers=key(data.web))
        file = pathlib.Path(bench.scratch) / "params.json"
        file.write_text(json.dumps([[f'"{word}"']]), encoding="utf-8")
        command = ["read", "--database", data.path, "--sql", NEWEST_HITS, "--params", file, "--seconds", bench.seconds]
        raw = lambda: bench.programs.ask(*command, *([] if alone else ["--then", THEIR_ARTICLES]))
        return bench.pair(lambda: bench.load(server, asked), raw, f"{has:.1%} have it; raw: one thread")

    return measure


def common(bench, server, data, share):
    """Of the pairs of ideographs in seeded titles, that which comes next to being in this share of the articles; and its share."""
    titles = data.rows("SELECT json_extract(content, '$.title') FROM versions ORDER BY rowid LIMIT 400")
    pairs = sorted({pair for (title,) in titles for pair in re.findall(r"[\u4e00-\u9fff]{2}", title)})
    total = data.rows("SELECT count(*) FROM article_listings WHERE side = 'live'")[0][0]

    def has(pair):
        path = "/v1/search?" + urllib.parse.urlencode({"q": f'"{pair}"', "count": "exact", "limit": 1})
        return json.loads(bench.fetch(server, Request(path, key(data.web)))[0])["page"]["total"] / total

    return min(((pair, has(pair)) for pair in pairs[:60]), key=lambda found: abs(found[1] - share))


def against_inserts(request, prepare):
    """Requests that write, and raw inserts of the rows that one of them leaves, 32 to a commit."""

    def measure(bench):
        data = bench.data()
        with bench.programs.serve(data.copy("server"), bench.scratch, log="/dev/null") as server:
            asked, once = request(bench, server, data), prepare
            rows = template.rows_left(bench.programs, databases.folder() / "work-server.db", lambda: once(server, asked))
            file = pathlib.Path(bench.scratch) / "template.json"
            database = data.copy("raw")

            def raw():
                file.write_text(json.dumps(template.continued(rows, database)), encoding="utf-8")
                return bench.programs.ask(
                    "insert", "--database", database, "--template", file, "--batch", 32, "--seconds", bench.seconds
                )

            tables = {}
            for row in rows:
                tables[row["table"]] = tables.get(row["table"], 0) + 1
            note = ", ".join(f"{count} {table}" for table, count in tables.items())
            return bench.pair(lambda: bench.load(server, asked), raw, note)

    return measure


def partner_reads(bench, server, data):
    return article("partner")(data)


def get_once(server, asked):
    connection = ops.Connection(server.base)
    connection.http.request(asked.method, asked.path, headers=asked.headers)
    response = connection.http.getresponse()
    response.read()
    if response.status != asked.status:
        raise Failed(f"{asked.path} was answered {response.status}")


def creates(bench, server, data):
    """Drafts with the text of a seeded article, each under a title of its own."""
    secret = databases.token(server)
    text = ops.Connection(server.base, secret).expect(200, "GET", f"/v1/articles/{data.article}")
    draw = random.Random(databases.SEED)
    file = pathlib.Path(bench.scratch) / "drafts.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for _ in range(20_000):
            draft = {
                "title": f"{text['title']} {draw.getrandbits(48):x}", "language": text["language"], "summary": text["summary"],
                "section_id": data.section, "source_id": data.source, "editor_id": data.editor, "tags": text["tags"],
                "body": {"format": "html", "value": text["body"]["value"]},
            }
            lines.write(json.dumps(draft) + "\n")
    return Request("/v1/articles", {"Authorization": f"Bearer {secret}"}, "POST", 201, lines=str(file))


def create_once(server, asked):
    with open(asked.lines, encoding="utf-8") as lines:
        draft = json.loads(next(lines))
    draft["title"] += f" {time.time_ns()}"
    ops.Connection(server.base, asked.headers["Authorization"].split()[1]).expect(201, "POST", asked.path, draft)


def bulk(bench):
    """`masthead seed` into an empty database, and the same rows put there by raw statements, in as many commits."""
    size = 20_000 if not bench.quick else 5_000
    source = databases.folder() / "work-source.db"
    target = databases.folder() / "work-target.db"

    def empty(path):
        for end in ("", "-wal", "-shm"):
            pathlib.Path(f"{path}{end}").unlink(missing_ok=True)
        bench.programs.run(path, "migrate")

    def ours():
        empty(source)
        before = bench.children()
        out = bench.programs.run(source, "seed", "--articles", str(size))
        seconds = float(re.search(r"in ([\d.]+) s", out)[1])
        return Sample(size / seconds, (bench.children() - before) / size * 1e6)

    def theirs():
        empty(target)
        return bench.programs.ask("copy", "--from", source, "--into", target, "--transactions", max(1, size // 800))

    return bench.pair(ours, theirs, f"{size:,} articles; texts are made and digested beside it", warm=False)


def memory(bench):
    """What the server has resident after each kind of load, and the most that it had."""
    data = bench.data()
    with bench.programs.serve(data.copy("memory"), bench.scratch, log="/dev/null") as server:
        for request in (article(), article("web"), article("partner"), listed(), any_article):
            bench.load(server, request(data))
        bench.load(server, any_page(server, data))
        now, most = memory_mb(server.pid)
    return Outcome(value=now, unit="MB", note=f"peak {most:.0f} MB")


def start(bench):
    """From the command to the first answer with an article."""
    data, times = bench.data(), []
    path = data.copy("start")
    for _ in range(6):
        with bench.programs.serve(path, bench.scratch, log="/dev/null") as server:
            bench.fetch(server, article("web")(data))
            times.append(time.perf_counter() - server.begun)
    # The first start reads the file from the disk; the others are those of a restart.
    return Outcome(value=statistics.median(times[1:]), spread=(min(times[1:]), max(times[1:])), unit="s", note=f"first {times[0]:.2f} s")


def size(bench):
    return Outcome(value=pathlib.Path(bench.programs.masthead).stat().st_size / 1e6, unit="MB", note="the release binary, symbols kept")


def build(bench):
    """What cargo took for the server, the limit and the raw statements, if it had to build all of them."""
    if bench.programs.built is None:
        return None
    return Outcome(value=bench.programs.built, unit="s", note="with what the other sides of the rows need")


def page_at(number):
    def request(server, data):
        pages = min(number, data.articles // 20 - 1)
        place = data.rows(
            "SELECT visible_from, article_id FROM article_listings WHERE side = 'live' ORDER BY visible_from DESC, article_id DESC"
            " LIMIT 1 OFFSET ?", (pages - 1) * 20 - 1)[0]
        return Request(f"{LIST}&cursor={cursor(server, data, place)}", key(data.web))

    return request


def places_of(data):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
    return [[*place, now] for place in marks(data, 500)]


first_page = lambda server, data: listed()(data)
ids = lambda data: [[id] for id in data.random_ids(5_000)]
cold_article = lambda server, data: any_article(data)
BETWEEN = "section={section}&published_from=2020-01-02T00:00:00Z&published_until=2020-01-05T00:00:00Z"

ROWS = [
    Row("1", "one article, hot, public", against_limit(article()), rate=0.80, cpu=1.4),
    Row("1w", "one article, hot, first party", against_limit(article("web")), rate=0.80, cpu=1.4),
    Row("1b", "the same, compressed by brotli", against_limit(article("web", **{"Accept-Encoding": "br"})), rate=0.80, cpu=1.4),
    Row("2", "one article to a licensed partner, a row of the ledger each: against raw inserts of these rows",
        against_inserts(partner_reads, get_once), rate=0.70),
    Row("2l", "the same, against the limit (reported, not owed)", against_limit(article("partner"))),
    Row("3", "If-None-Match answered 304", against_limit(article("web"), conditional=True), rate=0.80),
    Row("4", "20 newest with section and authors, hot", against_limit(listed()), rate=0.70),
    Row("4s", "the same of one section between two dates", against_limit(listed(f"{LIST}&{BETWEEN}")), rate=0.70),
    Row("5", "one article, cold, random: against the raw query and the limit",
        against_reads(cold_article, ONE_ARTICLE, ids, handler=True), cpu=2.0, at=MILLION),
    Row("6", "list of 20, cold, expanded, random: against the raw queries",
        against_reads(any_page, PAGE_OF_LIST, places_of, then=ITS_ARTICLES), cpu=2.0, at=MILLION),
    Row("7", "page 10,000 against the first, cold", between((None, page_at(10_000)), (None, first_page)), cpu=1.1, at=MILLION),
    Row("8", "one article, cold: 1,000,000 against 10,000", between((MILLION, cold_article), (TEN_THOUSAND, cold_article)),
        cpu=1.3, at=MILLION, quick=False),
    Row("8l", "list of 20, cold: 1,000,000 against 10,000", between((MILLION, any_page), (TEN_THOUSAND, any_page)),
        cpu=1.3, at=MILLION, quick=False),
    Row("9", "search, a two-character word, newest first: against the raw FTS5 query and the rows of the page",
        searches("-published_at", 0.01), cpu=1.3, at=HUNDRED_THOUSAND),
    Row("9f", "the same against the raw FTS5 query alone", searches("-published_at", 0.01, alone=True), cpu=1.3, at=HUNDRED_THOUSAND),
    Row("9r", "search by relevance, a word that 30 % of the articles have: against the same", searches("relevance", 0.3), cpu=1.3,
        at=HUNDRED_THOUSAND),
    Row("10", "create an article: against raw inserts of the same rows", against_inserts(creates, create_once), rate=0.60),
    Row("11", "bulk load: against raw batched inserts", bulk, rate=0.50, note="with the search index"),
    Row("12", "memory after the load", memory, most=150, at=HUNDRED_THOUSAND),
    Row("13", "start to first answer", start, most=0.3, at=HUNDRED_THOUSAND),
    Row("14", "embargo, revocation, withdrawal at the exact instant", note="`just stale`"),
    Row("15", "size of the binary", size, most=80),
    Row("16", "release build of everything, from nothing", build, most=900, note="only where nothing was built before"),
]
