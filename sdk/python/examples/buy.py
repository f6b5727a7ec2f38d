#!/usr/bin/env python3
"""Buys the best seat that is free: from the queue to the ticket.

    buy.py http://127.0.0.1:8080 1

A server that was started with `--demo` takes users by their number and lets them charge their own wallets; docs/sdk.md has what a
shop does in their place.
"""

import sys

from onsale import Onsale, problems

server = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
user_id = int(sys.argv[2]) if len(sys.argv) > 2 else 1

with Onsale(server) as onsale:
    buyer = onsale.join(user_id)
    buyer.wait_for_turn(on_place=lambda place: print(f"place {place['queuePosition']}"))
    for date in buyer.schedules():
        what = f"{date['concertTitle']}, {date['startsAt']}"
        try:
            hold = buyer.reserve({"scheduleId": date["scheduleId"], "best": {"count": 1}})
        except (problems.SoldOut, problems.SeatsTooFew) as refused:  # another date may have what this one has not
            print(f"{what}: {refused.document['message']}")
            continue
        buyer.charge(hold["amount"])
        buyer.pay(hold["reservationId"])
        ticket = buyer.tickets()[0]
        print(f"{what}: section {ticket['section']}, row {ticket['row']}, seat {ticket['number']}")
        print(ticket["ticket"])
        break
