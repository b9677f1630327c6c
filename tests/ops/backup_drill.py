"""Backups under write load, and the drill of getting them back: what was acknowledged before a backup began is in it.

A server takes writes from several threads all the while. Backups are taken beside it, one after another; one more is
killed with -9 in the middle (each at another moment) and must leave nothing that looks like a backup. Then the server is
stopped, every backup is restored into a database of its own, a server is started on that with the secret key that came
along, and every write that had been acknowledged before the backup began is read through the API. Nothing may be half: the
numbers of the change log have no gap, and the audit log is as it was sealed. `--keep` removes what is older, and only that.

Runs on SQLite, and on PostgreSQL where MASTHEAD_TEST_POSTGRES_URL names a server (with_postgres.sh does). Only the standard
library. From the environment: MASTHEAD_BACKUPS (4), MASTHEAD_BACKUP_KILLS (4), MASTHEAD_BACKUP_ARTICLES (5,000 that are
there before), MASTHEAD_BACKUP_THREADS (3), MASTHEAD_BIN (default: the release build).
"""

import http.client
import json
import os
import pathlib
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.parse

from server import BINARY, Connection, Server, environment, journal, psql, report, scratch

BACKUPS = int(os.environ.get("MASTHEAD_BACKUPS") or 4)
KILLS = int(os.environ.get("MASTHEAD_BACKUP_KILLS") or 4)
ARTICLES = int(os.environ.get("MASTHEAD_BACKUP_ARTICLES") or 5_000)
THREADS = int(os.environ.get("MASTHEAD_BACKUP_THREADS") or 3)
POSTGRES = os.environ.get("MASTHEAD_TEST_POSTGRES_URL") or ""
POSTGRES_BIN = os.environ.get("MASTHEAD_POSTGRES_BIN") or ""


def masthead(*args, secret=None, check=True):
    done = subprocess.run([BINARY, *args], text=True, capture_output=True, env=environment(secret))
    if check and done.returncode != 0:
        raise SystemExit(f"masthead {' '.join(args)} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done


def programs():
    return ["--postgres-bin", POSTGRES_BIN] if POSTGRES_BIN else []


def database(name):
    """A new database on the server, as URL; it goes with the cluster."""
    parts = urllib.parse.urlsplit(POSTGRES)
    subprocess.run(
        ["createdb", "-h", parts.hostname, "-p", str(parts.port), "-U", parts.username, name],
        check=True, env=os.environ | ({"PATH": f"{POSTGRES_BIN}:{os.environ['PATH']}"} if POSTGRES_BIN else {}),
    )
    return urllib.parse.urlunsplit(parts._replace(path="/" + name))


class Writers:
    """Threads that write until they are told to stop. What is in `acknowledged` was answered with 201."""

    def __init__(self, base, token):
        self.base, self.token, self.acknowledged, self.faults = base, token, [], []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(n,)) for n in range(THREADS)]
        for thread in self.threads:
            thread.start()

    def write(self, thread):
        connection, n = Connection(self.base, self.token), 0
        while not self.stopping.is_set():
            n += 1
            name = f"Thread {thread}, write {n}"
            path, field, body = "/v1/articles", "title", {
                "title": name, "language": "en",
                "body": {"format": "html", "value": f"<p>{name}.</p>" + "<p>Words that fill a page.</p>" * 40},
            }
            if n % 3 == 0:
                path, field, body = "/v1/authors", "name", {"name": name, "kind": "reporter"}
            try:
                status, answer = connection.call("POST", path, body)
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(f"{path}: {error}")
                return
            if status == 201:
                self.acknowledged.append((f"{path}/{answer['id']}", field, name))
            else:
                self.faults.append(f"{path} answered {status}: {json.dumps(answer)[:300]}")
                return

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def kill_one(url, folder, secret, lasts):
    """A backup that is killed at some moment of it. What a backup in a folder looks like must not be there."""
    before = visible(folder)
    process = subprocess.Popen(
        [BINARY, "--database-url", url, "backup", "--to", str(folder), "--with-secret", *programs()],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(secret),
    )
    time.sleep(random.uniform(0.02, max(lasts * 0.8, 0.05)))
    was_cut = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    copies = [name for name in set(visible(folder)) - set(before) if name.endswith((".db", ".dump"))]
    return was_cut, copies


def gapless(url):
    """Whether the change log of a database at rest has no gap, and SQLite finds nothing wrong."""
    if url.startswith("sqlite://"):
        _, whole, integrity = journal(url.removeprefix("sqlite://"))
        return whole and integrity == "ok"
    return psql(url, "SELECT count(*) > 0 AND count(*) = max(seq) FROM changes") == ["t"]


def restore(number, copy, engine, directory, secret, expected):
    """The faults of one backup."""
    if engine == "sqlite":
        url, key = f"sqlite://{directory}/restored-{number}.db", None  # its secret lies beside it
    else:
        url, key = database(f"restored_{number}"), pathlib.Path(f"{copy}.secret").read_text(encoding="utf-8").strip()
    begun = time.monotonic()
    masthead("restore", "--from", str(copy), "--to", url, *programs())
    lasted = time.monotonic() - begun
    again = masthead("restore", "--from", str(copy), "--to", url, *programs(), check=False)
    server = Server(url, directory, f"restored-{engine}-{number}", secret=key)
    faults = [] if again.returncode == 1 else ["a second restoration into the same place was not refused"]
    server.start()
    try:
        connection = Connection(server.base, server.login())
        for path, field, value in expected:
            status, answer = connection.call("GET", path)
            if status != 200 or answer.get(field) != value:
                faults.append(f"MISSING {path}: {status}")
    finally:
        code = server.stop()
    if code != 0:
        faults.append(f"the server on it ended with {code}")
    if not gapless(url):
        faults.append("the numbers of the change log have a gap, or SQLite finds something wrong")
    verified = masthead("--database-url", url, "audit", "verify", "--json", check=False)
    if verified.returncode != 0 or not json.loads(verified.stdout)["intact"]:
        faults.append("the audit log is not intact")
    return faults, lasted


def drill(engine, directory):
    secret = None if engine == "sqlite" else secrets.token_hex(32)
    url = f"sqlite://{directory}/newsroom.db" if engine == "sqlite" else database("drill")
    folder = directory / f"backups-{engine}"
    folder.mkdir()
    (folder / "masthead-20200101T000000000Z.db").write_text("somebody else's", encoding="utf-8")
    masthead("--database-url", url, "seed", "--articles", str(ARTICLES), secret=secret)
    server = Server(url, directory, f"drill-{engine}", secret=secret)
    server.make_admin()
    server.start()
    taken, cut, half, writers = [], 0, [], None
    try:
        writers = Writers(server.base, server.login())
        lasts = 0.5
        for number in range(BACKUPS):
            seen = len(writers.acknowledged)
            while len(writers.acknowledged) < seen + 50 and not writers.faults:
                time.sleep(0.01)
            before = list(writers.acknowledged)
            begun = time.monotonic()
            out = masthead("--database-url", url, "backup", "--to", str(folder), "--with-secret", *programs(), secret=secret)
            lasts = time.monotonic() - begun
            copy, during = pathlib.Path(out.stdout.splitlines()[0]), len(writers.acknowledged) - len(before)
            taken.append((copy, before))
            print(f"backup-drill: {engine}: {copy.name}: {copy.stat().st_size:,} bytes in {lasts:.1f} s; "
                  f"{len(before)} writes acknowledged before, {during} during", flush=True)
        for _ in range(KILLS):
            was_cut, copies = kill_one(url, folder, secret, lasts)
            cut += was_cut
            half += copies
        before = list(writers.acknowledged)
        out = masthead("--database-url", url, "backup", "--to", str(folder), "--with-secret", *programs(), secret=secret)
        taken.append((pathlib.Path(out.stdout.splitlines()[0]), before))
    finally:
        if writers:
            writers.stop()
    code = server.stop()
    for fault in writers.faults[:5]:
        print(f"backup-drill: {engine}: FAULT {fault}", file=sys.stderr)
    faults = []
    for number, (copy, before) in enumerate(taken):
        found, lasted = restore(number, copy, engine, directory, secret, before)
        faults += found
        print(f"backup-drill: {engine}: {copy.name}: restored in {lasted:.1f} s, {len(before)} writes looked for, "
              f"{len(found)} faults", flush=True)
        for fault in found[:5]:
            print(f"backup-drill: {engine}: FAULT {fault}", file=sys.stderr)
    masthead("--database-url", url, "backup", "--to", str(folder), "--keep", "2", *programs(), secret=secret)
    left = [name for name in visible(folder) if name.endswith((".db", ".dump"))]
    return report(f"backup-drill: {engine}", {
        "no write was refused while backups ran": not writers.faults and code == 0,
        "writes went on during backups": len(writers.acknowledged) > len(taken[-1][1]),
        f"{cut} of {KILLS} backups were killed in the middle": cut > 0,
        "a killed backup leaves none": not half,
        f"all of {len(taken)} backups came back, with every write that was acknowledged before them": not faults,
        "--keep 2 leaves two, and what is not ours": len(left) == 3 and "masthead-20200101T000000000Z.db" in left,
    })


def main():
    with scratch("backup") as directory:
        engines = ["sqlite"] + (["postgres"] if POSTGRES else [])
        if not POSTGRES:
            print("backup-drill: SKIPPED on PostgreSQL: run it by with_postgres.sh")
        good = [drill(engine, directory) for engine in engines]
        return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
