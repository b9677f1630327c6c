"""kill -9 while writes stream in: whatever was acknowledged must be there afterwards.

Each round starts `masthead serve` on the same SQLite file, lets several threads post authors and articles, kills the
process at a random moment after the first acknowledgement, and starts it anew. Every id that a 201 had named is read
back and compared with what was sent, in the next round and once more at the end. Then the server is stopped in peace
and SQLite itself is asked: `PRAGMA integrity_check` and `foreign_key_check`.

Only the standard library. From the environment: MASTHEAD_CRASH_ROUNDS (20), MASTHEAD_CRASH_THREADS (4),
MASTHEAD_CRASH_SEED (random, printed), MASTHEAD_BIN (default: the release build).
"""

import http.client
import json
import os
import random
import sqlite3
import sys
import threading
import time

from server import Connection, Server, scratch

ROUNDS = int(os.environ.get("MASTHEAD_CRASH_ROUNDS") or 20)
THREADS = int(os.environ.get("MASTHEAD_CRASH_THREADS") or 4)
SEED = int(os.environ.get("MASTHEAD_CRASH_SEED") or random.randrange(1 << 32))
LONGEST_STREAM_SECONDS = 1.2

def stream(base, token, round_number, thread, setting, acknowledged, first, faults):
    """Writes until the server is gone. What is noted here was acknowledged: status 201 and a whole body."""
    connection = Connection(base, token)
    n = 0
    try:
        while True:
            n += 1
            name = f"Round {round_number}, thread {thread}, write {n}"
            if n % 3 == 0:
                path, field = "/v1/authors", "name"
                body = {"name": name, "kind": "reporter"}
            else:
                path, field = "/v1/articles", "title"
                body = {
                    "title": name, "language": "en", "section_id": setting["section"],
                    "source_id": setting["source"], "editor_id": setting["editor"],
                    "body": {"format": "html", "value": f"<p>{name}.</p>" + "<p>Words that fill a page.</p>" * 40},
                }
            status, answer = connection.call("POST", path, body)
            if status == 201:
                acknowledged.append((f"{path}/{answer['id']}", field, name))
                first.set()
            elif status != 503:  # saturated: an honest no
                faults.append(f"POST {path} answered {status}: {json.dumps(answer)[:600]}")
                return
    except (OSError, http.client.HTTPException, ValueError):
        return  # the connection broke: the server was killed, and this write was not acknowledged


def verify(server, token, writes):
    connection, missing = Connection(server.base, token), []
    for path, field, value in writes:
        status, answer = connection.call("GET", path)
        if status != 200 or answer.get(field) != value:
            missing.append(f"{path}: {status} {json.dumps(answer)[:200]}")
    return missing


def main():
    chance = random.Random(SEED)
    with scratch("crash") as directory:
        database = directory / "newsroom.db"
        server = Server(f"sqlite://{database}", directory)
        everything, lost, cut = [], [], 0
        print(f"crash: {ROUNDS} rounds, {THREADS} threads, seed {SEED}")
        server.make_admin()
        server.start()
        desk = Connection(server.base, server.login())
        setting = {
            "section": desk.expect(201, "POST", "/v1/sections", {"slug": "crash", "name": "Crash"})["id"],
            "source": desk.expect(201, "POST", "/v1/sources",
                                  {"name": "Crash Gazette", "credit_label": "Crash Gazette", "kind": "own"})["id"],
            "editor": desk.expect(201, "POST", "/v1/authors",
                                  {"name": "E. Ditor", "real_name": "Edna Ditor", "kind": "editor"})["id"],
        }
        for number in range(1, ROUNDS + 1):
            token, writes, faults, first = server.login(), [], [], threading.Event()
            threads = [
                threading.Thread(target=stream, args=(server.base, token, number, t, setting, writes, first, faults))
                for t in range(THREADS)
            ]
            for thread in threads:
                thread.start()
            if not first.wait(timeout=30):
                server.fail("no write was acknowledged within 30 s: " + "; ".join(faults))
            pause = chance.uniform(0, LONGEST_STREAM_SECONDS)
            time.sleep(pause)
            if faults or server.process.poll() is not None:
                server.fail("; ".join(faults) or "the server ended by itself")
            server.kill()
            for thread in threads:
                thread.join(timeout=30)
            cut += 1
            server.start()
            missing = verify(server, server.login(), writes)
            lost += missing
            everything += writes
            print(f"crash: round {number:2}: killed after {pause:4.2f} s, {len(writes):5} acknowledged, {len(missing)} missing",
                  flush=True)
        missing = verify(server, server.login(), everything)
        lost += missing
        server.end()

        connection = sqlite3.connect(database)
        integrity = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        foreign = connection.execute("PRAGMA foreign_key_check").fetchall()
        connection.close()
        print(f"crash: {cut} kills, {len(everything)} acknowledged writes, {len(set(lost))} missing; "
              f"integrity_check: {', '.join(integrity[:5])}; foreign_key_check: {len(foreign)} faults")
        for line in lost[:10]:
            print("crash: MISSING", line, file=sys.stderr)
        return 1 if lost or integrity != ["ok"] or foreign or not everything else 0


if __name__ == "__main__":
    sys.exit(main())
