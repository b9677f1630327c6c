"""kill -9 while the agenda is written down: each event is told once, and in its order.

Works are scheduled for one moment a few seconds ahead, each at a microsecond of its own, in an order that is not that of their making.
The server is killed before that moment; afterwards it is started again and again and killed at random moments while it
catches up, until it is left in peace. The change log, read from the SQLite file itself, must then hold one `published`
for each work, in the order of their times. In between, readers are asked: what was due is out, whether it is written down
or not.

Only the standard library. From the environment: MASTHEAD_AGENDA_WORKS (10,000), MASTHEAD_CRASH_ROUNDS (20),
MASTHEAD_CRASH_SEED (random, printed), MASTHEAD_BIN (default: the release build).
"""

import datetime
import os
import random
import sqlite3
import sys
import threading
import time

from server import Connection, Newsroom, Server, journal, report, scratch

WORKS = int(os.environ.get("MASTHEAD_AGENDA_WORKS") or 10_000)
ROUNDS = int(os.environ.get("MASTHEAD_CRASH_ROUNDS") or 20)
SEED = int(os.environ.get("MASTHEAD_CRASH_SEED") or random.randrange(1 << 32))
THREADS = 4


def make(base, token, newsroom, numbers, due, made, faults):
    desk = Connection(base, token)
    for n in numbers:
        status, work = desk.call("POST", "/v1/articles", {
            "title": f"Work {n}", "language": "en", "source_id": newsroom.source,
            "body": {"format": "markdown", "value": "It is out at its second."},
        })
        if status == 201:
            at = due + datetime.timedelta(microseconds=n * 7919 % WORKS)
            times = {"publish_at": at.isoformat()}
            status, answer = desk.call("POST", f"/v1/articles/{work['id']}/schedule", times)
            if status == 200:
                made.append((at, work["id"]))
                continue
            work = answer
        faults.append(f"{status}: {work}")
        return


def main():
    chance = random.Random(SEED)
    with scratch("agenda") as directory:
        database = directory / "newsroom.db"
        server = Server(f"sqlite://{database}", directory)
        print(f"agenda-crash: {WORKS} works, {ROUNDS} kills, seed {SEED}", flush=True)
        server.make_admin()
        server.start()
        desk = Connection(server.base, server.login())
        newsroom = Newsroom(desk, 1)
        began = time.monotonic()
        probe, faults = [], []
        # How long making them will take, from the first of them.
        due = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        make(server.base, desk.token, newsroom, range(WORKS, WORKS + 50), due, probe, faults)
        pace = (time.monotonic() - began) / 50
        wait = 5 + pace * WORKS * 1.5
        due = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=wait)
        made = []
        threads = [
            threading.Thread(target=make, args=(server.base, desk.token, newsroom, range(t, WORKS, THREADS), due, made, faults))
            for t in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults or len(made) != WORKS:
            server.fail("agenda-crash: not all were made: " + "; ".join(faults[:3]))
        left = (due - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        if left < 0:
            server.fail("agenda-crash: making them took longer than foreseen; try again")
        server.kill()
        print(f"agenda-crash: all made {left:.1f} s ahead of their time; killed, and waiting for it", flush=True)
        time.sleep(left + 0.5)
        query = "SELECT count(*) FROM changes WHERE kind = 'published' AND resource_id <> ?"
        first = newsroom.articles[0]
        kills, wrong = 0, []
        for _ in range(ROUNDS):
            server.start()
            total = Connection(server.base).expect(200, "GET", "/v1/articles?count=exact&limit=1")["page"]["total"]
            if total != WORKS + 1:
                wrong.append(f"{total} works are out")
            time.sleep(chance.uniform(0, 0.8))
            server.kill()
            kills += 1
        with sqlite3.connect(database) as connection:
            before = connection.execute(query, (first,)).fetchone()[0]
        server.start()
        end = time.monotonic() + 120
        while Connection(server.base).expect(200, "GET", "/readyz")["agenda_lateness_seconds"] > 0:
            if time.monotonic() > end:
                server.fail("agenda-crash: the agenda was not written down within 120 s")
            time.sleep(0.2)
        server.end()
        told, is_gapless, integrity = journal(database)
        told = [work for work in told if work != first]
        expected = [work for _, work in sorted(made)]
        checks = {
            "readers saw all of them after every kill": not wrong,
            "each is told once": len(told) == len(set(told)) == WORKS,
            "in the order of their times": told == expected,
            "the change log has no gap": is_gapless,
            "integrity_check is ok": integrity == "ok",
        }
        print(f"agenda-crash: {kills} kills, {before} of {WORKS} written down by the last of them")
        good = report("agenda-crash", checks)
        for line in wrong[:3]:
            print("agenda-crash:", line, file=sys.stderr)
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
