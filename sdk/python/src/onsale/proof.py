"""The work that a queue may ask of whoever joins."""

from __future__ import annotations

import base64
import hashlib
import json
from itertools import count

from .types import Work


def solve(work: Work, person: str) -> str:
    """Does the work, and gives what goes into `proof`. `Onsale.join` calls it by itself.

    `work` is what `GET /v1/queues/{name}/proof` or a `PROOF_REQUIRED` asks for, and `person` the `userId` in decimal, or the entry
    token's `sub`.
    """
    begun = hashlib.sha256(hashlib.sha256(f"onsale-proof-1\n{work['challenge']}\n{person}".encode()).digest())
    above = 1 << (256 - work["bits"])
    for nonce in count():
        attempt = begun.copy()
        attempt.update(nonce.to_bytes(8, "big"))
        if int.from_bytes(attempt.digest(), "big") < above:
            return f"{work['challenge']}.{nonce}"
    raise AssertionError("there is always one")


def subject_of(entry_token: str) -> str:
    """Whom an entry token names. Only the server can tell whether it is so."""
    said = entry_token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))).get("sub", ""))
