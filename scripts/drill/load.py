"""Everything that buyers and operators do, on all nodes, with a note of what was acknowledged."""

import http.client
import itertools
import json
import random
import threading
import time

# How long one try waits for its answer, as in the tests of many nodes.
PATIENCE = 4
PAUSE = 0.03
PRICE = 1000
SCHEDULES, SECTIONS, SECTION_SEATS = 100, 10, 100
# Keys and reservations that are shown are limited for each user: after so many rounds a buyer comes as another.
ROUNDS_MAX = 200


def catalog():
    """Dates with more seats than any drill sells."""
    def date(number):
        sections = [
            {"section": f"S{section}", "amount": PRICE, "rows": [{"row": "1", "seats": SECTION_SEATS}]}
            for section in range(SECTIONS)
        ]
        day = f"2028-{(number - 1) // 28 + 1:02}-{(number - 1) % 28 + 1:02}"
        return {"scheduleId": number, "startsAt": f"{day}T19:00:00", "endsAt": f"{day}T21:00:00", "sections": sections}

    dates = [date(number) for number in range(1, SCHEDULES + 1)]
    return {"concerts": [{"concertId": 1, "title": "Drill", "schedules": dates}]}


class Notes:
    """What was seen: waits of the round that is on, findings, and receipts."""

    def __init__(self, ports, admin_key):
        self.ports, self.admin_key = ports, admin_key
        self.lock = threading.Lock()
        self.findings, self.receipts = [], 0
        self.charges, self.payments = {}, []
        self.stop = threading.Event()
        self.seats = itertools.count()
        self.users = itertools.count(1)
        self.calls = 0
        self.turn()

    def turn(self):
        """A new round begins."""
        with self.lock:
            self.waits = {"write": 0.0, "poll": 0.0, "list": 0.0}
            self.stale_ms, self.stood_s = 0, 0.0
            self.began, self.done = time.monotonic(), 0

    def note(self, kind, began, stale_ms):
        now = time.monotonic()
        with self.lock:
            self.calls += 1
            self.waits[kind] = max(self.waits[kind], now - max(began, self.began))
            self.stale_ms = max(self.stale_ms, stale_ms)
            if kind == "write" and began >= self.began:
                self.done += 1

    def finding(self, text):
        with self.lock:
            self.findings.append(text)
            if len(self.findings) <= 20:
                print(f"  FINDING: {text}", flush=True)


class Caller:
    """One client with a connection to each node, who goes to another one where there is no answer."""

    # Answers that say to come again.
    again = (503, 504)

    def __init__(self, notes):
        self.notes, self.connections, self.bookmark = notes, {}, None
        self.at = random.randrange(len(notes.ports))

    def _once(self, method, path, body, headers):
        port = self.notes.ports[self.at]
        connection = self.connections.pop(port, None) or http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if not answer.will_close:
            self.connections[port] = connection
        return answer, text

    def call(self, kind, method, path, token, body=None, key=None):
        """Asks until a node says how it ended: status and body. A key makes that harmless for what writes."""
        began = time.monotonic()
        headers = {"Authorization": token} if token else {}
        if body is not None:
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        if key:
            headers["Idempotency-Key"] = key
        self.at = (self.at + 1) % len(self.notes.ports)
        while True:
            if self.bookmark:
                headers["Onsale-Seq"] = self.bookmark
            try:
                answer, text = self._once(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                answer = None
            if answer is not None:
                self.bookmark = answer.headers.get("Onsale-Seq") or self.bookmark
                if answer.status not in self.again:
                    stale_ms = int(answer.headers.get("Onsale-Staleness") or 0)
                    self.notes.note(kind, began, stale_ms)
                    try:
                        return answer.status, json.loads(text), stale_ms
                    except ValueError:
                        self.notes.finding(f"{method} {path} is answered {answer.status} with no JSON: {text[:200]!r}")
                        return answer.status, {}, stale_ms
            self.at = (self.at + 1) % len(self.notes.ports)
            time.sleep(PAUSE)

    def expect(self, *arguments, **more):
        """As `call`, where anything but success is a finding."""
        status, body, stale_ms = self.call(*arguments, **more)
        if status != 200:
            self.notes.finding(f"{arguments[1]} {arguments[2]} is answered {status} {json.dumps(body, ensure_ascii=False)[:300]}")
            return None, stale_ms
        # What happened is told as it is; all else in the envelope.
        return body["data"] if isinstance(body, dict) else body, stale_ms


class Person(Caller):
    """Somebody with a place in the queue."""

    def __init__(self, notes):
        super().__init__(notes)
        self.user, self.token, self.place = next(notes.users), None, None

    def join(self):
        data, _ = self.expect("write", "POST", "/v1/api/queue/token", None, {"userId": self.user})
        if data:
            self.token, self.place = data["queueToken"], None
        return data

    def poll(self):
        data, _ = self.expect("poll", "POST", "/v1/api/queue/token/check", self.token)
        if not data:
            return None
        place, status = data["queuePosition"], data["status"]
        if status == "WAITING":
            if self.place is not None and place > self.place:
                self.notes.finding(f"user {self.user} had place {self.place} and has {place}")
            self.place = place
        return status

    def wait_inside(self):
        while not self.notes.stop.is_set():
            status = self.poll()
            if status == "PROGRESS":
                return True
            if status != "WAITING":
                self.notes.finding(f"user {self.user}, who polls all the time, is {status}")
                return False
            time.sleep(PAUSE)
        return False


def buy(notes):
    """Buys seat after seat, as one user after the other."""
    while not notes.stop.is_set():
        person, balance = Person(notes), 0
        notes.charges[person.user] = []
        for turn in range(ROUNDS_MAX):
            if notes.stop.is_set() or not person.join() or not person.wait_inside():
                break
            balance = purchase(notes, person, turn, balance)


def purchase(notes, person, turn, balance):
    """A charge, a look at a hall, a hold, a payment, and whether it is all there. What the wallet holds then."""
    user, token = person.user, person.token
    amount = PRICE + random.randrange(1, 1000)
    data, _ = person.expect("write", "POST", "/v1/api/user/amount", token, {"amount": amount}, key=f"charge-{turn}")
    if data:
        balance += amount
        notes.charges[user].append(amount)
        notes.receipts += 1
        if data["amount"] != balance:
            notes.finding(f"user {user} charged to {balance} and is told {data['amount']}")
    seat = next(notes.seats)
    schedule, number = seat // (SECTIONS * SECTION_SEATS) % SCHEDULES + 1, seat % (SECTIONS * SECTION_SEATS) + 1
    section = (number - 1) // SECTION_SEATS
    person.expect("list", "GET", f"/v1/api/concerts/seat?scheduleId={schedule}&section=S{section}", token)
    held, _ = person.expect(
        "write", "POST", "/v1/api/concerts/reserve", token, {"scheduleId": schedule, "seatId": number}, key=f"hold-{turn}"
    )
    if not held:
        return balance
    reservation = held["reservationId"]
    paid, _ = person.expect("write", "POST", "/v1/api/concerts/payment", token, {"reservationId": reservation}, key=f"pay-{turn}")
    if not paid:
        return balance
    balance -= PRICE
    with notes.lock:
        notes.payments.append((user, paid["paymentId"], reservation, schedule, number))
        notes.receipts += 1
    shown, stale_ms = person.expect("list", "GET", "/v1/api/user/amount", token)
    if shown and not stale_ms and shown["amount"] != balance:
        notes.finding(f"user {user} has {balance} and is shown {shown['amount']} as current")
    listed, stale_ms = person.expect("list", "GET", "/v1/api/user/reservations", token)
    if listed is not None and not stale_ms:
        here = [one["paymentId"] for one in listed if one["reservationId"] == reservation]
        if here != [paid["paymentId"]]:
            notes.finding(f"user {user} paid {reservation} with {paid['paymentId']} and is shown {here}")
    return balance


def wait_in_line(notes):
    """Waits and polls, and leaves when it is inside."""
    person = Person(notes)
    while not notes.stop.is_set():
        if person.join() and person.wait_inside():
            person.expect("write", "POST", "/v1/api/queue/token/leave", person.token)
        time.sleep(PAUSE)


def operate(notes):
    """Looks at everything that an operator looks at."""
    caller, token = Caller(notes), f"Bearer {notes.admin_key}"
    # Looks at events wait at a database that is silent, also when nobody waits for them any more, and a key may have four.
    caller.again = (429, *Caller.again)
    paths = ("state", "ops/now", "payments", "users/1", "users/1/reservations", "queues", "events?limit=100", "settings")
    for path in itertools.cycle(paths):
        if notes.stop.is_set():
            return
        caller.expect("list", "GET", f"/v1/admin/{path}", token)
        time.sleep(PAUSE * 5)


def beat(notes):
    """Notes for how long the drill itself stood still: what it measures then is its own."""
    before = time.monotonic()
    while not notes.stop.is_set():
        time.sleep(0.1)
        now = time.monotonic()
        with notes.lock:
            notes.stood_s = max(notes.stood_s, now - before - 0.1)
        before = now


def guarded(notes, work):
    def run():
        try:
            work(notes)
        except Exception as error:  # It must be seen, whatever it is: a client that is gone finds nothing.
            notes.finding(f"a client of the drill broke: {error!r}")
            raise

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def open_load(notes, buyers):
    work = [buy] * buyers + [wait_in_line] * 4 + [operate, beat]
    return [guarded(notes, one) for one in work]
