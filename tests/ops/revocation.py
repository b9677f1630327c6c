"""What a right's end binds: requests that start after its acknowledgement get no body, on any node, and no 304: on the node
that wrote at once, on another within a second.

Two `masthead serve` nodes share one PostgreSQL database; 32 connections, half on each, read bodies by a partner's key as
fast as they can, half of them with the If-None-Match of what they got last. Meanwhile the desk ends the right in each
way there is (licence suspended, licence revoked, key revoked, partner ended, article withdrawn, grant of the licence
narrowed to another channel), on one node. Every answer is kept with the times of its request; then each that began
after the acknowledgement is looked at.

Run it under with_postgres.sh. From the environment: MASTHEAD_REVOCATION_SECONDS (1.5: how long each load runs before
and after), MASTHEAD_BIN (default: the release build).
"""

import http.client
import json
import os
import sys
import threading
import time
import urllib.parse

from server import Connection, Newsroom, Server, scratch

CONNECTIONS = 32
SECONDS = float(os.environ.get("MASTHEAD_REVOCATION_SECONDS") or 1.5)
# How long another node may go on saying that what a reader has is still good.
LATE_SECONDS = 1.0
SECRET = "a secret of two nodes that share a database, long enough"


def load(base, node, key, paths, conditional, stop, answers):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=20)
    etags, kept, n = {}, {}, 0
    while not stop.is_set():
        path = paths[n % len(paths)]
        n += 1
        headers = {"X-Api-Key": key, "Accept-Encoding": "identity"}
        if conditional and path in etags:
            headers["If-None-Match"] = etags[path]
        began = time.monotonic()
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException) as error:
            answers.append((began, path, 0, repr(error), node))
            return
        what = given(response.status, path, raw, kept.get(path, ""))
        if response.status == 200 and response.headers["ETag"]:
            etags[path], kept[path] = response.headers["ETag"], what
        answers.append((began, path, response.status, what, node))


def given(status, path, raw, kept):
    """Whether an answer gives a body, or says that the body that is kept is still good. To say so of a stub is fine."""
    if status == 304:
        return "304" if kept else ""
    if status != 200:
        return ""
    if "/representations/" in path:
        return "body"
    answer = json.loads(raw)
    items = answer.get("data", [answer])
    return "body" if any((item.get("body") or {}).get("value") for item in items) else ""


def round_of(name, nodes, key, paths, end, is_over):
    """One right, ended under load. `is_over(path)` tells whether it should be gone from there."""
    answers, stop = [], threading.Event()
    threads = [
        threading.Thread(target=load, args=(nodes[n % 2].base, n % 2, key, paths, n % 4 >= 2, stop, answers))
        for n in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    end()
    acknowledged = time.monotonic()
    time.sleep(SECONDS + LATE_SECONDS)
    stop.set()
    for thread in threads:
        thread.join(timeout=30)
    broken = [answer for answer in answers if answer[2] == 0]
    before = [answer for answer in answers if answer[0] <= acknowledged]
    after = [answer for answer in answers if answer[0] > acknowledged and is_over(answer[1])]
    stale = [
        answer for answer in after
        if answer[3] == "body" or (answer[3] and answer[0] > acknowledged + (LATE_SECONDS if answer[4] else 0))
    ]
    bodies = sum(answer[3] == "body" for answer in before)
    known = sum(answer[3] == "304" for answer in before)
    refused = sum(answer[2] == 503 for answer in answers)
    print(f"revocation: {name:28} before: {bodies:5} bodies, {known:5} × 304; after: {len(after):5} answers, "
          f"{len(stale)} of them give something; {refused} × 503 at the turn; {len(broken)} broken", flush=True)
    for answer in (stale + broken)[:5]:
        print("revocation: STALE", answer, file=sys.stderr)
    return not stale and not broken and bodies > 0 and known > 0 and len(after) > 0


def main():
    url = os.environ.get("MASTHEAD_TEST_POSTGRES_URL")
    if not url:
        raise SystemExit("revocation: run this under with_postgres.sh")
    with scratch("revocation") as directory:
        nodes = [Server(url, directory, name, SECRET) for name in ("one", "two")]
        nodes[0].make_admin()
        for node in nodes:
            node.start()
        desk = Connection(nodes[0].base, nodes[0].login())
        newsroom = Newsroom(desk, 8)
        paths = [f"/v1/articles/{article}?body_format=html" for article in newsroom.articles]
        paths += [f"/v1/articles/{article}/representations/text" for article in newsroom.articles[:2]]
        paths += ["/v1/articles?fields=title,body&limit=3"]

        everywhere = lambda _: True
        good = True
        client, key = newsroom.key()
        licence = newsroom.licence()
        at = f"/v1/licences/{licence}"
        good &= round_of("licence suspended", nodes, key, paths, lambda: desk.patch(at, status="suspended"), everywhere)
        desk.patch(at, status="active")
        good &= round_of("licence narrowed", nodes, key, paths, lambda: desk.patch(at, channels=["app"]), everywhere)
        desk.patch(at, channels=["syndication"])
        gone = newsroom.articles[0]
        withdraw = lambda: desk.expect(200, "POST", f"/v1/articles/{gone}/withdraw",
                                       {"reason_class": "editorial", "reason": "A test."})
        good &= round_of("article withdrawn", nodes, key, paths, withdraw, lambda path: gone in path)
        paths = [path for path in paths if gone not in path]
        good &= round_of("licence revoked", nodes, key, paths, lambda: desk.patch(at, status="revoked"), everywhere)
        newsroom.licence()
        good &= round_of("key revoked", nodes, key, paths, lambda: desk.delete(f"/v1/clients/{client}"), everywhere)
        _, key = newsroom.key()
        good &= round_of("partner ended", nodes, key, paths, lambda: desk.delete(f"/v1/partners/{newsroom.partner}"), everywhere)
        for node in nodes:
            node.end()
        print("revocation: " + ("nothing was given out after an acknowledgement" if good else "FAILED"))
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
