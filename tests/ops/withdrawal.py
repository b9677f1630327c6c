"""Withdrawn means gone: after the 200 of `withdraw`, no answer of that node holds a word of the body; on a second node
over the same PostgreSQL database, none after one second, and none at all to a partner, whose bodies the ledger settles.

Every work has words of its own. 32 connections, half on each node, read all that can be read of all works, as the
public, with a key of the site's own frontend, with a partner's key and by preview links, as fast as they can. Works are
withdrawn meanwhile, one after another, on one node. Every answer is kept with the times of its request, and every word
found in it; then each is looked at. Works are reinstated at the end and must be there again.

Run it under with_postgres.sh. From the environment: MASTHEAD_WITHDRAWAL_WORKS (12), MASTHEAD_BIN (default: the release
build).
"""

import http.client
import os
import sys
import threading
import time
import urllib.parse

from server import Connection, Newsroom, Server, scratch

CONNECTIONS = 32
WORKS = int(os.environ.get("MASTHEAD_WITHDRAWAL_WORKS") or 12)
SECRET = "a secret of two nodes that share a database, long enough"
# What the second node is allowed.
LATE_SECONDS = 1.0


def load(base, node, asks, words, stop, answers):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=20)
    n = 0
    while not stop.is_set():
        path, headers, is_partner = asks[n % len(asks)]
        n += 1
        began = time.monotonic()
        try:
            connection.request("GET", path, headers=headers | {"Accept-Encoding": "identity"})
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            answers.append((began, node, path, 0, repr(error), (), is_partner))
            return
        found = tuple(work for work, word in words.items() if word in text)
        answers.append((began, node, path, response.status, "", found, is_partner))


def main():
    url = os.environ.get("MASTHEAD_TEST_POSTGRES_URL")
    if not url:
        raise SystemExit("withdrawal: run this under with_postgres.sh")
    with scratch("withdrawal") as directory:
        nodes = [Server(url, directory, name, SECRET) for name in ("one", "two")]
        nodes[0].make_admin()
        for node in nodes:
            node.start()
        desk = Connection(nodes[0].base, nodes[0].login())
        newsroom = Newsroom(desk, WORKS)
        words = {work: f"of work {n}." for n, work in enumerate(newsroom.articles)}
        newsroom.licence()
        _, partner = newsroom.key()
        web = desk.expect(201, "POST", "/v1/clients", {"name": "Web", "kind": "first_party", "channel": "web"})["key"]
        asks = []
        readers = [({}, False), ({"X-Api-Key": web}, False), ({"X-Api-Key": partner}, True)]
        for work in newsroom.articles:
            preview = desk.expect(201, "POST", f"/v1/articles/{work}/previews", {})
            path = "/v1/previews?token=" + urllib.parse.quote(preview["token"])
            asks.append((path, {}, False))
            for reader in readers:
                asks += [(f"/v1/articles/{work}?body_format=html", *reader), (f"/v1/articles/{work}", *reader)]
            for reader in readers[1:]:
                asks.append((f"/v1/articles/{work}/representations/text", *reader))
        for reader in readers:
            asks.append(("/v1/articles?fields=title,body&limit=100", *reader))
        answers, stop = [], threading.Event()
        threads = [
            threading.Thread(target=load, args=(nodes[n % 2].base, n % 2, asks[n:] + asks[:n], words, stop, answers))
            for n in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        acknowledged = {}
        for n, work in enumerate(newsroom.articles):
            reason = {"reason_class": "legal" if n % 2 else "editorial", "reason": "A test."}
            desk.expect(200, "POST", f"/v1/articles/{work}/withdraw", reason)
            acknowledged[work] = time.monotonic()
            time.sleep(0.25)
        time.sleep(LATE_SECONDS + 1)
        stop.set()
        for thread in threads:
            thread.join(timeout=30)
        broken = [answer for answer in answers if answer[3] == 0]
        stale = [
            (work, answer) for answer in answers for work in answer[5]
            if answer[0] > acknowledged[work] + (LATE_SECONDS if answer[1] and not answer[6] else 0)
        ]
        late = [
            answer[0] - acknowledged[work] for answer in answers for work in answer[5]
            if answer[1] and answer[0] > acknowledged[work]
        ]
        before = sum(bool(answer[5]) for answer in answers)
        gone = sum(answer[3] in (410, 451) for answer in answers)
        print(f"withdrawal: {len(answers)} answers over 2 nodes and {CONNECTIONS} connections; {before} with words of a body, "
              f"{gone} tombstones, {len(broken)} broken")
        print(f"withdrawal: {len(stale)} with words of a work that was withdrawn; on the other node, the last such answer "
              f"began {max(late, default=0):.3f} s after the acknowledgement")
        for item in (stale + broken)[:5]:
            print("withdrawal: STALE", item, file=sys.stderr)
        for work in newsroom.articles:
            desk.expect(200, "POST", f"/v1/articles/{work}/reinstate", {})
        back = Connection(nodes[1].base).expect(200, "GET", "/v1/articles?count=exact")["page"]["total"]
        good = not stale and not broken and before > 0 and gone > 0 and back == WORKS
        for node in nodes:
            node.end()
        print("withdrawal: " + (f"gone at once, and all {back} are back" if good else "FAILED"))
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
