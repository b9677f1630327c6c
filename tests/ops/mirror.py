"""`masthead mirror` against a real server, both killed with -9 at moments of chance, while works are published, changed, corrected,
withdrawn, reinstated and moved, and the licence is suspended and taken up again. Once the database is put back to an
earlier copy, so that the mirror's cursor is lost.

At the end the folder holds exactly what the key reads by `GET /v1/articles`: each work in the version that the API gives, each
with its credit in the text, nothing besides; no advisory is open; and a mirror that begins with an empty folder, in another
form, comes to the same.

Only the standard library. From the environment: MASTHEAD_MIRROR_ROUNDS (20), MASTHEAD_MIRROR_SEED (random, printed),
MASTHEAD_BIN (default: the release build).
"""

import html
import http.client
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from server import BINARY, Connection, Newsroom, Server, environment, report, scratch

ROUNDS = int(os.environ.get("MASTHEAD_MIRROR_ROUNDS") or 20)
SEED = int(os.environ.get("MASTHEAD_MIRROR_SEED") or random.randrange(1 << 32))
ARTICLES = 30
# How long a mirror that is to end may take.
PATIENCE_SECONDS = 120


class Mirror:
    """A process of its own on one folder."""

    def __init__(self, base, key, folder, log, *more):
        self.command = [BINARY, "mirror", "--from", base, "--to", str(folder), *more]
        self.key, self.folder, self.log, self.process = key, folder, log, None

    def start(self, *more):
        if self.process and self.process.poll() is None:
            return  # It has outlived the server.
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*self.command, *more], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=environment() | {"MASTHEAD_MIRROR_KEY": self.key})

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def ended(self, code=0):
        try:
            got = self.process.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            got = "no end"
        if got != code:
            print(self.log.read_text(encoding="utf-8", errors="replace")[-3000:], file=sys.stderr)
            raise SystemExit(f"mirror: the mirror ended with {got}, not with {code}")

    def held(self):
        return {path.name: path.read_text(encoding="utf-8") for path in (self.folder / "articles").iterdir()}

    def state(self):
        return json.loads((self.folder / ".mirror.json").read_text(encoding="utf-8"))


class Desk:
    """Changes by chance. What the server was killed under may have happened or not: it is asked at the end."""

    def __init__(self, server, newsroom, licence, elsewhere, chance):
        self.server, self.newsroom, self.licence, self.elsewhere, self.chance = server, newsroom, licence, elsewhere, chance
        self.counts, self.number = {}, 0

    def connect(self):
        self.connection = Connection(self.server.base, self.server.login())

    def revive(self):
        """Starts the server where it was killed."""
        if self.server.process.poll() is not None:
            self.server.start()
            self.connect()

    def text(self):
        self.number += 1
        return {"format": "html", "value": "".join(f"<p>Text {self.number}, paragraph {p}.</p>" for p in range(3))}

    def patch(self, path, **members):
        status, _, etag = self.connection.tagged("GET", path)
        if status == 200:
            status, _, _ = self.connection.tagged("PATCH", path, members, etag)
        return status

    def act(self, path, body):
        status, _ = self.connection.call("POST", path, body)
        return status

    def publish(self, _):
        room = self.newsroom
        status, made = self.connection.call("POST", "/v1/articles", {
            "title": f"New work {self.number}", "language": "en", "section_id": room.section, "source_id": room.source,
            "editor_id": room.editor, "body": self.text()})
        if status == 201:
            room.articles.append(made["id"])
            status = self.act(f"/v1/articles/{made['id']}/publish", {})
        return status

    def update(self, work):
        self.patch(work, body=self.text())
        return self.act(f"{work}/publish", {})

    def correct(self, work):
        self.patch(work, body=self.text())
        return self.act(f"{work}/correct", {"public_note": "A number was corrected."})

    def withdraw(self, work):
        return self.act(f"{work}/withdraw", {"reason_class": self.chance.choice(["editorial", "legal"]), "reason": "A test."})

    def reinstate(self, work):
        return self.act(f"{work}/reinstate", {})

    def move(self, work):
        """Out of what the licence selects, or back."""
        self.patch(work, section_id=self.chance.choice([self.elsewhere, self.newsroom.section]))
        return self.act(f"{work}/publish", {})

    def suspend(self, _):
        return self.patch(f"/v1/licences/{self.licence}", status="suspended")

    def resume(self, _):
        return self.patch(f"/v1/licences/{self.licence}", status="active")

    def some(self):
        do = self.chance.choice([self.publish, self.update, self.correct, self.correct, self.withdraw, self.reinstate,
                                 self.reinstate, self.move, self.suspend, self.resume, self.resume])
        self.do(do, self.chance.choice(self.newsroom.articles))

    def each(self):
        """One work goes through all of it, whatever chance has chosen."""
        self.do(self.publish, None)
        for do in (self.correct, self.withdraw, self.reinstate, self.move, self.suspend, self.resume):
            self.do(do, self.newsroom.articles[-1])

    def do(self, do, article):
        status = do(f"/v1/articles/{article}")
        # A conflict with the stage is an answer, too.
        if status not in (200, 201, 404, 409, 412):
            raise SystemExit(f"mirror: {do.__name__} was answered with {status}")
        if status in (200, 201):
            self.counts[do.__name__] = self.counts.get(do.__name__, 0) + 1


def copied(database, place):
    """The database as it is now, by SQLite's own means: its log is no part of the file."""
    with sqlite3.connect(database) as source, sqlite3.connect(place) as target:
        source.backup(target)
    source.close()
    target.close()


def readable(base, key):
    """What the key reads: each work, by id."""
    reader, works, cursor = KeyConnection(base, key), {}, ""
    while True:
        page = reader.get(f"/v1/articles?limit=100{cursor}")
        works |= {item["id"]: reader.get(f"/v1/articles/{item['id']}") for item in page["data"]}
        if not page["page"]["has_more"]:
            return works
        cursor = f"&cursor={page['page']['next_cursor']}"


class KeyConnection(Connection):
    """As a partner asks: its key is taken as a bearer token."""

    def get(self, path):
        return self.expect(200, "GET", path)


def plain(text):
    """HTML as it is read."""
    return html.unescape(re.sub(r"<[^>]*>", "", text))


def comparable(work):
    """A work without what is another one with each delivery."""
    return work | {"attribution": work["attribution"] | {"attestation": None}}


def main():
    chance = random.Random(SEED)
    print(f"mirror: {ROUNDS} rounds, seed {SEED}")
    mirrors = []
    with scratch("mirror") as directory:
        try:
            return run(directory, chance, mirrors)
        finally:
            for mirror in mirrors:
                mirror.kill()


def run(directory, chance, mirrors):
    database, earlier = directory / "newsroom.db", directory / "earlier.db"
    server = Server(f"sqlite://{database}", directory)
    server.make_admin()
    server.start()
    # Where it is from now on: the mirror knows one address.
    server.listen = server.base.removeprefix("http://").rstrip("/")
    connection = Connection(server.base, server.login())
    newsroom = Newsroom(connection, ARTICLES)
    elsewhere = connection.expect(201, "POST", "/v1/sections", {"slug": "elsewhere", "name": "Elsewhere"})["id"]
    licence = newsroom.licence(selector={"sections": [newsroom.section]})
    _, key = newsroom.key()
    desk = Desk(server, newsroom, licence, elsewhere, chance)
    desk.connect()
    mirror = Mirror(server.base, key, directory / "folder", directory / "mirror.log", "--acknowledge")
    mirrors.append(mirror)
    kills = {"mirror": 0, "server": 0}
    put_back = False
    for number in range(ROUNDS):
        mirror.start("--follow")
        victims = chance.choice([["mirror"], ["mirror"], ["server"], ["mirror", "server"]])
        pause = chance.uniform(0.05, 1.2)

        def strike():
            for victim in victims:
                kills[victim] += 1
                {"mirror": mirror.kill, "server": server.kill}[victim]()

        blow = threading.Timer(pause, strike)
        blow.start()
        try:
            while blow.is_alive():
                desk.some()
        except (OSError, http.client.HTTPException, ValueError):
            if "server" not in victims:
                raise
        blow.join()
        if "server" not in victims and mirror.process.poll() is None:
            server.fail("mirror: the mirror outlived its kill")
        if number == ROUNDS // 3:
            server.kill()
            copied(database, earlier)
        if number == 2 * ROUNDS // 3:
            # What is lost then is something that the mirror has been told.
            desk.revive()
            desk.patch(f"/v1/licences/{licence}", status="active")
            desk.publish(None)
            mirror.kill()
            mirror.start()
            mirror.ended()
            server.kill()
            for end in ("", "-wal", "-shm"):
                (directory / f"newsroom.db{end}").unlink(missing_ok=True)
            shutil.copy(earlier, database)
            put_back = True
        desk.revive()
        if chance.random() < 0.5:
            mirror.kill()
    desk.patch(f"/v1/licences/{licence}", status="active")
    for _ in range(10):
        desk.some()
    desk.each()
    desk.patch(f"/v1/licences/{licence}", status="active")

    # One that follows is stopped by a signal in good order.
    mirror.kill()
    mirror.start("--follow")
    time.sleep(0.5)
    mirror.process.send_signal(signal.SIGTERM)
    mirror.ended()
    mirror.start()
    mirror.ended()
    other = Mirror(server.base, key, directory / "other", directory / "other.log", "--format", "markdown")
    mirrors.append(other)
    other.start()
    other.ended()

    works = readable(server.base, key)
    held = {name.removesuffix(".json"): json.loads(text) for name, text in mirror.held().items()}
    texts = {name.removesuffix(".md"): text for name, text in other.held().items()}
    reader = KeyConnection(server.base, key)
    open_ = reader.get("/v1/advisories?status=open&limit=100")["data"]
    answered = reader.get("/v1/advisories?status=acknowledged&limit=100")["data"]
    log = mirror.log.read_text(encoding="utf-8")
    everything = [path for path in directory.joinpath("folder").rglob("*") if path.is_file()]
    differing = [id_ for id_ in works if comparable(held.get(id_, {"attribution": {}})) != comparable(works[id_])]
    credited = lambda text, work: work["attribution"]["credit_line"] in plain(text)
    print(f"mirror: {kills['mirror']} kills of the mirror, {kills['server']} of the server; {desk.counts}; "
          f"{len(works)} works are readable, {len(answered)} advisories were acknowledged")
    if differing or set(held) != set(works):
        print(f"mirror: missing {sorted(set(works) - set(held))}, too much {sorted(set(held) - set(works))}, other {differing}",
              file=sys.stderr)
    server.end()
    good = report("mirror", {
        "the folder holds the works that the key reads, and no other": set(held) == set(works),
        "each as the API gives it": not differing,
        "each with its credit in the text": all(credited(work["body"]["value"], work) for work in held.values()),
        "from an empty start, in another form, it comes to the same works": set(texts) == set(works),
        "and each of those has its credit": all(credited(texts[id_], works[id_]) for id_ in set(texts) & set(works)),
        "no advisory is open, and some were acknowledged": not open_ and bool(answered),
        "the cursor was lost when the database was put back, and all was asked for anew": put_back and "asked for anew" in log,
        "nothing half done is left, and the key is in no file":
            all(not path.name.endswith(".new") and key not in path.read_text(encoding="utf-8") for path in everything),
        "it stands at a cursor": not mirror.state()["rebuilding"] and mirror.state()["cursor"].startswith("chg_"),
        "both were killed, and works came and went": min(kills.values()) > 0 and len(works) > 5
            and all(desk.counts.get(word) for word in ("publish", "correct", "withdraw", "reinstate", "move", "suspend")),
    })
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
