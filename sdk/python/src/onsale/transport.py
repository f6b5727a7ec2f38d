"""How calls are sent, and sent again."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

import httpx

from .errors import PASSING, NoAnswer, Problem
from .problems import BY_CODE

KEY = "Idempotency-Key"
BOOKMARK = "Onsale-Seq"


@dataclass(frozen=True)
class Retry:
    """How a call is tried again. Waits grow from `base` to `cap` seconds, by chance a half to the whole of it."""

    #: How often a call is sent at most, the first time counted.
    attempts: int = 7
    base: float = 0.25
    cap: float = 10.0
    #: A server that wants a longer wait is not waited for: its refusal is raised.
    retry_after_max: float = 60.0

    def backoff(self, attempt: int) -> float:
        grown: float = min(self.cap, self.base * 2 ** (attempt - 1))
        return grown * random.uniform(0.5, 1)


def new_key() -> str:
    """A key for one operation, the same in all its attempts."""
    return str(uuid.uuid4())


def segment(value: str | int) -> str:
    """A value as a part of a path."""
    return quote(str(value), safe="")


def http_client(timeout: float) -> httpx.Client:
    """One that keeps no cookies: several people's calls go through it."""
    return httpx.Client(timeout=timeout, cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])))


class Transport:
    """Sends who is calling, and sends again what may be sent twice."""

    def __init__(
        self,
        server: str,
        http: httpx.Client,
        *,
        authorization: str | None = None,
        retry: Retry | None = None,
        language: str | None = None,
    ) -> None:
        self.server = server.rstrip("/")
        self.http = http
        self._retry = retry or Retry()
        self._headers: dict[str, str] = {}
        if authorization is not None:
            self._headers["Authorization"] = authorization
        if language is not None:
            self._headers["Accept-Language"] = language
        # What the store had come to when it last answered: sent back, so that no other node answers from before.
        self._bookmark: str | None = None

    def with_token(self, token: str) -> Transport:
        """The same for somebody with a token, who knows what we know: a node that has not heard of the token yet must wait."""
        transport = Transport(self.server, self.http, authorization=f"Bearer {token}", retry=self._retry)
        transport._headers |= {name: value for name, value in self._headers.items() if name != "Authorization"}
        transport._bookmark = self._bookmark
        return transport

    def headers(self) -> dict[str, str]:
        """What is sent with any call now."""
        return self._headers | ({BOOKMARK: self._bookmark} if self._bookmark is not None else {})

    def data(self, method: str, path: str, **sent: Any) -> Any:
        """What is in the answer's envelope."""
        answer = self.json(method, path, **sent)
        if not isinstance(answer, dict) or "data" not in answer:
            raise NoAnswer("the answer is not of onsale", idempotency_key=sent.get("key"))
        return answer["data"]

    def json(self, method: str, path: str, **sent: Any) -> Any:
        return _json(self.call(method, path, **sent), sent.get("key"))

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: Any = None,
        key: str | None = None,
        repeatable: bool = False,
        timeout: float | None = None,
    ) -> httpx.Response:
        """Raises a `Problem` for a refusal, and `NoAnswer` where nobody knows. What is safe to repeat is repeated."""
        may_repeat = method == "GET" or key is not None or repeatable
        attempts = max(1, self._retry.attempts) if may_repeat else 1
        own = {name: value for name, value in {**(headers or {}), KEY: key}.items() if value is not None}
        shown = {name: value for name, value in (query or {}).items() if value is not None}
        attempt = 1
        while True:
            try:
                response = self.http.request(
                    method,
                    self.server + path,
                    params=shown,
                    headers=self.headers() | own,
                    json=body,
                    timeout=httpx.USE_CLIENT_DEFAULT if timeout is None else timeout,
                )
                return self._taken(response, key)
            except httpx.TransportError as lost:
                if attempt >= attempts:
                    raise NoAnswer(f"no answer: {lost}", idempotency_key=key) from lost
                wait = self._retry.backoff(attempt)
            except (Problem, NoAnswer) as refused:
                after = refused.retry_after if isinstance(refused, Problem) else None
                if refused.status not in PASSING or attempt >= attempts or (after or 0) > self._retry.retry_after_max:
                    raise
                # Not all who were told the same come back in the same moment.
                wait = (after or 0) + self._retry.backoff(attempt)
            time.sleep(wait)
            attempt += 1

    def _taken(self, response: httpx.Response, key: str | None) -> httpx.Response:
        self.remember(response)
        if response.is_success:
            return response
        if response.headers.get("Content-Type", "").startswith("application/problem+json"):
            document = _json(response, key)
            after = response.headers.get("Retry-After", "")
            raise BY_CODE.get(document["code"], Problem)(document, int(after) if after.isdecimal() else None, key)
        raise NoAnswer(f"{response.status_code} not of onsale", status=response.status_code, idempotency_key=key)

    def remember(self, response: httpx.Response) -> None:
        self._bookmark = response.headers.get(BOOKMARK, self._bookmark)


def _json(response: httpx.Response, key: str | None) -> Any:
    try:
        return response.json()
    except ValueError as wrong:
        raise NoAnswer("the answer is not JSON", status=response.status_code, idempotency_key=key) from wrong
