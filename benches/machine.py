"""What is measured, and with what: the server, the limit, the raw statements, the load, and their CPU and memory.

Only the standard library, and `oha` on the PATH (crates.io). Nothing here knows a row of the table; that is rows.py.
"""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "ops"))
import server as ops  # noqa: E402  (its own path stands above)

CONNECTIONS = 32
TICK = os.sysconf("SC_CLK_TCK")

# With everything on: limits that count each request and refuse none, metrics, request ids, and the access log.
EVERYTHING = {
    "MASTHEAD_RATE_LIMIT_PER_MINUTE": "4000000000",
    "MASTHEAD_PUBLISHABLE_LIMIT_PER_MINUTE": "4000000000",
    "MASTHEAD_LOGIN_LIMIT_PER_MINUTE": "4000000000",
    "MASTHEAD_LOG_FILTER": "info",
    # The token of a run outlives it in no case; the secret is that of a file that anybody can make anew.
    "MASTHEAD_SECRET_KEY": "a secret for measuring, and for nothing else",
}


class Missing(SystemExit):
    """Something that this needs is not there; the text says how to get it."""


class Failed(Exception):
    """A row could not be measured; the others can."""


def need(tool, hint):
    path = shutil.which(tool)
    if path is None:
        raise Missing(f"bench: {tool} is not on the PATH. {hint}")
    return path


def cpu_seconds(pid):
    """User and system time of a process and of its threads, those that ended included."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_mb(pid):
    """Resident memory now, and at its highest, in MB (10^6 bytes)."""
    lines = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return tuple(int(lines[name].split()[0]) * 1.024 / 1000 for name in ("VmRSS", "VmHWM"))


class Process:
    """A program that tells in a file where it listens."""

    def __init__(self, command, ready, log=None, env=None):
        self.ready = pathlib.Path(ready)
        self.ready.unlink(missing_ok=True)
        self.begun = time.perf_counter()
        with open(log or os.devnull, "ab") as sink:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env=env)
        while not self.ready.exists():
            if self.process.poll() is not None:
                raise SystemExit(f"bench: {command[0]} ended with {self.process.returncode} before it was ready (log: {log})")
            if time.perf_counter() - self.begun > 60:
                self.stop()
                raise SystemExit(f"bench: {command[0]} was not ready within 60 s")
            time.sleep(0.001)
        self.base = json.loads(self.ready.read_text(encoding="utf-8"))["base_url"]

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


@dataclasses.dataclass
class Programs:
    """The three executables, as cargo built them."""

    masthead: str
    limit: str
    raw: str
    # Seconds that it took to build them all, where nothing was built before.
    built: float = None

    @classmethod
    def build(cls, profile="release"):
        cargo = os.environ.get("CARGO", "cargo")
        need(cargo, "Rust stands in rust-toolchain.toml; https://rustup.rs installs it.")
        wanted = ["--bin", "masthead", "--bench", "limit", "--bench", "raw"]
        command = [cargo, "build", "--profile", profile, "--locked", "--message-format=json-render-diagnostics", *wanted]
        begun = time.monotonic()
        built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
        found, fresh = {}, []
        for line in built.splitlines():
            message = json.loads(line)
            if message.get("executable"):
                found[message["target"]["name"]] = message["executable"]
            if "fresh" in message:
                fresh.append(message["fresh"])
        took = None if any(fresh) else time.monotonic() - begun
        return cls(**{name: found[name] for name in ("masthead", "limit", "raw")}, built=took)

    def env(self, more=None):
        return {k: v for k, v in os.environ.items() if not k.startswith(ops.NOT_OURS)} | EVERYTHING | (more or {})

    def run(self, database, *arguments, text=None):
        """One command of the program, to its end."""
        command = [self.masthead, "--database-url", f"sqlite://{database}", "--log-filter", "warn", *arguments]
        env = self.env()
        env.pop("MASTHEAD_LOG_FILTER")
        return subprocess.run(command, check=True, text=True, input=text, stdout=subprocess.PIPE, env=env).stdout

    def knows(self, setting):
        """Whether this build has a setting."""
        return f"\n{setting} =" in "\n" + self.run("unused.db", "config")

    def serve(self, database, scratch, more=None, log=None):
        ready = pathlib.Path(scratch) / "server.json"
        command = [self.masthead, "--database-url", f"sqlite://{database}", "--listen", "127.0.0.1:0", "serve"]
        return Process([*command, "--ready-file", str(ready)], ready, log, self.env(more))

    def stand(self, body, headers, scratch):
        """The limit, with these bytes."""
        scratch = pathlib.Path(scratch)
        file, ready = scratch / "limit.body", scratch / "limit.json"
        file.write_bytes(body)
        command = [self.limit, "--body", str(file), "--ready-file", str(ready), "--workers", str(os.cpu_count())]
        for flag, name in (("content-type", "Content-Type"), ("content-encoding", "Content-Encoding"), ("etag", "ETag")):
            if headers.get(name):
                command += [f"--{flag}", headers[name]]
        return Process(command, ready)

    def tell(self, *arguments):
        """What benches/raw answers."""
        out = subprocess.run([self.raw, *map(str, arguments)], check=True, text=True, stdout=subprocess.PIPE).stdout
        return json.loads(out)

    def ask(self, *arguments):
        """What the raw statements took."""
        took = self.tell(*arguments)
        return Sample(took["operations"] / took["seconds"], took["cpu"] / took["operations"] * 1e6)


@dataclasses.dataclass
class Sample:
    """Operations a second, and CPU microseconds for each."""

    rate: float
    cpu: float


@dataclasses.dataclass
class Request:
    """What the load sends. `urls` are many paths, taken at random; `lines` a file with a body in each line."""

    path: str = ""
    headers: dict = dataclasses.field(default_factory=dict)
    method: str = "GET"
    status: int = 200
    urls: list = None
    lines: str = None


def settle(pid):
    """Waits, a while, until a process does nothing: what was asked before is no part of what is measured next."""
    for _ in range(200):
        before = cpu_seconds(pid)
        time.sleep(0.1)
        if cpu_seconds(pid) - before < 0.02:
            return


def load(process, request, seconds, scratch):
    """Sends a request over and over from 32 connections, and reads the CPU that the process took."""
    command = ["oha", "--no-tui", "--output-format", "json", "--disable-compression", "-c", str(CONNECTIONS), "-z", f"{seconds}s"]
    command += ["-m", request.method]
    for name, value in request.headers.items():
        command += ["-H", f"{name}: {value}"]
    if request.lines:
        command += ["-Z", request.lines, "-T", "application/json"]
    if request.urls:
        file = pathlib.Path(scratch) / "urls.txt"
        file.write_text("".join(f"{process.base}{path}\n" for path in request.urls), encoding="utf-8")
        command += ["--urls-from-file", str(file)]
    else:
        command.append(process.base + request.path)
    settle(process.pid)
    before, begun = cpu_seconds(process.pid), time.perf_counter()
    out = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
    used, took = cpu_seconds(process.pid) - before, time.perf_counter() - begun
    answers = {int(code): count for code, count in json.loads(out)["statusCodeDistribution"].items()}
    asked = f"{request.method} {(request.path or request.urls[0])[:120]}"
    if not answers:
        raise Failed(f"{asked} had no answer within {seconds:g} s at {CONNECTIONS} connections")
    if set(answers) != {request.status}:
        raise Failed(f"{asked} was answered {answers}, not {request.status}")
    return Sample(answers[request.status] / min(took, json.loads(out)["summary"]["total"]), used / answers[request.status] * 1e6)
