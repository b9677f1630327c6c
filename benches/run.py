"""`just bench`: what the server does of what the machine could do, as a table of ratios.

    python3 benches/run.py [--quick] [--seconds N] [ROWS…]

Builds the release binary, the limit and the raw statements; makes the databases where they are not there yet; measures
each row turn by turn with what it is held against, after a warm-up, in three rounds; prints the table, and writes it with
the machine to benches/RESULTS.md when all rows were measured. Needs `oha` on the PATH (`just bench-tools DIR`).
"""

import argparse
import contextlib
import datetime
import os
import pathlib
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time

import data as databases
from machine import ROOT, Failed, Programs, load, need, ops
from rows import ROWS, TEN_THOUSAND, Outcome

ROUNDS = 3
RESULTS = ROOT / "benches" / "RESULTS.md"


class Bench:
    """What a row needs: servers, databases, load, and turns."""

    def __init__(self, programs, scratch, seconds, quick):
        self.programs, self.scratch, self.seconds, self.quick = programs, scratch, seconds, quick
        self.row = None
        self.servers, self.made = {}, {}
        self.stack = contextlib.ExitStack()

    def size(self, size=None):
        return TEN_THOUSAND if self.quick else size or self.row.at

    def data(self, size=None):
        size = self.size(size)
        if size not in self.made:
            self.made[size] = databases.Data(self.programs, size)
        return self.made[size]

    def server(self, size=None, cache=True):
        """A server over a database of this size, with its cache or without one; it runs until the end."""
        place = (self.size(size), cache or not self.programs.knows("cache_bytes"))
        if place not in self.servers:
            more = {} if place[1] else {"MASTHEAD_CACHE_BYTES": "0"}
            scratch = pathlib.Path(self.scratch) / f"server-{len(self.servers)}"
            scratch.mkdir()
            server = self.programs.serve(self.data(size).path, scratch, more, log="/dev/null")
            self.servers[place] = self.stack.enter_context(server)
        return self.servers[place]

    def load(self, process, request):
        return load(process, request, self.seconds, self.scratch)

    def pair(self, ours, theirs, note="", warm=True):
        if warm:
            full, self.seconds = self.seconds, min(1.0, self.seconds)
            ours(), theirs()
            self.seconds = full
        return Outcome.of([(ours(), theirs()) for _ in range(ROUNDS)], note)

    @staticmethod
    def fetch(server, request):
        """One answer: its bytes and headers."""
        connection = ops.Connection(server.base)
        connection.http.request(request.method, request.path, headers={"Accept-Encoding": "identity"} | request.headers)
        response = connection.http.getresponse()
        body = response.read()
        if response.status != 200:
            raise Failed(f"{request.path} was answered {response.status}: {body[:400]}")
        return body, response.headers

    @staticmethod
    def children():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime


# ---- the table ------------------------------------------------------------------------------------------------------


def middle(values):
    return sorted(values)[len(values) // 2]


def spread(values):
    return f"{middle(values):.2f} ({min(values):.2f}–{max(values):.2f})" if values else ""


def owed(row):
    parts = [f"≥ {row.rate:.2f}"] if row.rate else []
    parts += [f"CPU ≤ {row.cpu:.1f}"] if row.cpu else []
    return ", ".join(parts) or (f"≤ {row.most:g}" if row.most else "")


def verdict(row, outcome):
    """Whether the medians are as owed."""
    if row.rate is None and row.cpu is None and row.most is None:
        return ""
    held = row.rate is None or middle(outcome.rates) >= row.rate
    held &= row.cpu is None or middle(outcome.cpus) <= row.cpu
    held &= row.most is None or outcome.value <= row.most
    return "met" if held else "short"


def cells(row, outcome):
    if outcome is None:
        return [row.number, row.what, owed(row), "", "", "", "", "", row.note]
    note = "; ".join(part for part in (outcome.note, row.note) if part)
    if outcome.value is not None:
        value = f"{outcome.value:.2f} {outcome.unit}"
        if outcome.spread:
            value += f" ({outcome.spread[0]:.2f}–{outcome.spread[1]:.2f})"
        return [row.number, row.what, owed(row), value, "", "", "", verdict(row, outcome), note]
    ours, theirs = outcome.ours, outcome.theirs
    return [
        row.number, row.what, owed(row), spread(outcome.rates), spread(outcome.cpus), f"{ours.rate:,.0f} / {theirs.rate:,.0f}",
        f"{ours.cpu:,.0f} / {theirs.cpu:,.0f}", verdict(row, outcome), note,
    ]


HEAD = ["#", "what", "owed", "rate ratio (spread)", "CPU ratio (spread)", "per second", "CPU µs each", "", "note"]


def markdown(lines):
    return "\n".join("| " + " | ".join(line) + " |" for line in [HEAD, ["---"] * len(HEAD), *lines])


def word(*command):
    try:
        return subprocess.run(command, cwd=ROOT, check=True, text=True, capture_output=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine(bench, seconds, took):
    info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"model name\s*:\s*(.*)", info)
    ram = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="utf-8"))[1]) / 1024**2
    seeds = [f"{size:,} in {one.seconds:.0f} s" for size, one in sorted(bench.made.items()) if one.seconds]
    dirty = " with changes" if word("git", "status", "--porcelain", "--untracked-files=no") else ""
    return "\n".join([
        f"- {datetime.date.today()}, commit {word('git', 'rev-parse', '--short', 'HEAD')}{dirty}, {took / 60:.0f} min in all",
        f"- {os.cpu_count()} cores ({model[1] if model else platform.machine()}), {ram:.0f} GB, Linux {platform.release()};"
        f" load average at the end {os.getloadavg()[0]:.1f} (what else ran, the load generator included)",
        f"- {word('rustc', '--version')}; {word('oha', '--version')}; Python {platform.python_version()}",
        f"- {ROUNDS} rounds of {seconds:g} s, 32 connections, server and load generator on the same cores",
        f"- seeded (in this run or an earlier one): {', '.join(seeds) or 'not timed'}",
    ])


TEXT = """# Results

Made by `just bench`; README.md ("Speed") says how, and ../ARCHITECTURE.md why. Written anew by each whole run.

{machine}

Both sides of a row are measured turn by turn: *rate ratio* is the server's requests a second over the other side's (more
is better), *CPU ratio* its CPU per request over the other's (less is better; other work on the machine moves it least).
Medians of three, with the lowest and the highest. *met* and *short* compare the medians with what is owed.

{table}
"""


def main():
    parser = argparse.ArgumentParser(description="Measures the server against what the machine could do.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(row.number for row in ROWS)}; all, if left out")
    parser.add_argument("--quick", action="store_true", help="10,000 articles and runs of a second")
    parser.add_argument("--seconds", type=float, help="how long each run lasts (3; quick: 1)")
    chosen = parser.parse_args()
    unknown = set(chosen.rows) - {row.number for row in ROWS}
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    need("oha", "Run `just bench-tools DIR` and put DIR/oha/bin on the PATH, or `cargo install oha --locked`.")
    seconds = chosen.seconds or (1.0 if chosen.quick else 3.0)
    programs, begun, lines, fell = Programs.build(), time.monotonic(), [], []
    with tempfile.TemporaryDirectory(prefix="masthead-bench-") as scratch:
        os.chdir(scratch)
        bench = Bench(programs, scratch, seconds, chosen.quick)
        with bench.stack, contextlib.ExitStack() as ends:
            ends.callback(databases.remove_copies)
            for row in ROWS:
                if (chosen.rows and row.number not in chosen.rows) or (chosen.quick and not row.quick):
                    continue
                bench.row = row
                print(f"bench: {row.number} {row.what}", file=sys.stderr, flush=True)
                try:
                    line = cells(row, row.measure(bench) if row.measure else None)
                except Failed as failed:
                    line = [row.number, row.what, owed(row), "", "", "", "", "short", str(failed)]
                fell += [row.number] if line[7] == "short" else []
                lines.append(line)
                print(f"       {' | '.join(line[3:])}", file=sys.stderr, flush=True)
    about = machine(bench, seconds, time.monotonic() - begun)
    if chosen.quick:
        about += "\n- quick: every row over 10,000 articles, whatever its name says"
    print(f"{about}\n\n{markdown(lines)}\n")
    if not chosen.rows and not chosen.quick:
        RESULTS.write_text(TEXT.format(machine=about, table=markdown(lines)), encoding="utf-8")
        print(f"bench: written to {RESULTS.relative_to(ROOT)}")
    print(f"bench: {len(fell)} short of what is owed{': ' + ', '.join(fell) if fell else ''}")


if __name__ == "__main__":
    main()
