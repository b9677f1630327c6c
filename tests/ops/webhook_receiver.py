"""A receiver of webhooks that behaves badly, as a process of its own: webhook_receiver.py PORT LOG CALM SEED

Each request that arrives whole becomes a line of LOG, written before it is answered, with how it will be: most are answered
204, the others 500, 503, 302 or 429 with Retry-After, 410, never, or by a closed connection. Once the file CALM is
there, all are answered 204.
"""

import http.server
import json
import os
import pathlib
import random
import sys
import threading
import time

WAYS = {"204": 56, "500": 10, "429": 8, "503": 5, "302": 5, "hangs": 7, "drops": 8, "410": 1}
# Longer than the server waits.
HANGS_SECONDS = 2.5


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.lock:
            calm = self.server.calm.exists()
            way = "204" if calm else self.server.way()
            line = json.dumps({"at": time.time(), "path": self.path, "headers": headers, "body": body, "way": way}) + "\n"
            os.write(self.server.log, line.encode())
        if way == "hangs":
            time.sleep(HANGS_SECONDS)
        if way in ("hangs", "drops"):
            self.close_connection = True
            return
        self.send_response(int(way))
        if way in ("429", "503"):
            self.send_header("Retry-After", "1")
        if way == "302":
            self.send_header("Location", "/elsewhere")
        if way != "204":
            self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        """Nobody should come: that would be a redirect followed."""
        os.write(self.server.log, (json.dumps({"at": time.time(), "path": self.path, "way": "GET"}) + "\n").encode())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # After a kill the port is to be had at once.
    allow_reuse_address = True
    request_queue_size = 128

    def way(self):
        """By chance; but each way once before the run is over, whatever chance says."""
        if self.owed and self.chance.random() < 0.3:
            return self.owed.pop()
        way = self.chance.choices(list(WAYS), list(WAYS.values()))[0]
        if way in self.owed:
            self.owed.remove(way)
        return way

    def handle_error(self, request, client_address):
        """Whoever has gone needs no answer."""


def main():
    port, log, calm, seed = sys.argv[1:]
    server = Server(("127.0.0.1", int(port)), Receiver)
    server.lock, server.chance, server.calm = threading.Lock(), random.Random(int(seed)), pathlib.Path(calm)
    server.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    # What one that was killed has done already is not owed any more.
    done = {json.loads(line)["way"] for line in pathlib.Path(log).read_text(encoding="utf-8").splitlines() if line.endswith("}")}
    server.owed = [way for way in WAYS if way not in done]
    server.chance.shuffle(server.owed)
    server.serve_forever()


if __name__ == "__main__":
    main()
