"""`masthead transfer` of many articles with all their relations: SQLite → PostgreSQL → a new SQLite file.

The digests of every table must be the same on all three, as the program computes them from each; a few tables are compared
here by other means as well. One transfer into PostgreSQL is killed with -9 in the middle: the target is empty then, and the
next run takes it. The rates are printed, not judged.

Only the standard library. MASTHEAD_TEST_POSTGRES_URL names the server (with_postgres.sh does). From the environment:
MASTHEAD_TRANSFER_ARTICLES (100,000), MASTHEAD_BIN (default: the release build).
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time

from backup_drill import BINARY, database, masthead
from server import environment, report, scratch

ARTICLES = int(os.environ.get("MASTHEAD_TRANSFER_ARTICLES") or 100_000)


def transfer(source, target):
    """(the lines of the tables, the line of the rate)"""
    begun = time.monotonic()
    process = subprocess.Popen(
        [BINARY, "transfer", "--from", source, "--to", target], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        text=True, env=environment(),
    )
    out = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"transfer: the transfer to {target} ended with {os.waitstatus_to_exitcode(status)}")
    tables = {line.split()[2]: line.split()[:2] for line in out if len(line.split()) == 3 and len(line.split()[1]) == 64}
    rate = next(line for line in out if "rows/s" in line)
    kinds = [url.split(":")[0] for url in (source, target)]
    print(f"transfer: {' → '.join(kinds)}: {rate} ({time.monotonic() - begun:.1f} s in all, "
          f"at most {usage.ru_maxrss // 1024} MiB)", flush=True)
    return tables


def cut_off(source, target, after):
    process = subprocess.Popen(
        [BINARY, "transfer", "--from", source, "--to", target],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(),
    )
    time.sleep(after)
    was_cut = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return was_cut


def rows(path):
    """By hand: all rows of some tables that have texts, numbers, flags and times."""
    with sqlite3.connect(path) as connection:
        tables = ("articles", "versions", "version_references", "article_slugs", "article_listings", "changes", "audit_events")
        for table in tables:
            columns = ", ".join(sorted(f'"{row[1]}"' for row in connection.execute(f"PRAGMA table_info({table})")))
            for row in connection.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}"):
                yield table, row


def main():
    if not os.environ.get("MASTHEAD_TEST_POSTGRES_URL"):
        raise SystemExit("transfer: run it by with_postgres.sh")
    with scratch("transfer") as directory:
        first, last = directory / "first.db", directory / "last.db"
        print(masthead("--database-url", f"sqlite://{first}", "seed", "--articles", str(ARTICLES)).stdout.strip(), flush=True)
        middle = database("transfer")
        cut = cut_off(f"sqlite://{first}", middle, 1 + ARTICLES / 50_000)
        sent = transfer(f"sqlite://{first}", middle)
        came = transfer(middle, f"sqlite://{last}")
        again = masthead("transfer", "--from", middle, "--to", f"sqlite://{last}", check=False)
        left = {name: table for name, table in sent.items() if came.get(name) != table}
        by_hand = all(one == other for one, other in zip(rows(first), rows(last), strict=True))
        with sqlite3.connect(last) as connection:
            integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
        verified = masthead("--database-url", f"sqlite://{last}", "audit", "verify", check=False)
        print(f"transfer: {first.stat().st_size:,} bytes at first, {last.stat().st_size:,} at last")
        return 0 if report("transfer", {
            "a transfer was killed in the middle, and the next one took the target": cut,
            f"{len(sent)} tables have the same digests on SQLite, PostgreSQL and SQLite again": bool(sent) and not left,
            f"there are {ARTICLES} articles": sent["articles"][0] == str(ARTICLES),
            "the rows are the same by hand": by_hand,
            "a target in use is refused": again.returncode == 1 and "not empty" in again.stderr,
            "SQLite finds nothing wrong": integrity == "ok",
            "the audit log is as it was sealed": verified.returncode == 0,
        }) else 1


if __name__ == "__main__":
    sys.exit(main())
