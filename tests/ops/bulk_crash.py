"""kill -9 while many articles are done at once, or by a job: none is lost, and none is done twice.

In each round 100 drafts are published in one request with an Idempotency-Key, and the server is killed at a random moment
of it. Started again, the same request must find all of them done. Then a job publishes more, while the server is killed
again and again; after each start it goes on once the lease of the one before is over. In the end the change log, read from
the SQLite file itself, must hold one `published` for each work, those of one request in the order in which they were named.

Only the standard library. From the environment: MASTHEAD_BULK_WORKS (3,000, those of the job), MASTHEAD_CRASH_ROUNDS (20),
MASTHEAD_CRASH_SEED (random, printed), MASTHEAD_BIN (default: the release build).
"""

import http.client
import json
import os
import random
import sys
import threading
import time
import urllib.parse

from server import Connection, Newsroom, Server, journal, report, scratch

WORKS = int(os.environ.get("MASTHEAD_BULK_WORKS") or 3_000)
ROUNDS = int(os.environ.get("MASTHEAD_CRASH_ROUNDS") or 20)
SEED = int(os.environ.get("MASTHEAD_CRASH_SEED") or random.randrange(1 << 32))
AT_ONCE = 100
JOB_KILLS = 3


def drafts(desk, newsroom, count):
    return [
        desk.expect(201, "POST", "/v1/articles", {
            "title": "One of many", "language": "en", "source_id": newsroom.source,
            "body": {"format": "markdown", "value": "It is one of many."},
        })["id"]
        for _ in range(count)
    ]


def publish(base, token, ids, key):
    """The answer to one bulk request, or None if the server was killed before it came."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    try:
        connection.request("POST", "/v1/articles/bulk", json.dumps({"action": "publish", "ids": ids}), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return None


def main():
    chance = random.Random(SEED)
    with scratch("bulk") as directory:
        database = directory / "newsroom.db"
        server = Server(f"sqlite://{database}", directory)
        print(f"bulk-crash: {ROUNDS} requests of {AT_ONCE}, a job of {WORKS}, seed {SEED}", flush=True)
        server.make_admin()
        server.start()
        desk = Connection(server.base, server.login())
        newsroom = Newsroom(desk, 0)
        asked, cut, wrong = [], 0, []
        for n in range(ROUNDS):
            ids = drafts(desk, newsroom, AT_ONCE)
            asked.append(ids)
            answers = []
            arguments = (server.base, desk.token, ids, f"round-{n}")
            request = threading.Thread(target=lambda: answers.append(publish(*arguments)))
            request.start()
            time.sleep(chance.uniform(0, 0.4))
            server.kill()
            request.join()
            cut += answers == [None]
            server.start()
            desk = Connection(server.base, server.login())
            answer = publish(server.base, desk.token, ids, f"round-{n}")
            if answer is None or answer[0] != 200 or [r["status"] for r in answer[1]["results"]] != [200] * AT_ONCE:
                wrong.append(f"round {n}: {str(answer)[:400]}")
        ids = drafts(desk, newsroom, WORKS)
        asked.append(ids)
        answer = publish(server.base, desk.token, ids, "job")
        if answer is None or answer[0] != 202:
            server.fail(f"bulk-crash: no job: {answer}")
        at = f"/v1/jobs/{answer[1]['job']['id']}"
        progress = []
        end = time.monotonic() + 60 * (JOB_KILLS + 2)
        while (job := desk.expect(200, "GET", at))["state"] in ("queued", "running"):
            if time.monotonic() > end:
                server.fail(f"bulk-crash: the job does not come to its end: {job}")
            time.sleep(chance.uniform(0.01, 0.05))
            if len(progress) < JOB_KILLS and job["done"] > (progress[-1] if progress else 0):
                server.kill()
                server.start()
                desk = Connection(server.base, server.login())
                progress.append(desk.expect(200, "GET", at)["done"])
        server.end()
        told, is_gapless, integrity = journal(database)
        checks = {
            "every repetition found all of its articles done": not wrong,
            "the job came to its end": (job["state"], job["done"], job["failed"]) == ("done", WORKS, 0),
            "it was killed on its way": len(progress) == JOB_KILLS,
            "each is published once, in the order given": told == [work for ids in asked for work in ids],
            "the change log has no gap": is_gapless,
            "integrity_check is ok": integrity == "ok",
        }
        print(f"bulk-crash: {cut} of {ROUNDS} requests were cut off; the job was killed at {progress}")
        good = report("bulk-crash", checks)
        for line in wrong[:3]:
            print("bulk-crash:", line, file=sys.stderr)
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
