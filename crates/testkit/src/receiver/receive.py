"""Receives webhooks, and verifies them with the official library of Standard Webhooks.

It prints the port that it listens on. Each line that it is told is a JSON object: {"answer": {"status", "retryAfter", "slow"}} is how it answers from
then on, {"verify": [KEY, …]} has it print what it has received, in order, each with whether it verifies by each of the keys.
"""
import json, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

answer = {"status": 204, "retryAfter": None, "slow": 0}
messages = []
lock = threading.Lock()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = dict(answer)
        with lock:
            messages.append((dict(self.headers), body, told["status"]))
        time.sleep(told["slow"])
        if told["status"] == 0:
            # Gone without a word.
            self.close_connection = True
            return
        self.send_response(told["status"])
        if told["retryAfter"]:
            self.send_header("Retry-After", told["retryAfter"])
        if told["status"] // 100 == 3:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def verifies(key, headers, body):
    try:
        Webhook(key).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


def shown(keys):
    with lock:
        received = list(messages)
    return [
        {
            "id": headers["webhook-id"],
            "contentType": headers["content-type"],
            "signatures": len(headers["webhook-signature"].split(" ")),
            "status": status,
            "event": json.loads(body),
            "verified": [verifies(key, headers, body) for key in keys],
        }
        for headers, body, status in ((lower(headers), body, status) for headers, body, status in received)
    ]


def lower(headers):
    return {name.lower(): value for name, value in headers.items()}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"port": server.server_port}), flush=True)
for line in sys.stdin:
    told = json.loads(line)
    if "answer" in told:
        answer.update({"retryAfter": None, "slow": 0} | told["answer"])
        print("{}", flush=True)
    else:
        print(json.dumps(shown(told["verify"])), flush=True)
