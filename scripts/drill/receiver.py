"""Receives webhooks in a process of its own, and verifies each by the official library of Standard Webhooks.

It prints the port that is its own, and does what it is told by lines of JSON: {"keys": {PATH: KEY}}, {"mode": MODE}, {"taken": PATH}.
Each line is answered by one, with what was counted of each path or taken of one.
"""

import contextlib
import json
import os
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

# Longer than the server waits for an answer.
HANGS_S = 60
SLOW_S = 2


class Book:
    """What came to one path."""

    def __init__(self, key):
        self.webhook = Webhook(key)
        # Ids in the order in which they were seen first, and taken first.
        self.seen, self.taken = {}, {}
        self.messages, self.takes, self.unverified = 0, 0, 0


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self):
        self.server.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        desk, book = self.server.desk, self.server.desk.books[self.path]
        identity = self.headers["webhook-id"]
        with desk.lock:
            book.messages += 1
            try:
                event = book.webhook.verify(body, {name.lower(): value for name, value in self.headers.items()})
                book.unverified += event["id"] != identity
            except WebhookVerificationError:
                book.unverified += 1
            book.seen.setdefault(identity)
            mode, turn = desk.mode, desk.turn
        if mode == "hangs":
            turn.wait(HANGS_S)
        if mode in ("hangs", "refuses"):
            self.close_connection = True
            return
        if mode == "slow":
            turn.wait(SLOW_S)
        if mode != "fails":
            # Before the answer: the next one may be here before this thread goes on.
            with desk.lock:
                book.takes += 1
                book.taken.setdefault(identity)
        self.send_response(500 if mode == "fails" else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, desk, port):
        # Bound and not listening, the port is kept, and whoever comes is refused.
        super().__init__(("127.0.0.1", port), Receiver, bind_and_activate=False)
        self.desk, self.connections = desk, set()
        self.server_bind()

    def handle_error(self, *_):
        # Whoever sent it has given up waiting.
        pass


class Desk:
    def __init__(self):
        self.lock, self.books, self.mode, self.turn = threading.Lock(), {}, "refuses", threading.Event()
        self.listener = Listener(self, 0)
        self.port = self.listener.server_port

    def be(self, mode):
        with self.lock:
            before, self.mode = self.mode, mode
            # Whoever hangs by what was before hangs no more.
            self.turn.set()
            self.turn = threading.Event()
        if before == "refuses" and mode != "refuses":
            self.listener.server_activate()
            threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        elif before != "refuses" and mode == "refuses":
            self.listener.shutdown()
            for connection in list(self.listener.connections):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self.listener.server_close()
            self.listener = Listener(self, self.port)

    def told(self, line):
        if "keys" in line:
            self.books = {path: Book(key) for path, key in line["keys"].items()}
        if "mode" in line:
            self.be(line["mode"])
        with self.lock:
            if "taken" in line:
                book = self.books[line["taken"]]
                return {"taken": list(book.taken), "seen": list(book.seen)}
            return {
                path: {"messages": book.messages, "takes": book.takes, "taken": len(book.taken), "unverified": book.unverified}
                for path, book in self.books.items()
            }


def main():
    # It would be on another machine, and takes none of this one's time from who buys.
    os.nice(10)
    desk = Desk()
    print(json.dumps({"port": desk.port}), flush=True)
    for line in sys.stdin:
        print(json.dumps(desk.told(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
