"""A streaming read replica: who has written on a node never gets an answer from before, whatever the replica does.

Two nodes over one primary read one replica. On the first, something is written and read back at once, again and again:
while the replica follows, while its replay is paused, after it goes on, and when it is gone. What the first has written
is looked for on the second every 20 ms, and must be there within a second. The metrics tell where reads were answered.

Run it as `with_postgres.sh --replica`. From the environment: MASTHEAD_REPLICA_ROUNDS (60, of each part), MASTHEAD_BIN
(default: the release build).
"""

import os
import pathlib
import signal
import sys
import time

from server import Connection, Newsroom, Server, psql, report, scratch

ROUNDS = int(os.environ.get("MASTHEAD_REPLICA_ROUNDS") or 60)
SECRET = "a secret of two nodes that share a database, long enough"
# What another node is allowed.
LATE_SECONDS = 1.0


class Parts:
    """Writes and reads back, and counts where reads were answered."""

    def __init__(self, nodes, desk, other, newsroom):
        self.nodes, self.desk, self.other, self.newsroom = nodes, desk, other, newsroom
        self.stale, self.late, self.n = [], [], 0

    def counts(self, node):
        metrics = self.nodes[node].metrics()
        names = ("replica", "behind", "down", "unfed")
        return {name: metrics.get(f'replica_reads_total{{outcome="{name}"}}', 0) for name in names}

    def names(self, connection):
        page = connection.expect(200, "GET", "/v1/sections?limit=5&sort=-created_at")
        return [section["name"] for section in page["data"]]

    def round(self):
        self.n += 1
        name, title = f"Section {self.n}", f"Title {self.n}"
        self.desk.expect(201, "POST", "/v1/sections", {"name": name})
        acknowledged = time.monotonic()
        if name not in self.names(self.desk):
            self.stale.append(name)
        work = f"/v1/articles/{self.newsroom.articles[0]}"
        self.desk.patch(work, title=title)
        if (shown := self.desk.expect(200, "GET", work)["title"]) != title:
            self.stale.append((title, shown))
        while name not in self.names(self.other):
            if time.monotonic() - acknowledged > 10:
                break
            time.sleep(0.02)
        self.late.append(time.monotonic() - acknowledged)

    def part(self, what, rounds=ROUNDS, pause=0.0):
        before, self.late = [self.counts(n) for n in (0, 1)], []
        for _ in range(rounds):
            self.round()
            # What stands still is read where there is time for it to arrive.
            time.sleep(pause)
            self.names(self.desk)
            self.names(self.other)
        after = [self.counts(n) for n in (0, 1)]
        counted = {name: sum(after[n][name] - before[n][name] for n in (0, 1)) for name in after[0]}
        shown = ", ".join(f"{int(count)} {name}" for name, count in counted.items())
        late = sorted(self.late)
        print(f"replicas: {what:24} {shown}; on the other node after {late[len(late) // 2]:.3f} s, at most {late[-1]:.3f} s",
              flush=True)
        counted["by the writer"] = after[0]["replica"] - before[0]["replica"]
        return counted, late[-1]


def main():
    url, replica = (os.environ.get(f"MASTHEAD_TEST_{name}_URL") for name in ("POSTGRES", "REPLICA"))
    if not url or not replica:
        raise SystemExit("replicas: run this under with_postgres.sh --replica")
    with scratch("replicas") as directory:
        settings = {"MASTHEAD_DATABASE_READ_URL": replica}
        nodes = [Server(url, directory, name, SECRET, settings) for name in ("one", "two")]
        nodes[0].make_admin()
        for node in nodes:
            node.start()
        desk = Connection(nodes[0].base, nodes[0].login())
        newsroom = Newsroom(desk, 1)
        parts = Parts(nodes, desk, Connection(nodes[1].base, nodes[1].login()), newsroom)
        following, late_following = parts.part("the replica follows", pause=0.05)
        psql(replica, "SELECT pg_wal_replay_pause()")
        while psql(replica, "SELECT pg_get_wal_replay_pause_state()") != ["paused"]:
            time.sleep(0.02)
        paused, late_paused = parts.part("its replay is paused")
        psql(replica, "SELECT pg_wal_replay_resume()")
        resumed, late_resumed = parts.part("its replay goes on", pause=0.05)
        pid = int(pathlib.Path(os.environ["MASTHEAD_TEST_REPLICA_DATA"], "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        gone, late_gone = parts.part("it is gone", 20)
        good = report("replicas", {
            "nobody got an answer from before an own write": not parts.stale,
            "the other node had it within a second": max(late_following, late_paused, late_resumed) < LATE_SECONDS,
            "and without the replica, too": late_gone < LATE_SECONDS + 2,
            "the replica answers while it follows": following["replica"] > 0,
            "for who has written never while it is paused": paused["by the writer"] == 0 and paused["behind"] > 0,
            "and again when it goes on": resumed["replica"] > 0,
            "the primary answers when it is gone": gone["replica"] == 0 and gone["down"] > 0,
        })
        for item in parts.stale[:3]:
            print("replicas: STALE", item, file=sys.stderr)
        for node in nodes:
            node.end()
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
