"""A server, as anybody sees it, and as a shop does."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import NamedTuple, Self

import httpx

from .buyer import Buyer
from .errors import OnsaleError, is_passing
from .operations import Operations
from .problems import ProofRequired
from .proof import solve, subject_of
from .transport import Retry, Transport, http_client, new_key
from .types import Adjusted, Catalog, CloudEvent, Issue, MadePayment, SaleState, SeatTicket, Started

#: How long one attempt may take, in seconds.
TIMEOUT = 15.0
#: How often a place is asked for, each time with the work that was asked for last.
WORK_ATTEMPTS = 3
#: How long the server holds an empty answer of the feed back, in seconds: the longest that it takes.
WAIT = 20


class _Client:
    def __init__(
        self,
        server: str,
        *,
        key: str | None = None,
        timeout: float = TIMEOUT,
        retry: Retry | None = None,
        language: str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self._timeout = timeout
        self._is_ours = http is None
        self._http = http or http_client(timeout)
        authorization = None if key is None else f"Bearer {key}"
        self._transport = Transport(server, self._http, authorization=authorization, retry=retry, language=language)
        #: All calls of the API that are answered with JSON.
        self.api = Operations(self._transport)

    def close(self) -> None:
        """Ends the connections, those of its buyers too. An `http` that was handed in stays open."""
        if self._is_ours:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Onsale(_Client):
    """A server, as anybody sees it. Threads may share one."""

    def __init__(
        self,
        server: str,
        *,
        timeout: float = TIMEOUT,
        retry: Retry | None = None,
        language: str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        super().__init__(server, timeout=timeout, retry=retry, language=language, http=http)

    def join(
        self,
        user_id: int | None = None,
        *,
        queue: str | None = None,
        code: str | None = None,
        entry_token: str | None = None,
        idempotency_key: str | None = None,
    ) -> Buyer:
        """Takes a place in a queue, and does the work that it may ask for. Who has a place there already gets the same."""
        said = {"userId": user_id, "queue": queue, "code": code, "entryToken": entry_token}
        who: Issue = {name: value for name, value in said.items() if value is not None}  # type: ignore[assignment]
        key = idempotency_key or new_key()
        for _ in range(WORK_ATTEMPTS):
            try:
                joined = self.api.issue_token(who, idempotency_key=key)
                break
            except ProofRequired as refused:
                # What is asked for may change while it is done, and says so.
                work = refused.document.get("proof")
                if work is None:
                    raise
                who["proof"] = solve(work, str(user_id) if entry_token is None else subject_of(entry_token))
        else:
            joined = self.api.issue_token(who, idempotency_key=key)
        return Buyer(self._transport.with_token(joined["queueToken"]), joined["queueToken"], joined)

    def buyer(self, token: str) -> Buyer:
        """Somebody whose token is at hand: kept from before, or made by a shop (`Shop.start_buyer`)."""
        return Buyer(self._transport.with_token(token), token)

    def catalog(self) -> Catalog:
        """What is on sale when, at which prices."""
        return self.api.get_catalog()

    def sale(self) -> SaleState:
        """The queues, and what the service wants of who joins."""
        return self.api.get_sale()


class Page(NamedTuple):
    """Events, and the place behind them: kept in one transaction with what was made of the events, each counts once."""

    events: list[CloudEvent]
    cursor: str


class Shop(_Client):
    """What a shop's own server does, with its key. Threads may share one."""

    def __init__(
        self,
        server: str,
        key: str,
        *,
        timeout: float = TIMEOUT,
        retry: Retry | None = None,
        language: str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        super().__init__(server, key=key, timeout=timeout, retry=retry, language=language, http=http)

    def start_buyer(self, user_id: int, *, queue: str | None = None) -> Started:
        """A place for a user, and the token that opens it: for its owner alone."""
        return self.api.start_buyer(user_id, {} if queue is None else {"queue": queue})

    def credit(self, user_id: int, amount: int, reference: str) -> Adjusted:
        """Puts money into a wallet: once for the reference, for ever."""
        return self.api.credit_user(user_id, {"amount": amount, "reference": reference})

    def debit(self, user_id: int, amount: int, reference: str) -> Adjusted:
        """Takes money out of a wallet: once for the reference, for ever."""
        return self.api.debit_user(user_id, {"amount": amount, "reference": reference})

    def tickets(self, user_id: int) -> list[SeatTicket]:
        return self.api.list_user_tickets(user_id)

    def payments(self, after: int = 0) -> Iterator[MadePayment]:
        """Payments in order, from behind the last number that one has, to the newest that there is now."""
        while page := self.api.list_payments(after=after, limit=1000):
            yield from page
            after = page[-1]["paymentId"]

    def events(
        self, after: str | None = None, *, types: Iterable[str] | None = None, limit: int | None = None
    ) -> Iterator[CloudEvent]:
        """What happens, event by event and without an end. An event's `id` is the place behind it."""
        for page in self.event_pages(after, types=types, limit=limit):
            yield from page.events

    def event_pages(
        self, after: str | None = None, *, types: Iterable[str] | None = None, limit: int | None = None
    ) -> Iterator[Page]:
        """The same by the page, through a server that is away, too.

        `after` is an event's `id` or a page's `cursor`; without, the feed begins with the oldest event that is kept. `types` are
        names and families: `["onsale.hold.*", "onsale.payment.made"]`. A page may be empty: its cursor is behind events of
        other types.
        """
        query = {"types": None if types is None else ",".join(types), "limit": limit, "wait": WAIT}
        failures = 0
        while True:
            try:
                answer = self._transport.call("GET", "/v1/admin/events", query=query | {"after": after}, timeout=self._timeout + WAIT)
            except OnsaleError as error:
                if not is_passing(error):
                    raise
                time.sleep(min(30, 2**failures))
                failures += 1
                continue
            failures = 0
            cursor: str | None = answer.headers.get("Onsale-Feed-Cursor", after)
            if cursor is not None and cursor != after:
                yield Page(answer.json(), cursor)
            after = cursor
