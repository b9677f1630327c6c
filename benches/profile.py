"""`just profile [ROW]`: a flame graph of the server while it does what a row of the table asks of it.

    python3 benches/profile.py [--quick] [--seconds N] [--out FILE] [ROW]

Builds the profile `profiling` (the release build with line tables, symbols and frame pointers, in a target folder of its
own), drives the server as benches/run.py does, records it with `perf` and draws the graph with `inferno`. Wants a kernel
that lets `perf` look: `sysctl kernel.perf_event_paranoid` of 1 or less, or root.
"""

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

import data as databases
from machine import ROOT, Programs, load, need
from rows import ROWS, Outcome
from run import Bench

FREQUENCY = 499


class Watched(Bench):
    """The bench, with `perf` at the server of the last run; the other side is left alone."""

    recording = None

    def load(self, process, request):
        if self.recording is None:
            return super().load(process, request)
        command = ["perf", "record", "--quiet", "-F", str(FREQUENCY), "--call-graph", "fp", "-o", self.recording, "-p", str(process.pid)]
        with subprocess.Popen([*command, "--", "sleep", str(self.seconds)]) as perf:
            sample = load(process, request, self.seconds, self.scratch)
        if perf.returncode:
            raise SystemExit("bench: perf could not record; see the head of benches/profile.py")
        return sample

    def pair(self, ours, theirs, note="", warm=True):
        ours()
        self.recording = str(pathlib.Path(self.scratch) / "perf.data")
        sample = ours()
        return Outcome.of([(sample, sample)], note)


def draw(recording, out):
    """perf script | inferno-collapse-perf | inferno-flamegraph > out"""
    script = subprocess.Popen(["perf", "script", "-i", recording], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    folded = subprocess.Popen(["inferno-collapse-perf"], stdin=script.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with open(out, "wb") as file:
        subprocess.run(["inferno-flamegraph", "--title", out.stem], stdin=folded.stdout, stdout=file, check=True)
    if script.wait() or folded.wait():
        raise SystemExit("bench: the recording could not be read")


def main():
    known = {row.number: row for row in ROWS if row.measure}
    parser = argparse.ArgumentParser(description="Makes a flame graph of the server under a row's load.")
    parser.add_argument("row", nargs="?", default="1w", choices=known, metavar="ROW", help=f"of {', '.join(known)} (1w)")
    parser.add_argument("--quick", action="store_true", help="over 10,000 articles")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long is recorded (8)")
    parser.add_argument("--out", type=pathlib.Path, help="the SVG (target/profile-ROW.svg)")
    chosen = parser.parse_args()
    need("oha", "Run `just bench-tools DIR` and put DIR/oha/bin on the PATH.")
    need("perf", "Debian has it in linux-perf.")
    for tool in ("inferno-collapse-perf", "inferno-flamegraph"):
        need(tool, "Run `just bench-tools DIR`, or `cargo install inferno --locked`.")
    out = (chosen.out or ROOT / "target" / f"profile-{chosen.row}.svg").resolve()
    # Frames can be walked through SQLite and the allocator, too.
    os.environ["RUSTFLAGS"] = f"{os.environ.get('RUSTFLAGS', '')} -C force-frame-pointers=yes".strip()
    os.environ["CFLAGS"] = f"{os.environ.get('CFLAGS', '')} -fno-omit-frame-pointer".strip()
    programs = Programs.build("profiling")
    with tempfile.TemporaryDirectory(prefix="masthead-profile-") as scratch:
        bench = Watched(programs, scratch, chosen.seconds, chosen.quick)
        bench.row = known[chosen.row]
        with bench.stack, contextlib.ExitStack() as ends:
            ends.callback(databases.remove_copies)
            outcome = bench.row.measure(bench)
        if bench.recording is None:
            raise SystemExit(f"bench: row {chosen.row} sends the server nothing that could be watched")
        draw(bench.recording, out)
    print(f"{out}: row {chosen.row} ({bench.row.what}) at {outcome.ours.rate:,.0f}/s, {outcome.ours.cpu:,.0f} µs of CPU each")


if __name__ == "__main__":
    sys.exit(main())
