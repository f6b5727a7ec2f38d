"""Buyers at a steady pace, and how long their writes took, window by window."""

import collections
import itertools
import statistics
import time

import load

# Few enough that this program is no measure of itself, and enough that none waits for another at any rate that is modest.
BUYERS = 16
# A window in which the drill itself stood still for longer, or of which there is too little, is no measure.
STOOD_MAX, WRITES_MIN = 1, 20


class Notes(load.Notes):
    """Waits by windows; a window has a label, which is a phase and whether webhooks are sent in it."""

    def __init__(self, port, admin_key, rate):
        super().__init__([port], admin_key)
        self.pause, self.waits_s, self.windows, self.dropped = BUYERS / rate, [], collections.defaultdict(list), 0
        self.buyers = itertools.count()

    def close(self, label):
        """The window is over: nothing of it is kept where it had no label."""
        with self.lock:
            waits, self.waits_s, stood, self.stood_s = self.waits_s, [], self.stood_s, 0.0
        if label is None:
            return
        if stood > STOOD_MAX or len(waits) < WRITES_MIN:
            self.dropped += 1
            return
        waits.sort()
        self.windows[label].append((waits[len(waits) // 2], waits[len(waits) * 99 // 100], len(waits)))

    def wrote(self, due):
        with self.lock:
            self.waits_s.append(time.monotonic() - due)

    def medians(self, label):
        """How many windows, and the medians of their medians and of their 99th percentiles, in milliseconds."""
        windows = self.windows.get(label, [])
        if not windows:
            return 0, None, None
        halves, worst, _ = zip(*windows, strict=True)
        return len(windows), statistics.median(halves) * 1000, statistics.median(worst) * 1000


class Pacer:
    """Writes of one buyer, each at its time: where one is late, the next is late by its own fault and is measured so."""

    def __init__(self, notes, first):
        self.notes, self.due = notes, first

    def write(self, person, *arguments, **more):
        self.due += self.notes.pause
        if self.notes.stop.wait(max(0, self.due - time.monotonic())):
            return None
        data, _ = person.expect("write", *arguments, **more)
        self.notes.wrote(self.due)
        # Whoever was held up for long does not make up for it all at once.
        self.due = max(self.due, time.monotonic() - self.notes.pause)
        return data


def buy(notes):
    """Joins, charges, holds, pays and leaves, as one user after the other."""
    pacer = Pacer(notes, time.monotonic() + notes.pause * next(notes.buyers) / BUYERS)
    while not notes.stop.is_set():
        person = load.Person(notes)
        joined = pacer.write(person, "POST", "/v1/api/queue/token", None, {"userId": person.user})
        if not joined:
            continue
        person.token = joined["queueToken"]
        if not person.wait_inside():
            continue
        purchase(notes, pacer, person)
        pacer.write(person, "POST", "/v1/api/queue/token/leave", person.token)


def purchase(notes, pacer, person):
    charged = pacer.write(person, "POST", "/v1/api/user/amount", person.token, {"amount": load.PRICE}, key="charge")
    if not charged:
        return
    seat = next(notes.seats)
    in_a_date = load.SECTIONS * load.SECTION_SEATS
    wanted = {"scheduleId": seat // in_a_date % load.SCHEDULES + 1, "seatId": seat % in_a_date + 1}
    held = pacer.write(person, "POST", "/v1/api/concerts/reserve", person.token, wanted, key="hold")
    if not held:
        return
    paid = pacer.write(
        person, "POST", "/v1/api/concerts/payment", person.token, {"reservationId": held["reservationId"]}, key="pay")
    if paid:
        with notes.lock:
            notes.payments.append(paid["paymentId"])


def open_load(notes):
    return [load.guarded(notes, one) for one in [buy] * BUYERS + [load.beat]]
