"""Three nodes over one PostgreSQL database, one of them killed with -9 under load.

Writers and readers keep all three busy; a job publishes many drafts and a schedule falls due. The node that works on the
job is killed in the middle of it. Its clients go on at the other nodes, with the same Idempotency-Key where a write got no
answer. In the end every acknowledged write is there, read from another node than the one that took it; every draft of
the job and every work of the schedule is published once in the change log, which has no gap; another node has brought
the job to its end; and no request failed but those under way at the dead node, one for each of its connections at most.

Then the dead node is started again, and under load one node corrects and withdraws works, while the others are asked
every 20 ms when they show it: within one second. Once more while the change feeds' connections are cut again and again,
and once more where no notification is ever sent, so that polling is all there is. Webhooks do not exist yet: jobs and
chores are all that could be done twice.

Run it under with_postgres.sh. From the environment: MASTHEAD_NODES_JOB (1,000, the drafts of the job),
MASTHEAD_NODES_ROUNDS (30, corrections of each part), MASTHEAD_NODES_CONNECTIONS (18, of the load), MASTHEAD_BIN (default:
the release build).
"""

import datetime
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import urllib.parse

from server import Connection, Newsroom, Server, psql, report, scratch

JOB = int(os.environ.get("MASTHEAD_NODES_JOB") or 1_000)
ROUNDS = int(os.environ.get("MASTHEAD_NODES_ROUNDS") or 30)
CONNECTIONS = int(os.environ.get("MASTHEAD_NODES_CONNECTIONS") or 18)
SCHEDULED = 30
WITHDRAWN = 5
SECRET = "a secret of three nodes that share a database, long enough"
# What the other nodes are allowed.
LATE_SECONDS = 1.0
# Settings changed in each part.
SETTINGS = 10


class Client(threading.Thread):
    """One connection to one node at a time; another node when that one is gone."""

    def __init__(self, number, nodes, token, works, stop):
        super().__init__()
        self.number, self.nodes, self.token, self.works, self.stop_ = number, nodes, token, works, stop
        self.at = number % len(nodes)
        self.writes = number % 6 >= 3
        self.failures, self.refused, self.written, self.answers, self.slowest = [], [], [], 0, 0.0
        self.http = None

    def ask(self, method, path, headers, body=None):
        """The answer; None if the node was gone before it came."""
        if self.http is None:
            self.http = http.client.HTTPConnection(urllib.parse.urlsplit(self.nodes[self.at].base).netloc, timeout=30)
        asked = time.monotonic()
        try:
            self.http.request(method, path, body=body, headers=headers)
            response = self.http.getresponse()
            answer = response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            self.failures.append((self.at, repr(error)))
            self.http, self.at = None, (self.at + 1) % len(self.nodes)
            return None
        self.answers += 1
        self.slowest = max(self.slowest, time.monotonic() - asked)
        if answer[0] >= 400:
            self.refused.append((self.at, method, path, answer[0], answer[1][:300]))
        return answer

    def run(self):
        n = 0
        while not self.stop_.is_set():
            n += 1
            if self.writes:
                self.write(f"Work {self.number}-{n}")
            else:
                self.ask("GET", f"/v1/articles/{self.works[n % len(self.works)]}", {})

    def write(self, title):
        body = json.dumps({"title": title, "language": "en", "body": {"format": "markdown", "value": "It is one of many."}})
        headers = {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": title.replace(" ", "-"),
        }
        while True:
            answer = self.ask("POST", "/v1/articles", headers, body)
            if answer is not None:
                if answer[0] == 201:
                    self.written.append((self.at, json.loads(answer[1])["id"], title))
                return


class Load:
    """Clients on all nodes, for as long as this is entered."""

    def __init__(self, nodes, token, works, connections=CONNECTIONS):
        self.stop = threading.Event()
        self.clients = [Client(n, nodes, token, works, self.stop) for n in range(connections)]

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for client in self.clients:
            client.join(timeout=60)

    def all(self, what):
        return [item for client in self.clients for item in getattr(client, what)]


def drafts(desk, newsroom, count):
    return [
        desk.expect(201, "POST", "/v1/articles", {
            "title": f"One of many {n}", "language": "en", "source_id": newsroom.source,
            "body": {"format": "markdown", "value": "It is one of many."},
        })["id"]
        for n in range(count)
    ]


def bulk(desk, ids):
    """The address of a job that publishes them."""
    return "/v1/jobs/" + desk.expect(202, "POST", "/v1/articles/bulk", {"action": "publish", "ids": ids})["job"]["id"]


def owner(url, job):
    """By what name the node that works on a job leases it."""
    return "".join(psql(url, f"SELECT lease_owner FROM jobs WHERE id = '{job.rpartition('/')[2]}'"))


def begun(node, desk, url, known):
    """By what name a node that has just been started leases jobs: the one that nobody else has. The jobs are of works
    that do not exist, many enough to be seen under way."""
    for _ in range(60):
        job = bulk(desk, [f"art_01900000000070008000{n:012x}" for n in range(5_000)])
        name = ""
        while not name and desk.expect(200, "GET", job)["state"] in ("queued", "running"):
            name = owner(url, job)
        desk.call("POST", f"{job}/cancel", {})
        if name and name not in known:
            known[name] = node
            return
    raise SystemExit("nodes: a node never took a job")


def killed(nodes, desk, newsroom, url, known):
    """The first half: the node that works on a job dies under load. Which one that was."""
    ids, planned = drafts(desk, newsroom, JOB), drafts(desk, newsroom, SCHEDULED)
    made = len(newsroom.articles) + JOB + SCHEDULED
    now = datetime.datetime.now(datetime.timezone.utc)
    for n, work in enumerate(planned):
        due = now + datetime.timedelta(seconds=5 + n * 0.4)
        desk.expect(200, "POST", f"/v1/articles/{work}/schedule", {"publish_at": due.isoformat()})
    with Load(nodes, desk.token, newsroom.articles) as load:
        time.sleep(2)
        at = bulk(desk, ids)
        end = time.monotonic() + 60
        while desk.expect(200, "GET", at)["done"] == 0 and time.monotonic() < end:
            time.sleep(0.005)
        dead = known[owner(url, at)]
        nodes[dead].kill()
        died = time.monotonic()
        desk = Connection(nodes[(dead + 1) % len(nodes)].base, desk.token)
        at_death = desk.expect(200, "GET", at)["done"]
        while (job := desk.expect(200, "GET", at))["done"] <= at_death and time.monotonic() < died + 90:
            time.sleep(0.1)
        taken_over = time.monotonic() - died
        while (job := desk.expect(200, "GET", at))["state"] in ("queued", "running") and time.monotonic() < died + 300:
            time.sleep(0.1)
        time.sleep(2)
    written, failures = load.all("written"), load.all("failures")
    lost = []
    for at_node, work, title in written:
        other = next(n for n in range(len(nodes)) if n not in (at_node, dead))
        status, answer = Connection(nodes[other].base, desk.token).call("GET", f"/v1/articles/{work}")
        if status != 200 or answer["title"] != title:
            lost.append((at_node, work, status))
    told = psql(url, "SELECT resource_id FROM changes WHERE kind = 'published' ORDER BY seq")
    times = lambda works: sorted({told.count(work) for work in works})
    created = int(psql(url, "SELECT count(*) FROM changes WHERE kind = 'created' AND resource = 'article'")[0])
    gap = psql(url, "SELECT count(*) FILTER (WHERE seq IS NOT NULL), max(seq) FROM changes")[0].split("|")
    per_client = [sum(node == dead for node, _ in client.failures) for client in load.clients]
    print(f"nodes: node {dead + 1} died: {sum(client.answers for client in load.clients)} answers, {len(written)} writes acknowledged; the dead node "
          f"had done {at_death} of {JOB}, another went on after {taken_over:.1f} s; {len(failures)} requests failed; "
          f"the slowest answer took {max(client.slowest for client in load.clients):.2f} s")
    for item in (lost + load.all("refused"))[:5]:
        print("nodes: WRONG", item, file=sys.stderr)
    return dead, report("nodes", {
        "every acknowledged write is there, read from another node": written and not lost,
        "none is there twice": created == made + len(written),
        "no request was refused": not load.all("refused"),
        "only requests under way at the dead node failed, one a connection": all(node == dead for node, _ in failures)
        and max(per_client) <= 1,
        "the job was half done when its node died": 0 < at_death < JOB,
        "another brought it to its end": (job["state"], job["done"], job["failed"]) == ("done", JOB, 0),
        "each of its works is published once": times(ids) == [1],
        "each work of the schedule is told once": times(planned) == [1],
        "the change log has no gap": gap[0] == gap[1],
    })


def get(connection, path):
    connection.http.request("GET", path, headers={"Accept-Encoding": "identity"})
    response = connection.http.getresponse()
    return response.status, json.loads(response.read()), response.headers


def seen(base, path, is_new, acknowledged, found):
    """Asks every 20 ms; adds how long after the acknowledgement the last request with the old answer began."""
    connection, stale = Connection(base), 0.0
    while True:
        began = time.monotonic()
        if is_new(*get(connection, path)):
            found.append(stale)
            return
        if acknowledged:
            stale = max(stale, began - acknowledged[0])
            if stale > 20:
                found.append(stale)
                return
        time.sleep(0.02)


def late(what, nodes, token, works, rounds):
    """Corrections and withdrawals on the first node, looked for on the others."""
    # A connection of its own: one that was idle meanwhile may have been closed.
    desk, lags = Connection(nodes[0].base, token), []

    def watched(work, is_new, act):
        acknowledged, found = [], []
        watchers = [
            threading.Thread(target=seen, args=(node.base, f"/v1/articles/{work}", is_new, acknowledged, found))
            for node in nodes[1:]
        ]
        for watcher in watchers:
            watcher.start()
        time.sleep(0.05)
        act()
        acknowledged.append(time.monotonic())
        here = is_new(*get(Connection(nodes[0].base), f"/v1/articles/{work}"))
        for watcher in watchers:
            watcher.join()
        lags.extend(found)
        return here

    own = True
    for n in range(rounds):
        work, title = works[n % len(works)], f"{what}, {n}"
        path = f"/v1/articles/{work}"

        def correct():
            desk.patch(path, title=title)
            desk.expect(200, "POST", f"{path}/correct", {"public_note": "The title was corrected."})

        own &= watched(work, lambda status, answer, _: status == 200 and answer["title"] == title, correct)
    for work in works[-WITHDRAWN:]:
        gone = lambda: desk.expect(200, "POST", f"/v1/articles/{work}/withdraw", {"reason_class": "editorial", "reason": "A test."})
        own &= watched(work, lambda status, *_: status == 410, gone)
        desk.expect(200, "POST", f"/v1/articles/{work}/reinstate", {})
    for n in range(SETTINGS):
        longest = 20 + n % 2 * 20

        def change():
            desk.patch("/v1/settings", public_max_age_seconds=longest)

        shows = lambda status, answer, headers: f"max-age={longest // 2}," in headers["Cache-Control"]
        own &= watched(works[0], shows, change)
    lags.sort()
    at = lambda share: lags[min(len(lags) - 1, int(len(lags) * share))]
    print(f"nodes: {what}: {len(lags)} changes looked for on other nodes; the last old answer began after "
          f"{at(0.5):.3f} s (median), {at(0.95):.3f} s (95 of 100), {lags[-1]:.3f} s (at most)", flush=True)
    return report("nodes", {
        f"{what}: shown by the others within a second": lags[-1] < LATE_SECONDS,
        f"{what}: at once by the node that wrote it": own,
    })


class Cutter:
    """Cuts the connections of all change feeds, ten times a second, for as long as it is entered."""

    CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'masthead feed';\n\\watch 0.1\n"

    def __init__(self, url):
        program = pathlib.Path(os.environ.get("MASTHEAD_POSTGRES_BIN") or "") / "psql"
        self.command = [str(program), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", url]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(self.CUT)
        self.process.stdin.flush()
        return self

    def __exit__(self, *_):
        self.process.kill()
        out, _ = self.process.communicate()
        self.cut = sum(int(line) for line in out.split() if line.isdigit())


def main():
    url = os.environ.get("MASTHEAD_TEST_POSTGRES_URL")
    if not url:
        raise SystemExit("nodes: run this under with_postgres.sh")
    with scratch("nodes") as directory:
        nodes = [Server(url, directory, name, SECRET) for name in ("one", "two", "three")]
        nodes[0].make_admin()
        known = {}
        for n, node in enumerate(nodes):
            node.start()
            desk = Connection(nodes[0].base, nodes[0].login())
            begun(n, desk, url, known)
        newsroom = Newsroom(desk, 20)
        dead, good = killed(nodes, desk, newsroom, url, known)
        nodes[dead].start()
        few = max(CONNECTIONS // 3, 3)
        with Load(nodes, desk.token, newsroom.articles, few):
            good &= late("notifications", nodes, desk.token, newsroom.articles, ROUNDS)
            with Cutter(url) as cutter:
                good &= late("feeds cut", nodes, desk.token, newsroom.articles, ROUNDS)
        good &= report("nodes", {f"feeds cut: {cutter.cut} times": cutter.cut > 0})
        # A function of the same name that does nothing stands before the server's own from now on.
        for node in nodes:
            node.stop()
        psql(url, "CREATE FUNCTION public.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''")
        psql(url, "ALTER DATABASE masthead_test SET search_path = public, pg_catalog")
        for node in nodes:
            node.start()
        desk = Connection(nodes[0].base, nodes[0].login())
        with Load(nodes, desk.token, newsroom.articles, few):
            good &= late("polling alone", nodes, desk.token, newsroom.articles, ROUNDS)
        for node in nodes:
            node.end()
        print("nodes: " + ("nothing lost, nothing twice" if good else "FAILED"))
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
