"""Verifies passes with the public keys alone, in Python with `cryptography`: for a site that asks its gate seldom, or not at all."""

import base64
import json
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def keys_of(key_set):
    """The public keys of a gate by their ids, from what `GET /v1/gate/NAME/keys` gives."""
    return {key["kid"]: Ed25519PublicKey.from_public_bytes(decode(key["x"])) for key in key_set["keys"]}


def read(text, keys, site, now=None):
    """What a pass says; None where it is none, none of this site, or has expired.

    A `kid` that is not among the keys is a reason to fetch them again, once a minute at most.
    """
    try:
        head, body, signature = text.split(".")
        header = json.loads(decode(head))
        if header["alg"] != "EdDSA" or header["typ"] != "onsale-gate+jwt":
            return None
        keys[header["kid"]].verify(decode(signature), f"{head}.{body}".encode())
        claims = json.loads(decode(body))
        is_good = claims["aud"] == site and (time.time() if now is None else now) < claims["exp"]
    except (ValueError, KeyError, TypeError, InvalidSignature):
        return None
    return claims if is_good else None


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: python3 verify.py KEYS.json https://shop.example PASS")
    with open(sys.argv[1], encoding="utf-8") as file:
        found = read("".join(sys.argv[3:]), keys_of(json.load(file)), sys.argv[2])
    print(json.dumps(found) if found else "refused")
    sys.exit(0 if found else 1)
