"""Somebody who is in a queue, or inside, and buys."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from contextlib import closing

import httpx
from httpx_sse import SSEError, connect_sse

from .errors import OnsaleError, TurnOver, is_passing
from .operations import Operations
from .transport import Transport
from .types import Cancelled, Issued, Paid, Place, Reservation, Reserve, Reserved, Schedule, Seat, SeatTicket

#: The server sends a comment every 15 seconds while nothing changes: after three of these nobody is there.
SILENCE = 45.0


class Buyer:
    """Somebody with a place in a queue."""

    def __init__(self, transport: Transport, token: str, joined: Issued | None = None) -> None:
        self.token = token
        self._transport = transport
        #: All calls, sent with this buyer's token.
        self.api = Operations(transport)
        self._is_inside = joined is not None and joined["status"] == "PROGRESS"
        # Nobody is asked for the place before.
        self._ask_at = time.monotonic() + ((joined and joined["pollAfterMillis"]) or 0) / 1000

    def check(self) -> Place:
        """The place now. It is for the caller not to ask before `pollAfterMillis`: `wait_for_turn` does."""
        return self._note(self.api.check_token())

    def wait_for_turn(
        self,
        *,
        on_place: Callable[[Place], object] | None = None,
        timeout: float | None = None,
        stream: bool = True,
    ) -> Place:
        """Waits to be let in, for however long that takes: through a server that is away, too.

        By a stream where the server has one for us, else by polls, and never by one that comes before the server wants it.
        With a `timeout` in seconds it polls, as a stream that says nothing cannot be left in time, and raises `TimeoutError`.
        The place is kept all the same.
        """
        until = None if timeout is None else time.monotonic() + timeout
        asks_for_stream = stream and until is None
        failures = 0
        # Who was let in when they joined has nothing to wait for, but when their time ends.
        if self._is_inside:
            place = self.check()
            if turn(place):
                return place

        def told(place: Place) -> bool:
            self._note(place)
            if on_place is not None:
                on_place(place)
            return turn(place)

        while True:
            if asks_for_stream:
                # One that was heard and lost may be had again; where the server gives none it has no room for us.
                asks_for_stream = False
                with closing(self._places()) as places:
                    for place in places:
                        asks_for_stream = True
                        if told(place):
                            return place
            _sleep(max(0.0, self._ask_at - time.monotonic()) * random.uniform(1, 1.1), until)
            try:
                place = self.check()
            except OnsaleError as error:
                if not is_passing(error):
                    raise
                _sleep(min(30, 2**failures) * random.uniform(0.5, 1), until)
                failures += 1
                continue
            failures = 0
            if told(place):
                return place

    def _places(self) -> Generator[Place, None, None]:
        """A place as the server's stream tells it, the first at once, until the stream is lost. None, where it gives no stream."""
        url = f"{self._transport.server}/v1/api/queue/stream"
        timeout = httpx.Timeout(15, read=SILENCE)
        try:
            with connect_sse(self._transport.http, "GET", url, headers=self._transport.headers(), timeout=timeout) as source:
                self._transport.remember(source.response)
                if source.response.is_success:
                    for event in source.iter_sse():
                        if event.event == "place":
                            yield event.json()
        except (httpx.TransportError, SSEError, ValueError):
            pass  # What follows is a poll, which says what is wrong where something is.

    def leave(self) -> Place:
        return self.api.leave_queue()

    def charge(self, amount: int, *, idempotency_key: str | None = None) -> int:
        """Adds to the wallet, where the service lets buyers do that themselves; gives the balance."""
        return self.api.charge_wallet({"amount": amount}, idempotency_key=idempotency_key)["amount"]

    def balance(self) -> int:
        return self.api.get_balance()["amount"]

    def schedules(self, concert_id: int | None = None) -> list[Schedule]:
        """The dates that this buyer's queue opens."""
        return self.api.list_schedules(concert_id=concert_id)

    def seats(self, schedule_id: int, section: str | None = None) -> list[Seat]:
        return self.api.list_seats(schedule_id=schedule_id, section=section)

    def reserve(self, wish: Reserve, *, idempotency_key: str | None = None) -> Reserved:
        """Holds a seat, several, places to stand, or the best that are free."""
        return self.api.reserve_seat(wish, idempotency_key=idempotency_key)

    def pay(self, reservation_id: int, *, idempotency_key: str | None = None) -> Paid:
        """Pays a hold out of the wallet."""
        return self.api.pay_reservation({"reservationId": reservation_id}, idempotency_key=idempotency_key)

    def cancel(self, reservation_id: int) -> Cancelled:
        """Drops a hold."""
        return self.api.cancel_reservation({"reservationId": reservation_id})

    def reservations(self) -> list[Reservation]:
        return self.api.list_reservations()

    def tickets(self) -> list[SeatTicket]:
        return self.api.list_tickets()

    def _note(self, place: Place) -> Place:
        self._is_inside = place["status"] == "PROGRESS"
        self._ask_at = time.monotonic() + (place["pollAfterMillis"] or 0) / 1000
        return place


def turn(place: Place) -> bool:
    """Whether it is one's turn; raises where it never will be."""
    if place["status"] in ("DONE", "EXPIRED"):
        raise TurnOver(place)
    return place["status"] == "PROGRESS"


def _sleep(seconds: float, until: float | None) -> None:
    left = seconds if until is None else min(seconds, until - time.monotonic())
    if left > 0:
        time.sleep(left)
    if until is not None and time.monotonic() >= until:
        raise TimeoutError("it is not our turn yet")
