"""Whether everything that was acknowledged is there, once."""

import collections
import json
import time
import urllib.request

from machine import Failed, until

SHOWN = 5


def table(cluster, name):
    status, out, said = cluster.run("export", "--table", name, "--format", "json")
    if status:
        raise Failed(f"onsale export --table {name}: {said}")
    return json.loads(out)


def states(cluster, admin_key):
    found = []
    for node in cluster.nodes:
        request = urllib.request.Request(f"http://127.0.0.1:{node.port}/v1/admin/state")
        request.add_header("Authorization", f"Bearer {admin_key}")
        with urllib.request.urlopen(request, timeout=5) as answer:
            found.append(json.load(answer)["data"])
    return found


def check(cluster, notes):
    """Notes as findings what is not as it was acknowledged; gives what the audit says last."""
    def agreed():
        seen = states(cluster, notes.admin_key)
        if len({one["seq"] for one in seen}) == 1 and all(one["projectedSeq"] >= one["seq"] for one in seen):
            return seen
        return None

    seen = until("all nodes are at the same entry, and the tables too", agreed)
    if len({one["fingerprint"] for one in seen}) != 1:
        notes.finding(f"nodes differ at entry {seen[0]['seq']}: {[one['fingerprint'] for one in seen]}")

    stored = collections.Counter(
        (one["user_id"], one["payment_id"], one["reservation_id"], one["schedule_id"], int(one["seat_ids"]))
        for one in table(cluster, "payments")
    )
    compare(notes, "payment", collections.Counter(notes.payments), stored)
    sold = collections.Counter((schedule, seat) for _, _, _, schedule, seat in stored.elements())
    for seat, count in sold.items():
        if count > 1:
            notes.finding(f"seat {seat} was sold {count} times")

    ledger = [one for one in table(cluster, "ledger") if one["account"] == "WALLET"]
    charged = collections.Counter((one["user_id"], one["amount"]) for one in ledger if one["kind"] == "CHARGE")
    told = collections.Counter((user, amount) for user, amounts in notes.charges.items() for amount in amounts)
    compare(notes, "charge", told, charged)

    began = time.monotonic()
    status, out, said = cluster.run("audit")
    if status:
        notes.finding(f"the audit is not clean:\n{out}{said}")
    return f"{(out + said).strip().splitlines()[-1]} ({time.monotonic() - began:.0f} s)"


def compare(notes, what, told, stored):
    """Each once: every call was repeated until it was answered, so nothing else may be there either."""
    lost, more = told - stored, stored - told
    for verb, some in (("is lost", lost), ("is there and was not acknowledged, or is there twice", more)):
        if some:
            examples = ", ".join(str(one) for one in list(some)[:SHOWN])
            notes.finding(f"{some.total()} of {told.total()} acknowledged: a {what} {verb}: {examples}")
