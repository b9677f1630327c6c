"""Not one stale answer: under 32 connections of load, rights and works come to their ends at known instants, and every
answer of the whole run is looked at afterwards.

One node. Each connection asks one thing after another as fast as it can, half of them with the If-None-Match of the answer
that they got last; every answer is kept with the times at which its request began and its answer had come, and with what
it showed. Meanwhile things change, each in one of two ways:

- by a write (an article withdrawn, an article corrected, a licence revoked, a key revoked, a section renamed, the settings
  changed): an answer that had come before the write was sent must be the old one, one whose request began after the
  acknowledgement must be the new one, and one between may be either;
- by the clock (an embargo's end, a publication on the schedule, the end of a grant, of a licence and of a key): an answer
  that had come before the instant must be the old one, one whose request began after it the new one. Server and script read
  the same clock.

A 304 stands for the answer whose ETag was sent, but for its own headers. A 503 gives nothing: a partner gets it where its
right changed between the decision and the ledger, and only in that window is it right. On SQLite, and under with_postgres.sh on PostgreSQL, too.

From the environment: MASTHEAD_STALE_SECONDS (12, between the first instant and the last), MASTHEAD_STALE_CONNECTIONS (32),
MASTHEAD_BIN (default: the release build).
"""

import datetime
import http.client
import json
import os
import sys
import threading
import time
import urllib.parse

from server import Connection, Newsroom, Server, scratch

SECONDS = float(os.environ.get("MASTHEAD_STALE_SECONDS") or 12)
CONNECTIONS = int(os.environ.get("MASTHEAD_STALE_CONNECTIONS") or 32)
SECRET = "a secret that two runs share, long enough for a server"


class Ask:
    """Something to be read, and how an answer is told apart from another: `reads(status, headers, text)`."""

    def __init__(self, path, reads, key=None):
        self.path, self.reads = path, reads
        self.headers = {"Accept-Encoding": "identity"} | ({"X-Api-Key": key} if key else {})
        self.answers = []


class Event:
    """A change of what asks get, from one value to another, between two instants, which are one for a time's coming."""

    def __init__(self, name, change, asks, at=None):
        # `asks` holds an ask, what it got before, and what it gets afterwards.
        self.name, self.change, self.asks, self.at = name, change, asks, at
        self.begins = self.ends = at

    def happen(self):
        self.begins = time.time()
        self.change()
        self.ends = time.time()


def load(base, asks, conditional, stop, broken):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=30)
    kept, n = {}, 0
    while not stop.is_set():
        ask = asks[n % len(asks)]
        n += 1
        headers = dict(ask.headers)
        if conditional and ask in kept:
            headers["If-None-Match"] = kept[ask][0]
        began = time.time()
        try:
            connection.request("GET", ask.path, headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            broken.append((ask.path, repr(error)))
            return
        came = time.time()
        is_known = response.status == 304 and ask.reads is not longest
        shown = kept[ask][1] if is_known else ask.reads(response.status, response.headers, text)
        ask.answers.append((began, came, shown, response.status))
        if response.status == 200 and response.headers["ETag"]:
            kept[ask] = response.headers["ETag"], shown


def status(code, headers, text):
    return code


def body(code, headers, text):
    """Whether a whole body came."""
    return bool(code == 200 and (json.loads(text).get("body") or {}).get("value"))


def extent(code, headers, text):
    return json.loads(text)["attribution"]["usage"]["extent"] if code == 200 else code


def title(code, headers, text):
    return json.loads(text).get("title") if code == 200 else code


def section(code, headers, text):
    return ((json.loads(text).get("section") or {}).get("name")) if code == 200 else code


def has(work):
    return lambda code, headers, text: work in text


def longest(code, headers, text):
    """For how long anybody may keep the answer, stale or not."""
    parts = (part.strip().partition("=") for part in (headers["Cache-Control"] or "").split(","))
    return sum(int(value) for name, _, value in parts if name in ("max-age", "stale-while-revalidate"))


def iso(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).isoformat()


def events_of(desk, newsroom, key, web, instants):
    """What is to happen, what each changes, and what is asked meanwhile."""
    works = iter(newsroom.articles)
    at = iter(instants)
    make = lambda path, body_: desk.expect(201, "POST", path, body_)
    article = lambda work: f"/v1/articles/{work}"
    partner = newsroom.partner

    patch, delete = desk.patch, desk.delete

    def works_of(source, label):
        """A work of a source of its own."""
        return make("/v1/articles", {
            "title": label, "language": "en", "summary": f"{label}, in short.", "source_id": source,
            "editor_id": newsroom.editor, "body": {"format": "markdown", "value": f"{label}. It has a second sentence."},
        } | ({} if source == newsroom.source else {
            "original": {"title": label, "authors": ["Wen Ya"], "url": "https://gazette.example.org/1"},
        }))["id"]

    def source(label, until=None):
        made = make("/v1/sources", {"name": label, "credit_label": label, "kind": "external"})["id"]
        grant = {
            "channels": ["syndication", "web"], "territories": ["CN"], "valid_from": "2020-01-01T00:00:00Z",
            "max_extent": "full", "may_redistribute": True, "alteration": "format",
        } | ({"valid_until": iso(until)} if until else {})
        make(f"/v1/sources/{made}/grants", grant)
        return made

    def licence(of, **terms):
        return make("/v1/licences", {
            "partner_id": partner, "selector": {"sources": [of]}, "extent": "full", "channels": ["syndication"],
            "territories": ["CN"], "valid_from": "2020-01-01T00:00:00Z",
        } | terms)["id"]

    def given(label, until=None, **terms):
        """A work that the partner has by a licence of its own, and both."""
        of = source(label, until)
        work = works_of(of, label)
        desk.expect(200, "POST", f"{article(work)}/publish", {})
        return work, licence(of, **terms)

    make("/v1/notices", {"kind": "reprint", "language": "en", "text": "The notice: reprint."})
    found = []

    def event(name, change, *asks, when=None):
        found.append(Event(name, change, asks, when))

    # Writes.
    work = next(works)
    event(
        "article withdrawn",
        lambda: desk.expect(200, "POST", f"{article(work)}/withdraw", {"reason_class": "editorial", "reason": "A test."}),
        (Ask(article(work), status), 200, 410), (Ask(article(work), status, web), 200, 410),
        (Ask(article(work), status, key), 200, 410), (Ask("/v1/articles?limit=100", has(work)), True, False),
        (Ask("/v1/articles?limit=100", has(work), web), True, False),
        (Ask(f"{article(work)}/representations/text", status, web), 200, 410),
    )
    fixed = next(works)
    name = desk.expect(200, "GET", article(fixed))["title"]

    def correct():
        desk.expect(200, "POST", f"{article(fixed)}/correct", {"public_note": "The title was corrected."})

    patch(article(fixed), title="The corrected title")
    event(
        "article corrected", correct, (Ask(article(fixed), title), name, "The corrected title"),
        (Ask(article(fixed), title, web), name, "The corrected title"), (Ask(article(fixed), title, key), name, "The corrected title"),
        (Ask("/v1/articles?fields=title&limit=100", has("The corrected title")), False, True),
    )
    lent, right = given("Lent Gazette")
    event(
        "licence revoked", lambda: patch(f"/v1/licences/{right}", status="revoked"),
        (Ask(f"{article(lent)}?body_format=html", body, key), True, False),
    )
    ended = make("/v1/clients", {"name": "Ended", "kind": "first_party", "channel": "web"})
    stays = next(works)
    event("key revoked", lambda: delete(f"/v1/clients/{ended['id']}"), (Ask(article(stays), status, ended["key"]), 200, 401))
    event(
        "section renamed", lambda: patch(f"/v1/sections/{newsroom.section}", name="Quay"),
        (Ask(f"{article(stays)}?include=section", section), "Harbour", "Quay"),
        (Ask(f"{article(stays)}?include=section", section, web), "Harbour", "Quay"),
        (Ask(f"/v1/sections/{newsroom.section}", lambda code, headers, text: json.loads(text)["name"], web), "Harbour", "Quay"),
    )
    event(
        "settings: for how long answers may be kept", lambda: patch("/v1/settings", public_max_age_seconds=20),
        (Ask(article(stays), longest), 60, 20),
    )
    opened = next(works)
    event(
        "settings: how much the public gets", lambda: patch("/v1/settings", public_extent="full"),
        (Ask(f"{article(opened)}?body_format=html", extent), "excerpt", "full"),
    )
    # Times.
    when = next(at)
    held = works_of(newsroom.source, "Held back")
    desk.expect(200, "POST", f"{article(held)}/schedule", {"embargoed_until": iso(when)})
    event(
        "embargo's end", None, (Ask(article(held), status), 404, 200), (Ask(article(held), status, web), 404, 200),
        (Ask("/v1/articles?limit=100&sort=-published_at", has(held), web), False, True), when=when,
    )
    when = next(at)
    planned = works_of(newsroom.source, "Planned")
    desk.expect(200, "POST", f"{article(planned)}/schedule", {"publish_at": iso(when)})
    event(
        "publication on the schedule", None, (Ask(article(planned), status), 404, 200),
        (Ask("/v1/articles?limit=100", has(planned)), False, True), when=when,
    )
    when = next(at)
    passing, _ = given("Passing Gazette", until=when)
    event(
        "grant's end", None, (Ask(f"{article(passing)}?body_format=html", body, key), True, False),
        (Ask(f"{article(passing)}?body_format=html", body, web), True, False), when=when,
    )
    when = next(at)
    short, _ = given("Short Gazette", valid_until=iso(when))
    event("licence's end", None, (Ask(f"{article(short)}?body_format=html", body, key), True, False), when=when)
    when = next(at)
    brief = make("/v1/clients", {"name": "Brief", "kind": "first_party", "channel": "web", "expires_at": iso(when)})["key"]
    event("key's end", None, (Ask(article(stays), status, brief), 200, 401), when=when)
    return found


def judged(event):
    """The answers that were not right at their time, and how many were looked at before and after."""
    wrong, before, after = [], 0, 0
    for ask, old, new in event.asks:
        for began, came, shown, code in ask.answers:
            if came < event.begins:
                before += 1
                good = shown == old
            elif began > event.ends:
                after += 1
                good = shown == new
            else:
                good = shown in (old, new) or code == 503
            if not good:
                wrong.append((ask.path, f"{began - event.ends:+.4f} s", f"{came - event.begins:+.4f} s", shown, code))
    return wrong, before, after


def run(engine, url, directory):
    server = Server(url, directory, engine, SECRET)
    server.make_admin()
    server.start()
    desk = Connection(server.base, server.login())
    newsroom = Newsroom(desk, 6)
    newsroom.licence()
    _, key = newsroom.key()
    web = desk.expect(201, "POST", "/v1/clients", {"name": "Web", "kind": "first_party", "channel": "web"})["key"]
    desk.patch("/v1/settings", public_extent="excerpt", public_max_age_seconds=60)
    # Making all this takes a while.
    first = time.time() + 8
    found = events_of(desk, newsroom, key, web, [first + n * SECONDS / 5 for n in range(5)])
    asks = [ask for event in found for ask, _, _ in event.asks]
    stop, broken = threading.Event(), []
    threads = [
        threading.Thread(target=load, args=(server.base, asks[n % len(asks):] + asks[:n % len(asks)], n % 2 == 1, stop, broken))
        for n in range(CONNECTIONS)
    ]
    if time.time() > first - 1:
        raise SystemExit("stale: making the newsroom took longer than foreseen; try again")
    for thread in threads:
        thread.start()
    time.sleep(max(first - 0.5 - time.time(), 1))
    writes = [event for event in found if event.change]
    for event in writes:
        event.happen()
        time.sleep(SECONDS / len(writes))
    time.sleep(max(max(event.ends for event in found) + 2 - time.time(), 0))
    stop.set()
    for thread in threads:
        thread.join(timeout=60)
    total, good = sum(len(ask.answers) for ask in asks), not broken
    for event in found:
        wrong, before, after = judged(event)
        good &= not wrong and before > 0 and after > 0
        print(f"stale: {engine}: {event.name:44} {before:6} answers before, {after:6} after, {len(wrong)} wrong")
        for item in wrong[:3]:
            print("stale: WRONG", item, file=sys.stderr)
    for item in broken[:3]:
        print("stale: BROKEN", item, file=sys.stderr)
    print(f"stale: {engine}: {total} answers, all looked at: " + ("each was right at its time" if good else "FAILED"), flush=True)
    server.end()
    return good


def main():
    with scratch("stale") as directory:
        url = os.environ.get("MASTHEAD_TEST_POSTGRES_URL")
        good = run("sqlite", f"sqlite://{directory / 'newsroom.db'}", directory)
        if url:
            good &= run("postgres", url, directory)
        else:
            print("stale: PostgreSQL was left out: run this under with_postgres.sh")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
