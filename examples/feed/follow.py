#!/usr/bin/env python3
"""Follows the feed of an onsale store, and keeps seats, payments and accounts of its own in an SQLite file.

    follow.py --server http://127.0.0.1:8080 --key-file admin.key --file mine.db

It may be killed at any moment and started again: what an event changes and the place behind it are one transaction, so each
event counts once. Python's own library is all that it needs.
"""
import argparse, http.client, json, sqlite3, sys, time, urllib.error, urllib.parse, urllib.request

TABLES = """
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY, cursor TEXT);
CREATE TABLE IF NOT EXISTS counted (family TEXT PRIMARY KEY, sequence INTEGER);
CREATE TABLE IF NOT EXISTS seats (schedule INTEGER, seat INTEGER, state TEXT, reservation INTEGER, PRIMARY KEY (schedule, seat));
CREATE TABLE IF NOT EXISTS payments (payment INTEGER PRIMARY KEY, reservation INTEGER, user INTEGER, amount INTEGER);
CREATE TABLE IF NOT EXISTS accounts (account TEXT PRIMARY KEY, balance INTEGER);
"""
FREE, HELD, SOLD, WITHHELD = "AVAILABLE", "TEMP_RESERVED", "RESERVED", "WITHHELD"
ENDS = ("onsale.hold.lapsed", "onsale.hold.cancelled", "onsale.hold.released")


def turn(db, data, state, reservation=None):
    rows = [(state, reservation, data["scheduleId"], seat) for seat in data["seatIds"]]
    db.executemany("UPDATE seats SET state = ?, reservation = ? WHERE schedule = ? AND seat = ?", rows)


def publish(db, data):
    """The seats that a date has now: those it had stay what they are."""
    date, runs = data["scheduleId"], data["seatIdRuns"]
    db.execute("CREATE TEMP TABLE IF NOT EXISTS now (seat INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM now")
    for first, last in runs:
        db.executemany("INSERT INTO now VALUES (?)", ((seat,) for seat in range(first, last + 1)))
    db.execute("DELETE FROM seats WHERE schedule = ? AND seat NOT IN (SELECT seat FROM now)", (date,))
    db.execute("INSERT OR IGNORE INTO seats SELECT ?, seat, ?, NULL FROM now", (date, FREE))


def move(db, account, amount):
    db.execute("INSERT INTO accounts VALUES (?, ?) ON CONFLICT DO UPDATE SET balance = balance + ?", (account, amount, amount))


def apply(db, event):
    kind, data = event["type"], event["data"]
    family, sequence = kind.split(".")[1], int(event["sequence"])
    last = db.execute("SELECT sequence FROM counted WHERE family = ?", (family,)).fetchone()
    due = last[0] + 1 if last else 1
    if sequence != due:
        sys.exit(f"event {event['id']} is {family} {sequence}, and {due} was due: what was before is not kept any more; take the "
                 "state as it is (onsale export), and go on from there")
    db.execute("INSERT OR REPLACE INTO counted VALUES (?, ?)", (family, sequence))
    if kind == "onsale.schedule.seats_published":
        publish(db, data)
    elif kind == "onsale.schedule.removed":
        db.execute("DELETE FROM seats WHERE schedule = ?", (data["scheduleId"],))
    elif kind == "onsale.hold.made":
        turn(db, data, HELD, data["reservationId"])
    elif kind in ENDS or kind == "onsale.seat.given_back":
        turn(db, data, FREE)
    elif kind == "onsale.seat.withheld":
        turn(db, data, WITHHELD)
    elif kind == "onsale.payment.made":
        turn(db, data, SOLD, data["reservationId"])
        row = (data["paymentId"], data["reservationId"], data["userId"], data["amount"])
        db.execute("INSERT INTO payments VALUES (?, ?, ?, ?)", row)
    elif kind == "onsale.transfer.made":
        move(db, data["debit"], -data["amount"])
        move(db, data["credit"], data["amount"])


def page(args, cursor):
    query = {"limit": 1000, "wait": 0 if args.once else 20} | ({"after": cursor} if cursor else {})
    key = open(args.key_file, encoding="utf-8").read().strip()
    url = f"{args.server}/v1/admin/events?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"}), timeout=60) as answer:
        return json.load(answer), answer.headers["Onsale-Feed-Cursor"]


def main():
    parser = argparse.ArgumentParser(description="Keeps seats, payments and accounts of the events of an onsale store.")
    for name in ("server", "key-file", "file"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--once", action="store_true", help="end where there are no more events")
    args = parser.parse_args()
    db = sqlite3.connect(args.file)
    db.executescript(TABLES)
    while True:
        cursor = (db.execute("SELECT cursor FROM place").fetchone() or [None])[0]
        try:
            events, behind = page(args, cursor)
        except urllib.error.HTTPError as refused:
            if refused.code in (409, 410):
                sys.exit(f"{args.file} cannot go on; docs/feed.md says from where: {refused.read().decode()}")
            if refused.code not in (429, 503) or args.once:
                sys.exit(f"{refused}: {refused.read().decode()}")
            time.sleep(float(refused.headers.get("Retry-After", 1)))
            continue
        except (OSError, http.client.HTTPException, ValueError) as away:
            if args.once:
                sys.exit(str(away))
            time.sleep(0.2)
            continue
        with db:
            for event in events:
                apply(db, event)
            db.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", (behind,))
        if args.once and behind == cursor:
            break


if __name__ == "__main__":
    main()
