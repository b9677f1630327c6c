"""A server of our own for the scripts here: started, asked, killed.

Only the standard library. From the environment: MASTHEAD_BIN (default: the release build).
"""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("MASTHEAD_BIN") or str(
    pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "release" / "masthead"
)
EMAIL, PASSWORD = "crash@newsroom.example", "a long enough passphrase 71"
# Less than what the server waits for the next request on a connection.
IDLE_SECONDS = 3.0
NOT_OURS = ("MASTHEAD_", "DATABASE_URL", "DATABASE_READ_URL")


def environment(secret=None):
    more = {"MASTHEAD_SECRET_KEY": secret} if secret else {}
    clean = {k: v for k, v in os.environ.items() if not k.startswith(NOT_OURS)}
    return clean | {"MASTHEAD_RATE_LIMIT_PER_MINUTE": "0", "MASTHEAD_LOGIN_LIMIT_PER_MINUTE": "0"} | more


class Connection:
    """One kept-alive connection; every answer is (status, body, headers)."""

    def __init__(self, base, token=None):
        self.http = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=20)
        self.token, self.used = token, time.monotonic()

    def fresh(self):
        """The server closes a connection that was idle: such a one is opened anew by the next request."""
        if time.monotonic() - self.used > IDLE_SECONDS:
            self.http.close()
        self.used = time.monotonic()

    def call(self, method, path, body=None):
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        self.fresh()
        self.http.request(method, path, body=data, headers=headers)
        response = self.http.getresponse()
        raw = response.read()
        return response.status, json.loads(raw) if raw else None

    def tagged(self, method, path, body=None, etag=None):
        """(status, body, ETag) of a request with If-Match."""
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self.token}", "Accept-Encoding": "identity"}
        if etag:
            headers["If-Match"] = etag
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        self.fresh()
        self.http.request(method, path, body=json.dumps(body).encode() if body is not None else None, headers=headers)
        response = self.http.getresponse()
        raw = response.read()
        return response.status, json.loads(raw) if raw else None, response.headers["ETag"]

    def revised(self, status, method, path, members=None):
        """A write against the revision that is there: the answer."""
        _, _, etag = self.tagged("GET", path)
        got, answer, _ = self.tagged(method, path, members, etag)
        if got != status:
            raise SystemExit(f"{method} {path} answered {got}, not {status}: {json.dumps(answer)[:800]}")
        return answer

    def patch(self, path, **members):
        return self.revised(200, "PATCH", path, members)

    def delete(self, path):
        self.revised(204, "DELETE", path)

    def expect(self, status, method, path, body=None):
        got, answer = self.call(method, path, body)
        if got != status:
            raise SystemExit(f"{method} {path} answered {got}, not {status}: {json.dumps(answer)[:800]}")
        return answer


class Server:
    # All that were started, for `scratch`.
    started = []

    def __init__(self, url, directory, name="server", secret=None, settings=None):
        self.url, self.directory, self.name, self.secret = url, directory, name, secret
        self.settings = settings or {}
        self.listen = "127.0.0.1:0"
        self.log = directory / f"{name}.log"
        self.process = None

    def start(self):
        ready = self.directory / f"{self.name}.json"
        ready.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "--database-url", self.url, "serve", "--listen", self.listen, "--ready-file", str(ready)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(self.secret) | self.settings,
            )
        if self not in self.started:
            self.started.append(self)
        end = time.monotonic() + 60
        while not ready.exists():
            if self.process.poll() is not None:
                self.fail(f"the server ended with {self.process.returncode} before it was ready")
            if time.monotonic() > end:
                self.fail("the server was not ready within 60 s")
            time.sleep(0.02)
        self.base = json.loads(ready.read_text(encoding="utf-8"))["base_url"]

    def login(self):
        answer = Connection(self.base).expect(200, "POST", "/v1/auth/login", {"email": EMAIL, "password": PASSWORD})
        return answer["access_token"]

    def kill(self):
        """With -9, if it still runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        """By SIGTERM, which it has to answer with 0."""
        code = self.stop()
        if code != 0:
            self.fail(f"the server exited with {code} after SIGTERM, not with 0")

    def metrics(self):
        """The value of each line of its metrics."""
        http_ = http.client.HTTPConnection(urllib.parse.urlsplit(self.base).netloc, timeout=20)
        http_.request("GET", "/metrics")
        lines = http_.getresponse().read().decode().splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[:1] != "#")}

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.fail("the server still ran 30 s after SIGTERM")

    def fail(self, text):
        print(self.log.read_text(encoding="utf-8", errors="replace")[-4000:], file=sys.stderr)
        raise SystemExit(text)

    def make_admin(self):
        subprocess.run(
            [BINARY, "--database-url", self.url, "user", "create", "--email", EMAIL, "--role", "admin",
             "--name", "Crash Test", "--password-stdin"],
            input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL, env=environment(self.secret),
        )


@contextlib.contextmanager
def scratch(name):
    """A temporary folder. However this is left, it is gone then, and so are the servers."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"masthead-{name}-"))
    try:
        yield directory
    finally:
        for server in Server.started:
            server.kill()
        shutil.rmtree(directory, ignore_errors=True)


def journal(database):
    """Of an SQLite file at rest: the works that its change log tells to be published, in order; whether its numbers
    have no gap; and what SQLite says of its integrity."""
    with sqlite3.connect(database) as connection:
        column = lambda query: [row[0] for row in connection.execute(query)]
        told = column("SELECT resource_id FROM changes WHERE kind = 'published' ORDER BY seq")
        seqs = column("SELECT seq FROM changes ORDER BY seq")
        return told, seqs == list(range(1, len(seqs) + 1)), column("PRAGMA integrity_check")[0]


def psql(url, statement):
    """The lines that a statement answers, through the client that comes with the server."""
    program = pathlib.Path(os.environ.get("MASTHEAD_POSTGRES_BIN") or "") / "psql"
    command = [str(program), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", url, "--command", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def report(name, checks):
    """Prints each check; whether all hold."""
    for what, good in checks.items():
        print(f"{name}: {'ok  ' if good else 'FAIL'} {what}")
    return all(checks.values())


class Newsroom:
    """What a partner's reading needs: works, a partner, its licence and its key."""

    def __init__(self, desk, articles):
        self.desk = desk
        make = lambda path, body: desk.expect(201, "POST", path, body)
        for kind in ("own_work", "contact"):
            body = {"kind": kind, "language": "en", "text": f"The notice: {kind}."}
            if kind == "contact":
                body |= {"contact": {"desk": "Newsroom", "email": "desk@news.example.org"}, "claim_window_days": 30}
            make("/v1/notices", body)
        section = make("/v1/sections", {"slug": "harbour", "name": "Harbour"})["id"]
        source = make("/v1/sources", {"name": "Harbour Gazette", "credit_label": "Harbour Gazette", "kind": "own"})["id"]
        editor = make("/v1/authors", {"name": "E. Ditor", "real_name": "Edna Ditor", "kind": "editor"})["id"]
        self.section, self.source, self.editor, self.articles = section, source, editor, []
        for n in range(articles):
            text = "".join(f"<p>Paragraph {p} of work {n}. It has a second sentence.</p>" for p in range(12))
            work = make("/v1/articles", {
                "title": f"Work number {n}", "language": "en", "summary": f"Work {n}, in short.", "section_id": section,
                "source_id": source, "editor_id": editor, "body": {"format": "html", "value": text},
            })["id"]
            desk.expect(200, "POST", f"/v1/articles/{work}/publish", {})
            self.articles.append(work)
        self.partner = make("/v1/partners", {"name": "Coast Portal"})["id"]

    def licence(self, **terms):
        return self.desk.expect(201, "POST", "/v1/licences", {
            "partner_id": self.partner, "selector": {"sources": [self.source]}, "extent": "full",
            "channels": ["syndication"], "territories": ["CN"], "valid_from": "2020-01-01T00:00:00Z",
        } | terms)["id"]

    def key(self, **terms):
        client = self.desk.expect(201, "POST", "/v1/clients", {
            "name": "Coast Portal", "kind": "partner", "partner_id": self.partner, "channel": "syndication",
            "territory": "CN",
        } | terms)
        return client["id"], client["key"]
