"""What can go wrong: a refusal of the server's, or no answer of it at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import types
    from .problems import ProblemCode

#: Too many requests, a proxy without its server, no capacity or no service now, an outcome that is not known.
PASSING = frozenset({429, 502, 503, 504})


class OnsaleError(Exception):
    """What all errors of this package are."""

    #: The key that the call was sent with: whoever sends it again with this key has it done once.
    idempotency_key: str | None = None


class Problem(OnsaleError):
    """The server refused. Nothing was done, except maybe for `OUTCOME_UNKNOWN`. Each code has a class in `onsale.problems`."""

    def __init__(self, document: types.Problem, retry_after: int | None = None, idempotency_key: str | None = None) -> None:
        super().__init__(f"{document['code']}: {document['detail']}")
        #: For programs. A later server may send codes that this version does not know.
        self.code: ProblemCode = document["code"]  # type: ignore[assignment]
        self.status = document["status"]
        #: The field or parameter that was wrong, where there is one.
        self.field = document.get("field")
        #: In how many seconds to come again, where the server said so.
        self.retry_after = retry_after
        #: All that the server said: its `message` is for people, in English or Korean.
        self.document = document
        self.idempotency_key = idempotency_key


class NoAnswer(OnsaleError):
    """No answer of onsale: the connection was lost, it took too long, or something between answered. Nobody knows whether the call
    was done."""

    def __init__(self, words: str, *, status: int | None = None, idempotency_key: str | None = None) -> None:
        super().__init__(words)
        #: What a proxy answered in onsale's place, where one did.
        self.status = status
        self.idempotency_key = idempotency_key


class TurnOver(OnsaleError):
    """There is nothing more to wait for: the ticket is DONE or EXPIRED. Joining again gives a place at the tail."""

    def __init__(self, place: types.Place) -> None:
        super().__init__(f"the ticket is {place['status']}")
        self.place = place


def is_passing(error: OnsaleError) -> bool:
    """Whether another attempt may fare better."""
    if isinstance(error, NoAnswer):
        return error.status is None or error.status in PASSING
    return isinstance(error, Problem) and error.status in PASSING
