"""The databases that are measured on: made once by `masthead seed`, kept outside the repository, copied for writes.

They stand in $MASTHEAD_BENCH_DIR, else in masthead-bench under $XDG_CACHE_HOME or ~/.cache. The name of each holds a
digest of the tables and of what seeds them, so that a change of either makes a new one; the old one is removed.
"""

import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import sys
import time

from machine import ROOT, ops

SEED = 1


def folder():
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    path = pathlib.Path(os.environ.get("MASTHEAD_BENCH_DIR") or pathlib.Path(cache) / "masthead-bench")
    if ROOT in path.resolve().parents:
        raise SystemExit(f"bench: {path} lies in the repository; databases of gigabytes do not")
    path.mkdir(parents=True, exist_ok=True)
    return path


def digest():
    """Of all that decides what a seeded database holds."""
    total = hashlib.sha256()
    for part in ("migrations/sqlite", "src/seed"):
        for file in sorted((ROOT / part).rglob("*")):
            if file.is_file():
                total.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return total.hexdigest()[:10]


def room_for(articles):
    """A database takes about 20 KB for an article, with the search index."""
    need, free = articles * 22_000, shutil.disk_usage(folder()).free
    if free < need:
        raise SystemExit(f"bench: {articles:,} articles need {need / 1e9:.0f} GB in {folder()}; {free / 1e9:.0f} GB are free")


class Data:
    """One seeded database, with an administrator, a web key, and a partner with a licence and a key."""

    def __init__(self, programs, articles):
        self.programs, self.articles = programs, articles
        self.path = folder() / f"{articles}-{digest()}.db"
        self.notes = self.path.with_suffix(".json")
        self.seconds = None
        if not self.notes.exists():
            self.make()
        for name, value in json.loads(self.notes.read_text(encoding="utf-8")).items():
            setattr(self, name, value)

    def make(self):
        seconds = None if self.path.exists() else self.seed()
        self.programs.run(
            self.path, "user", "create", "--email", ops.EMAIL, "--role", "admin", "--name", "Bench Mark", "--password-stdin",
            text=ops.PASSWORD + "\n",
        )
        with self.programs.serve(self.path, folder()) as server:
            notes = self.keys(server)
        with self.connect() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            notes["article"], notes["slug"] = connection.execute(
                "SELECT article_id, slug FROM article_listings WHERE side = 'live' AND source_id = ? AND language = 'zh-Hans'"
                " ORDER BY visible_from DESC, article_id DESC LIMIT 1", [notes["source"]],
            ).fetchone()
        self.notes.write_text(json.dumps(notes | {"seconds": seconds}), encoding="utf-8")

    def seed(self):
        for old in folder().glob(f"{self.articles}-*"):
            old.unlink()
        room_for(self.articles)
        print(f"bench: seeding {self.articles:,} articles into {self.path}", file=sys.stderr, flush=True)
        begun, part = time.perf_counter(), self.path.with_suffix(".part")
        self.programs.run(part, "seed", "--articles", str(self.articles), "--seed", str(SEED))
        part.rename(self.path)
        return time.perf_counter() - begun

    def keys(self, server):
        desk = ops.Connection(server.base, token(server))
        make = lambda path, body: desk.expect(201, "POST", path, body)
        sources = desk.expect(200, "GET", "/v1/sources?limit=100")["data"]
        source = next(one["id"] for one in sources if one["kind"] == "own")
        partner = make("/v1/partners", {"name": "Bench Portal"})["id"]
        make("/v1/licences", {
            "partner_id": partner, "selector": {"sources": [source]}, "extent": "full", "channels": ["syndication"],
            "territories": ["CN"], "valid_from": "2020-01-01T00:00:00Z",
        })
        section = desk.expect(200, "GET", "/v1/sections?limit=100")["data"][0]["id"]
        editor = desk.expect(200, "GET", "/v1/authors?limit=1")["data"][0]["id"]
        return {
            "source": source, "section": section, "editor": editor,
            "web": make("/v1/clients", {"name": "Bench web", "kind": "first_party"})["key"],
            "partner": make("/v1/clients", {
                "name": "Bench Portal", "kind": "partner", "partner_id": partner, "channel": "syndication", "territory": "CN",
            })["key"],
        }

    def connect(self):
        return sqlite3.connect(self.path)

    def rows(self, sql, *params):
        with self.connect() as connection:
            return connection.execute(sql, params).fetchall()

    def random_ids(self, count):
        """Ids drawn over the whole table: the same ones in every run."""
        last = self.rows("SELECT max(rowid) FROM articles")[0][0]
        step = max(1, last // count)
        # A step that shares no factor with the pages of the table, so that neighbours are not asked in a row.
        at = [(n * 7_919 * step) % last + 1 for n in range(count)]
        with self.connect() as connection:
            ask = lambda row: connection.execute("SELECT id FROM articles WHERE rowid = ?", [row]).fetchone()
            return [found[0] for found in map(ask, at) if found]

    def copy(self, name):
        """A working copy, for what writes."""
        target = folder() / f"work-{name}.db"
        for end in ("", "-wal", "-shm"):
            pathlib.Path(f"{target}{end}").unlink(missing_ok=True)
        with self.connect() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.path, target)
        return target


def token(server):
    answer = ops.Connection(server.base).expect(200, "POST", "/v1/auth/login", {"email": ops.EMAIL, "password": ops.PASSWORD})
    return answer["access_token"]


def remove_copies():
    for file in folder().glob("work-*"):
        file.unlink()
