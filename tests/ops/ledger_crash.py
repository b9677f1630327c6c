"""kill -9 while partners read: the ledger holds a row for every body that a client received whole.

Each round starts `masthead serve` on the same SQLite file, lets several threads read bodies by a partner's key (single
articles, lists and documents), and kills the process at a random moment. For each answer that arrived whole its request
id, article and the SHA-256 of its body are kept; afterwards the ledger is asked for exactly these.

Only the standard library. From the environment: MASTHEAD_CRASH_ROUNDS (20), MASTHEAD_CRASH_THREADS (8),
MASTHEAD_CRASH_SEED (random, printed), MASTHEAD_BIN (default: the release build).
"""

import hashlib
import http.client
import json
import os
import random
import sqlite3
import sys
import threading
import time
import urllib.parse

from server import Connection, Newsroom, Server, scratch

ROUNDS = int(os.environ.get("MASTHEAD_CRASH_ROUNDS") or 20)
THREADS = int(os.environ.get("MASTHEAD_CRASH_THREADS") or 8)
SEED = int(os.environ.get("MASTHEAD_CRASH_SEED") or random.randrange(1 << 32))
LONGEST_STREAM_SECONDS = 0.8
ARTICLES = 20


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def read(base, key, articles, chance, received, first, faults):
    """Reads until the server is gone; notes what arrived whole."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=20)
    try:
        while True:
            article = chance.choice(articles)
            kind = chance.choice(["item", "item", "item", "list", "document"])
            path = {
                "item": f"/v1/articles/{article}?body_format=html",
                "list": "/v1/articles?fields=title,body&body_format=text&limit=5",
                "document": f"/v1/articles/{article}/representations/markdown",
            }[kind]
            connection.request("GET", path, headers={"X-Api-Key": key, "Accept-Encoding": "identity"})
            response = connection.getresponse()
            raw = response.read()
            if response.status == 503:
                continue  # an honest no
            if response.status != 200:
                faults.append(f"GET {path} answered {response.status}: {raw[:400]!r}")
                return
            request_id = response.headers["X-Request-Id"]
            if kind == "document":
                received.append((request_id, article, hashlib.sha256(raw).hexdigest()))
            else:
                answer = json.loads(raw)
                for item in answer["data"] if kind == "list" else [answer]:
                    received.append((request_id, item["id"], sha256(item["body"]["value"])))
            first.set()
    except (OSError, http.client.HTTPException, ValueError):
        return  # the connection broke: what was under way did not arrive whole


def missing(database, received):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    held = set(connection.execute("SELECT request_id, article_id, content_digest FROM deliveries"))
    connection.close()
    return [row for row in received if row not in held], len(held)


def main():
    chance = random.Random(SEED)
    with scratch("ledger") as directory:
        database = directory / "newsroom.db"
        server = Server(f"sqlite://{database}", directory)
        everything, lost, kills, rows = [], [], 0, 0
        print(f"ledger: {ROUNDS} rounds, {THREADS} threads, seed {SEED}")
        server.make_admin()
        server.start()
        newsroom = Newsroom(Connection(server.base, server.login()), ARTICLES)
        newsroom.licence()
        _, key = newsroom.key()
        for number in range(1, ROUNDS + 1):
            received, faults, first = [], [], threading.Event()
            threads = [
                threading.Thread(
                    target=read,
                    args=(server.base, key, newsroom.articles, random.Random(chance.random()), received, first, faults),
                )
                for _ in range(THREADS)
            ]
            for thread in threads:
                thread.start()
            if not first.wait(timeout=30):
                server.fail("ledger: no body arrived within 30 s: " + "; ".join(faults))
            pause = chance.uniform(0.05, LONGEST_STREAM_SECONDS)
            time.sleep(pause)
            if faults or server.process.poll() is not None:
                server.fail("ledger: " + ("; ".join(faults) or "the server ended by itself"))
            server.kill()
            kills += 1
            for thread in threads:
                thread.join(timeout=30)
            server.start()
            gone, rows = missing(database, received)
            lost += gone
            everything += received
            print(f"ledger: round {number:2}: killed after {pause:4.2f} s, {len(received):5} bodies received whole, "
                  f"{len(gone)} not in the ledger", flush=True)
        gone, rows = missing(database, everything)
        server.end()
        print(f"ledger: {kills} kills, {len(everything)} bodies received whole, {rows} rows, {len(gone)} missing")
        for row in (lost + gone)[:10]:
            print("ledger: MISSING", row, file=sys.stderr)
        return 1 if lost or gone or not everything else 0


if __name__ == "__main__":
    sys.exit(main())
