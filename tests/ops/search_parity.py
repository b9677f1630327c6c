"""200 searches over seeded articles: the same hits on both engines, and those that a scan of the texts finds.

Two databases are filled from the same seed, SQLite and PostgreSQL. Each query's count, and its newest hits (all of them, up to
MASTHEAD_SEARCH_HITS), must be the same on both and the same as a scan of the stored texts by `in` finds: of two-character words
of the dictionary, of pairs that no dictionary has, of phrases, of words in titles, of exclusions, of English words.

Only the standard library. MASTHEAD_TEST_POSTGRES_URL names the server (with_postgres.sh does). From the environment:
MASTHEAD_SEARCH_ARTICLES (100,000), MASTHEAD_SEARCH_HITS (300), MASTHEAD_BIN (default: the release build).
"""

import json
import os
import random
import re
import sqlite3
import sys
import time
import urllib.parse

from backup_drill import database, masthead
from server import Connection, Server, report, scratch

ARTICLES = int(os.environ.get("MASTHEAD_SEARCH_ARTICLES") or 100_000)
HITS = int(os.environ.get("MASTHEAD_SEARCH_HITS") or 300)


class Text:
    """What can be found of an article, field by field."""

    def __init__(self, slug, content, body):
        content = json.loads(content)
        original = content.get("original") or {}
        line = content.get("dateline") or {}
        self.slug = slug
        self.title = "\n".join(filter(None, [content["title"], content.get("subtitle"), original.get("title")]))
        self.summary = content["summary"]
        blocks = [block.get("text") or "" for block in json.loads(body)]
        self.body = "\n".join([*blocks, *content["tags"], line.get("place") or "", line.get("agency") or ""])

    def has(self, word, field=None):
        fields = [self.title] if field == "title" else [self.title, self.summary, self.body]
        if word.isascii():
            pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
            return any(pattern.search(text) for text in fields)
        return any(word in text for text in fields)


def texts(path):
    """Of a database at rest, the newest first."""
    query = """SELECT l.slug, v.content, v.body FROM article_listings l JOIN versions v
               ON v.article_id = l.article_id AND v.n = l.version WHERE l.side = 'live' ORDER BY l.visible_from DESC, l.article_id DESC"""
    with sqlite3.connect(path) as connection:
        return [Text(*row) for row in connection.execute(query)]


def queries(found):
    """(query, what a text must be): 200 of them, by what stands in the texts."""
    draw = random.Random(1)
    chinese = [text for text in found if not text.title.isascii()]
    words = sorted({pair for text in chinese[:500] for pair in re.findall(r"[\u4e00-\u9fff]{2}", text.title)})
    titles = [re.sub(r"[^\u4e00-\u9fff]", "", text.title) for text in chinese[:2000]]
    bodies = [max(text.body.split("\n"), key=len) for text in chinese[:2000]]
    all_ = []

    def add(query, test):
        if len(all_) < 200 and query not in [known for known, _ in all_]:
            all_.append((query, test))

    for word in words[:40]:
        add(word, lambda text, word=word: text.has(word))
        add(f"title:{word}", lambda text, word=word: text.has(word, "title"))
    while len(all_) < 120:
        body = draw.choice(bodies)
        at = draw.randrange(len(body) - 2)
        pair = body[at : at + 2]
        if re.fullmatch(r"[\u4e00-\u9fff]{2}", pair):
            add(f'"{pair}"', lambda text, pair=pair: text.has(pair))
    while len(all_) < 165:
        body = draw.choice(bodies)
        at, length = draw.randrange(len(body) - 8), draw.randrange(5, 9)
        phrase = body[at : at + length]
        if re.fullmatch(r"[\u4e00-\u9fff]+", phrase):
            add(f'"{phrase}"', lambda text, phrase=phrase: text.has(phrase))
    while len(all_) < 185:
        one, other = draw.sample(words, 2)
        add(f"title:{one} -title:{other}", lambda text, one=one, other=other: text.has(one, "title") and not text.has(other, "title"))
    while len(all_) < 192:
        title = draw.choice(titles)
        add(f'title:"{title[1:7]}"', lambda text, part=title[1:7]: text.has(part, "title"))
    for word in ("harbour", "council", "ferry", "museum", "weather", "railway", "minister", "housing"):
        add(f"title:{word}", lambda text, word=word: text.has(word, "title"))
    return all_


def hits(desk, query):
    """The count, and the slugs of the newest."""
    path = f"/v1/search?{urllib.parse.urlencode({'q': query, 'sort': '-published_at', 'limit': 100, 'fields': 'slug', 'count': 'exact'})}"
    page = desk.expect(200, "GET", path)
    total, slugs = page["page"]["total"], [hit["slug"] for hit in page["data"]]
    cursor = page["page"]["next_cursor"]
    while cursor and len(slugs) < HITS:
        page = desk.expect(200, "GET", f"{path}&cursor={cursor}")
        slugs += [hit["slug"] for hit in page["data"]]
        cursor = page["page"]["next_cursor"]
    return total, slugs[:HITS]


def best(base, query):
    """The first pages of what anybody finds, best first, and how they part: lists, in their order."""
    path = f"/v1/search?{urllib.parse.urlencode({'q': query, 'limit': 50, 'fields': 'slug', 'count': 'exact', 'facets': 'section,source,year'})}"
    anybody = Connection(base)
    page = anybody.expect(200, "GET", path)
    told = [page["page"]["total"], page["facets"], [hit["slug"] for hit in page["data"]]]
    if page["page"]["next_cursor"]:
        told.append([hit["slug"] for hit in anybody.expect(200, "GET", f"{path}&cursor={page['page']['next_cursor']}")["data"]])
    return told


def serve(url, folder, name):
    server = Server(url, folder, name, secret="a secret of this drill that is long enough")
    masthead("seed", "--articles", str(ARTICLES), "--database-url", url)
    server.make_admin()
    server.start()
    return server, Connection(server.base, server.login())


def main():
    with scratch("search") as folder:
        path = folder / "search.db"
        begun = time.monotonic()
        sqlite, lite = serve(f"sqlite://{path}", folder, "sqlite")
        print(f"search-parity: {ARTICLES} articles on SQLite in {time.monotonic() - begun:.0f} s", flush=True)
        begun = time.monotonic()
        postgres, post = serve(database("search_parity"), folder, "postgres")
        print(f"search-parity: {ARTICLES} articles on PostgreSQL in {time.monotonic() - begun:.0f} s", flush=True)
        found = texts(path)
        unlike, missed, strange, asked, scanned = [], [], [], queries(found), 0
        signed = 0.0
        spent = {"SQLite": 0.0, "PostgreSQL": 0.0}
        for query, test in asked:
            # Tokens end after fifteen minutes.
            if time.monotonic() - signed > 600:
                lite.token, post.token, signed = sqlite.login(), postgres.login(), time.monotonic()
            answers = []
            for name, desk in (("SQLite", lite), ("PostgreSQL", post)):
                begun = time.monotonic()
                answers.append(hits(desk, query))
                spent[name] += time.monotonic() - begun
            expected = [text.slug for text in found if test(text)]
            scanned += len(expected)
            if answers[0][0] != answers[1][0] or set(answers[0][1]) != set(answers[1][1]):
                unlike.append(query)
            if answers[0][0] != len(expected):
                missed.append((query, answers[0][0], len(expected)))
            if set(answers[0][1]) - set(expected):
                strange.append(query)
        # In the other script, by beginnings and mixed, and as anybody sees it: held against each other alone.
        more = [query for query, _ in asked[::8]] + ["港口 经济", "經濟 發展", "harb*", "经*", "AI 技术", "body:市场", "summary:市场", "市场 -发展"]
        apart = [query for query in more if best(sqlite.base, query) != best(postgres.base, query)]
        print(f"search-parity: {len(asked)} queries, {scanned} hits in all; SQLite {spent['SQLite']:.1f} s, PostgreSQL {spent['PostgreSQL']:.1f} s")
        good = report("search-parity", {
            f"200 queries were asked ({len(asked)})": len(asked) == 200,
            f"the same hits on both engines {unlike[:5]}": not unlike,
            f"the same in the same order, and parted alike, for anybody: {len(more)} queries {apart[:5]}": not apart,
            f"as many as a scan of the texts finds: recall 1.0 {missed[:5]}": not missed,
            f"none that a scan does not find: precision 1.0 {strange[:5]}": not strange,
        })
        sqlite.end()
        postgres.end()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
