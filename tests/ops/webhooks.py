"""Webhooks to a receiver that fails, hangs, answers 429, 500 and 410, and dies: nothing is lost, the order of each article is
kept, and every signature verifies.

A partner's log is pushed to a receiver (webhook_receiver.py) while works are published, corrected, withdrawn and reinstated.
The receiver and the servers are killed with -9 and started again, the secret is rotated, and a webhook that a 410 has
disabled is enabled again. On SQLite one server runs, on PostgreSQL two share the work. At the end:

- every entry of the client's log, as GET /v1/changes has it, was taken by the receiver (answered 204);
- nothing of an article arrives before all earlier entries about it were taken;
- each request verifies by the reference library (PyPI `standardwebhooks`), during the overlap by both secrets; with another
  body, id, time or secret none does;
- a replay sends everything again, as new messages; a ping arrives; no redirect was followed.

Run it under with_postgres.sh for both engines; without, for SQLite alone. From the environment: MASTHEAD_WEBHOOK_WORKS (24),
MASTHEAD_WEBHOOK_SEED (random, printed), MASTHEAD_BIN (default: the release build).
"""

import json
import os
import random
import socket
import subprocess
import sys
import time

from standardwebhooks import Webhook, WebhookVerificationError

from server import ROOT, Connection, Newsroom, Server, report, scratch
from webhook_receiver import WAYS

WORKS = int(os.environ.get("MASTHEAD_WEBHOOK_WORKS") or 24)
SEED = int(os.environ.get("MASTHEAD_WEBHOOK_SEED") or random.randrange(1 << 32))
SECRET = "a secret of two nodes that share a database, long enough"
SETTINGS = {
    "MASTHEAD_WEBHOOK_ALLOW_PRIVATE": "true", "MASTHEAD_WEBHOOK_TIMEOUT_SECONDS": "1", "MASTHEAD_WEBHOOK_RETRY_SECONDS": "1",
}
# So many works later a work is corrected, withdrawn, reinstated.
LAG = 5
# After so long the receiver behaves; all has to be there a while later.
WILD_SECONDS, LONGEST_SECONDS = 25, 120


class Receiver:
    """The receiver's process and what it has written down."""

    def __init__(self, directory):
        self.log, self.calm = directory / "received.jsonl", directory / "calm"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/in"
        self.lives, self.read, self.lines = 0, 0, []

    def start(self):
        self.lives += 1
        program = ROOT / "tests" / "ops" / "webhook_receiver.py"
        command = [sys.executable, program, str(self.port), self.log, self.calm, str(SEED + self.lives)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > end:
                    raise SystemExit("webhooks: the receiver does not listen") from None
                time.sleep(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def news(self):
        """The lines that came since the last look."""
        if not self.log.exists():
            return []
        with self.log.open("rb") as log:
            log.seek(self.read)
            raw = log.read()
        whole = raw[: raw.rfind(b"\n") + 1]
        self.read += len(whole)
        lines = [json.loads(line) for line in whole.splitlines()]
        self.lines += lines
        return lines


def verifies(secret, headers, body):
    try:
        Webhook(secret).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


class Signatures:
    """Verifies what arrives, as it arrives."""

    def __init__(self, old):
        self.old, self.new, self.rotated_at = old, None, None
        self.verified, self.both, self.tampered, self.faults = 0, 0, 0, []

    def look(self, line):
        headers, body = line["headers"], line["body"]
        by_old, by_new = verifies(self.old, headers, body), bool(self.new) and verifies(self.new, headers, body)
        self.both += by_old and by_new
        # What was under way when the secret was rotated carries the old signature alone. The old one is good all along.
        late = self.rotated_at is not None and line["at"] > self.rotated_at + 3
        if by_old and (by_new or not late):
            self.verified += 1
        else:
            self.faults.append(f"{headers['webhook-id']} does not verify")
        seconds = str(int(headers["webhook-timestamp"]) + 1)
        other = "whsec_" + "A" * 43 + "="
        for secret, changed, text in (
            (self.old, headers, body + " "),
            (self.old, headers, body.replace("article", "articel", 1)),
            (self.old, headers | {"webhook-id": "msg_" + "0" * 32}, body),
            (self.old, headers | {"webhook-timestamp": seconds}, body),
            (other, headers, body),
        ):
            if (changed, text, secret) != (headers, body, self.old) and verifies(secret, changed, text):
                self.faults.append(f"{headers['webhook-id']} verifies though it was tampered with")
            self.tampered += 1


class Run:
    def __init__(self, engine, directory, servers):
        self.engine, self.servers, self.chance = engine, servers, random.Random(SEED)
        self.receiver = Receiver(directory)
        self.kills = self.enabled = 0

    def desk(self):
        """A connection to the first server, which is the one that lives on."""
        return Connection(self.servers[0].base, self.token)

    def begin(self):
        self.servers[0].make_admin()
        for server in self.servers:
            server.start()
        self.receiver.start()
        self.token = self.servers[0].login()
        self.newsroom = Newsroom(self.desk(), 0)
        self.newsroom.licence()
        self.client, self.key = self.newsroom.key()
        made = self.desk().expect(201, "POST", "/v1/webhooks", {"client_id": self.client, "url": self.receiver.url})
        self.path, self.signatures = f"/v1/webhooks/{made['id']}", Signatures(made["secret"])

    def look(self):
        """Takes note of what has arrived, and enables the webhook again where a 410 has disabled it."""
        for line in self.receiver.news():
            if line["way"] != "GET":
                self.signatures.look(line)
        desk = self.desk()
        webhook = desk.expect(200, "GET", self.path)
        if not webhook["enabled"]:
            if webhook["disabled_reason"] != "gone":
                raise SystemExit(f"webhooks: disabled: {webhook['disabled_reason']}")
            # An attempt under way may change its revision meanwhile.
            _, _, etag = desk.tagged("GET", self.path)
            status, _, _ = desk.tagged("PATCH", self.path, {"enabled": True}, etag)
            self.enabled += status == 200

    def kill(self, what):
        """With -9, in the midst of it, and another is started in its place."""
        self.kills += 1
        what.kill()
        what.start()

    def act(self, work, action, body):
        self.desk().expect(200, "POST", f"/v1/articles/{work}/{action}", body)

    def write(self):
        """Works, and what becomes of each a while later, so that the client has had them by then; kills in between."""
        at, works = {WORKS * n // 6: n for n in range(1, 6)}, []
        for n in range(WORKS + LAG * 3):
            if n < WORKS:
                works.append(self.publish(n))
            self.change(works, n)
            time.sleep(self.chance.uniform(0.1, 0.5))
            self.look()
            match at.get(n):
                case 1 | 4:
                    self.kill(self.receiver)
                case 2 | 5:
                    self.kill(self.servers[-1])
                case 3:
                    self.kill(self.servers[0])
                    self.rotate()

    def publish(self, n):
        work = self.desk().expect(201, "POST", "/v1/articles", {
            "title": f"Work number {n}", "language": "en", "summary": "In short.", "section_id": self.newsroom.section,
            "source_id": self.newsroom.source, "editor_id": self.newsroom.editor,
            "body": {"format": "html", "value": f"<p>What happened in {n}.</p>"},
        })["id"]
        self.act(work, "publish", {})
        # Who has read it is owed an advisory of what follows.
        reader = Connection(self.servers[0].base)
        reader.http.request("GET", f"/v1/articles/{work}", headers={"X-Api-Key": self.key})
        reader.http.getresponse().read()
        return work

    def change(self, works, n):
        """Each work is corrected, every other one withdrawn, and every other one of these reinstated."""
        corrected, withdrawn, reinstated = n - LAG, n - LAG * 2, n - LAG * 3
        if 0 <= corrected < WORKS:
            self.desk().patch(f"/v1/articles/{works[corrected]}", summary=f"In short, {n}.")
            self.act(works[corrected], "correct", {"public_note": "The summary was wrong."})
        if 0 <= withdrawn < WORKS and withdrawn % 2 == 0:
            self.act(works[withdrawn], "withdraw", {"reason_class": "editorial", "reason": "Withdrawn for a test."})
        if 0 <= reinstated < WORKS and reinstated % 4 == 0:
            self.act(works[reinstated], "reinstate", {})

    def rotate(self):
        self.signatures.new = self.desk().expect(200, "POST", f"{self.path}/rotate-secret", {"overlap_hours": 1})["secret"]
        self.signatures.rotated_at = time.time()

    def changes(self):
        """The client's log, from its beginning to now."""
        entries, after = [], ""
        while True:
            reader = Connection(self.servers[0].base)
            reader.http.request("GET", f"/v1/changes?limit=100{after}", headers={"X-Api-Key": self.key})
            page = json.loads(reader.http.getresponse().read())
            entries += page["data"]
            after = f"&after={page['page']['next']}" if page["page"]["next"] else ""
            if page["page"]["is_caught_up"]:
                return entries

    def taken(self):
        """Ids of the entries that the receiver has taken."""
        return {json.loads(line["body"])["data"].get("id") for line in self.receiver.lines if line["way"] == "204"}

    def settle(self):
        """Waits until everything was taken; how long that was."""
        began = time.monotonic()
        while time.monotonic() < began + LONGEST_SECONDS:
            self.look()
            if time.monotonic() > began + WILD_SECONDS:
                self.receiver.calm.touch()
            entries = self.changes()
            if {entry["id"] for entry in entries} <= self.taken() and self.unfinished() == 0:
                return entries, time.monotonic() - began
            time.sleep(0.25)
        missing = {entry["id"] for entry in self.changes()} - self.taken()
        self.servers[0].fail(f"webhooks: {len(missing)} entries were not taken within {LONGEST_SECONDS} s: {sorted(missing)[:3]}")

    def unfinished(self):
        of = lambda state: self.desk().expect(200, "GET", f"{self.path}/messages?state={state}&count=exact&limit=1")
        return sum(of(state)["page"]["total"] for state in ("waiting", "due", "failed"))

    def replay(self, entries):
        """Everything again; whether it came as new messages."""
        self.receiver.calm.touch()
        before = {line["headers"]["webhook-id"] for line in self.receiver.lines if line["way"] != "GET"}
        self.desk().expect(200, "POST", f"{self.path}/replay", {"since": "2020-01-01T00:00:00Z"})
        ping = self.desk().expect(202, "POST", f"{self.path}/ping")["id"]
        end, owed = time.monotonic() + 60, {entry["id"] for entry in entries}
        while time.monotonic() < end:
            self.look()
            new = [line for line in self.receiver.lines if line["way"] == "204" and line["headers"]["webhook-id"] not in before]
            ids = {json.loads(line["body"])["data"].get("id") for line in new}
            if owed <= ids and any(line["headers"]["webhook-id"] == ping for line in new):
                return True
            time.sleep(0.25)
        return False


def disorder(lines, entries):
    """What of an article arrived before everything earlier about it was taken."""
    place, before = {}, {}
    for entry in entries:
        article = entry["article"]["id"]
        before[entry["id"]] = list(place.get(article, []))
        place.setdefault(article, []).append(entry["id"])
    taken, faults = set(), []
    for line in lines:
        if line["way"] == "GET":
            continue
        one = json.loads(line["body"])["data"].get("id")
        faults += [f"{one} before {earlier}" for earlier in before.get(one, []) if earlier not in taken]
        if line["way"] == "204":
            taken.add(one)
    return faults


def run(engine, directory, servers):
    this = Run(engine, directory, servers)
    try:
        this.begin()
        this.write()
        entries, waited = this.settle()
        main = list(this.receiver.lines)
        replayed = this.replay(entries)
        for server in servers:
            server.end()
    finally:
        if hasattr(this.receiver, "process"):
            this.receiver.kill()
    lines, signatures = this.receiver.lines, this.signatures
    ways = {}
    for line in main:
        ways[line["way"]] = ways.get(line["way"], 0) + 1
    kinds = sorted({entry["kind"] for entry in entries})
    tries = {}
    for line in main:
        tries.setdefault(line["headers"]["webhook-id"], []).append(line)
    print(f"webhooks: {engine}: {len(entries)} entries ({', '.join(kinds)}), {len(main)} requests ({json.dumps(ways)}), "
          f"{this.kills} kills, enabled again {this.enabled} times, all taken {waited:.0f} s after the last write")
    wrong = disorder(main, entries)
    for fault in (wrong + signatures.faults)[:10]:
        print("webhooks: FAULT", fault, file=sys.stderr)
    return report(f"webhooks: {engine}", {
        "works were created, corrected, withdrawn and reinstated, and advisories came": set(kinds) >= {
            "created", "corrected", "withdrawn", "reinstated", "advisory"},
        f"each of {len(entries)} entries was taken": {entry["id"] for entry in entries} <= this.taken() and len(entries) > 2 * WORKS,
        "nothing of an article came before what was earlier": not wrong,
        f"{signatures.verified} requests verify, {signatures.both} of them by two secrets; {signatures.tampered} forgeries do not":
            not signatures.faults and signatures.both > 0,
        "a message keeps its id and its body": all(len({line["body"] for line in some}) == 1 for some in tries.values()),
        "some were tried again": max(len(some) for some in tries.values()) > 1,
        "every way to fail came, and who was disabled by 410 was enabled again": set(WAYS) <= set(ways) and this.enabled > 0,
        "a replay sends all again, as new messages, and a ping arrives": replayed,
        "no redirect was followed": all(line["way"] != "GET" and line["path"] == "/in" for line in lines),
        "no text of a work was sent": not any("Work number" in line["body"] or "happened" in line["body"] for line in lines),
    })


def main():
    print(f"webhooks: {WORKS} works, seed {SEED}", flush=True)
    good = True
    with scratch("webhooks") as directory:
        good &= run("SQLite", directory, [Server(f"sqlite://{directory / 'newsroom.db'}", directory, settings=SETTINGS)])
    url = os.environ.get("MASTHEAD_TEST_POSTGRES_URL")
    if url:
        with scratch("webhooks") as directory:
            nodes = [Server(url, directory, f"node{n}", SECRET, SETTINGS) for n in (1, 2)]
            good &= run("PostgreSQL, two nodes", directory, nodes)
    else:
        print("webhooks: PostgreSQL was left out: run it under with_postgres.sh")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
