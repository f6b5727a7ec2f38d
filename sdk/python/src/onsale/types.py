"""What goes over the wire: the keys of these dictionaries are those of the JSON."""
from __future__ import annotations

# Written by generate.py from docs/openapi.json.

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class Added(TypedDict):
    """
    Codes that were added.
    """

    added: int
    """
    How many of those that were sent it had not before.
    """
    campaign: str
    codes: int
    """
    How many it has: the next is one more.
    """


class AreaLeft(TypedDict):
    """
    An area of which the places that were wished for cannot be had.
    """

    areaId: str
    left: int
    """
    How many are free.
    """


class Arrival(TypedDict):
    """
    A network, and who joined from there.
    """

    agents: int
    """
    How many different browsers these are, by what they call themselves; about right up to some hundreds. A carrier has many, a program one.
    """
    joins: int
    network: str
    """
    The first 24 bits of IPv4 addresses, or 48 of IPv6.
    """


ArrivalSize = TypedDict(
    'ArrivalSize',
    {
        'from': int,
        'joins': int,
        'networks': int,
    },
)


class Arrivals(TypedDict):
    """
    Where those come from who joined a queue in the last hour, as this node has seen it: kept in memory alone, and told to nobody else.
    """

    joins: int
    """
    Everybody of whom the address is known who got a new place here.
    """
    queue: str
    sizes: list[ArrivalSize]
    """
    How many networks have how many of them.
    """
    top: list[Arrival]
    """
    The networks with the most, at most 20.
    """


Availability: TypeAlias = Literal['AVAILABLE', 'SOLD_OUT']
"""
Whether a date has seats left.
"""


Campaign = TypedDict(
    'Campaign',
    {
        'campaign': str,
        'codes': int,
        'from': str | None,
        'held': int,
        'keyKnown': bool,
        'queue': str,
        'required': bool,
        'seats': int | None,
        'spent': int,
        'stopped': bool,
        'tier': int | None,
        'until': str | None,
        'uses': int,
    },
)


CampaignChange = TypedDict(
    'CampaignChange',
    {
        'from': NotRequired[str | None],
        'queue': NotRequired[str],
        'required': NotRequired[bool],
        'seats': NotRequired[int | None],
        'stopped': NotRequired[bool],
        'tier': NotRequired[int | None],
        'until': NotRequired[str | None],
        'uses': NotRequired[int],
    },
)


CancelledSeatStatus: TypeAlias = Literal['AVAILABLE']
"""
What the seats of a dropped hold are.
"""


class CatalogPriceType(TypedDict):
    """
    For whom a price is.
    """

    priceType: str
    title: NotRequired[str]
    """
    What people call it; absent where the catalog has no words of its own.
    """


class CatalogWords(TypedDict):
    """
    A line of the shop's own, in the languages in which it has one; in another language the one that there is stands in.
    """

    en: str | None
    ko: str | None


class Charge(TypedDict):
    """
    Money to add. Up to the store's limit for one charge: the maximum is that of a new store, and a server tells its own.
    """

    amount: int


CodeUseStatus: TypeAlias = Literal['HELD', 'SPENT', 'GIVEN_BACK']
"""
What became of a use of a code.
"""


class DocumentPriceType(TypedDict):
    """
    For whom a price is.
    """

    priceType: str
    title: NotRequired[str | None]
    """
    What people call it.
    """


class DocumentRowAttributes(TypedDict):
    """
    The numbers of a row's seats that have an attribute.
    """

    companion: NotRequired[list[int] | None]
    """
    Each beside a wheelchair place.
    """
    restrictedView: NotRequired[list[int] | None]
    wheelchair: NotRequired[list[int] | None]
    """
    Places for wheelchairs.
    """


class DrawJoin(TypedDict):
    """
    Somebody who took part.
    """

    joinedAtMillis: int
    """
    When they joined, in milliseconds since 1970-01-01 UTC.
    """
    number: int
    """
    The ticket's number, which its owner's check tells, too.
    """
    tier: NotRequired[int]
    """
    Where their entry token, or code, said one; 10 for who came from a network that had its places already, and stands behind those who
    have none.
    """


class DrawJoins(TypedDict):
    """
    A page of those who took part in a draw, in order of joining.
    """

    joins: list[DrawJoin]
    nextAfter: int | None
    """
    The `after` of the next page; `null` on the last.
    """


class DrawnPlace(TypedDict):
    """
    Which place a ticket drew.
    """

    number: int
    """
    The ticket's number, by which it is found in the list of those who joined.
    """
    of: int
    """
    How many took part.
    """
    place: int
    """
    From 1, tier by tier. Where it stands now is `queuePosition`: those before it are admitted, or leave.
    """


Duration: TypeAlias = str
"""
A duration in h, m, s and ms, the greater unit first.
"""


class EventMessageText(TypedDict):
    """
    One of them at least.
    """

    en: NotRequired[str]
    ko: NotRequired[str]


class EventOfFeed(TypedDict):
    """
    Of `onsale.feed.began`.
    """

    level: int
    """
    The store's level from here on.
    """


class EventOfMessage(TypedDict):
    """
    Of `onsale.message.sent`.
    """

    queueId: NotRequired[int]
    """
    Absent: those of all queues.
    """
    text: EventMessageText
    """
    What they were told, by language.
    """


class EventOfQueue(TypedDict):
    """
    Of `onsale.queue.*`.
    """

    queueId: int
    """
    The queue by its number, from 0; `onsale.lever.moved` has its name.
    """


class GateFigure(TypedDict):
    """
    How busy a site is.
    """

    figure: int
    """
    Whatever it goes by: busy workers, milliseconds, percent.
    """


class GateFigureSaid(TypedDict):
    """
    How the gate before a site stands.
    """

    figure: int
    holds: bool
    """
    Nobody passes without a pass.
    """


class Gone(TypedDict):
    """
    Who was let go.
    """

    holding: int
    """
    How many of these users hold a seat. It is theirs until it lapses, and can be paid.
    """
    letGo: int
    """
    How many sessions were ended: at most 10,000 at once.
    """
    queue: str


class Health(TypedDict):
    """
    The answer to who asks whether this server is well.
    """

    status: str


Id: TypeAlias = int
"""
An id.
"""


class Invalid(TypedDict):
    """
    One of several things that are wrong with a document.
    """

    at: str
    """
    The place.
    """
    problem: str
    """
    What is wrong there.
    """


class Issue(TypedDict):
    """
    Who asks for a place, and in which queue.
    """

    code: NotRequired[str]
    """
    A code that opens the queue, where somebody has one, or the queue takes nobody without. Whoever has a place keeps it, whatever
    is here.
    """
    entryToken: NotRequired[str]
    """
    What the buyer's shop signed, where the service wants that (`access.users = signed`): a JWS. Elsewhere it is ignored.
    """
    proof: NotRequired[str]
    """
    The work that a new place takes, where the queue asks for some (`proofBits` of `GET /v1/sale`): `challenge.nonce`, see `Work`.
    Whoever has a place has it without.
    """
    queue: NotRequired[str]
    """
    The queue's name. Where it is left out, the one that the entry token names, or else the default queue.
    """
    userId: Id
    """
    Where the service wants an entry token: its `sub`, or the number that its person was given; or left out.
    """


class KeptCodeUse(TypedDict):
    """
    A use of a code.
    """

    campaign: str
    endedAt: str | None
    number: int
    """
    The code's place in the campaign's list.
    """
    status: CodeUseStatus
    takenAt: str


class KeptSession(TypedDict):
    """
    A session that goes on.
    """

    queue: str
    sessionExpiresAt: str
    """
    When it ends, unless its owner does something before and it may become longer.
    """
    userId: Id


Keyed: TypeAlias = Literal['CHARGE', 'RESERVE', 'PAY']
"""
Which call an Idempotency-Key came with.
"""


class KeyedCall(TypedDict):
    """
    A call with an Idempotency-Key.
    """

    at: str
    call: Keyed


class LetGo(TypedDict):
    """
    Whom to let go. Without a word of how long they must have been silent, whoever counts in `silent`.
    """

    silentFor: NotRequired[Duration]
    """
    For how long they have not been heard from: `waitingTtl` at least; twice that where it is left out.
    """


LeverAction: TypeAlias = Literal['PUBLISH_CATALOG', 'DISCARD_UPLOAD', 'OPEN_QUEUE', 'CHANGE_QUEUE', 'CHANGE_SETTINGS', 'CHANGE_SALE', 'RELEASE_HOLD', 'REMOVE_SCHEDULE', 'SEND_MESSAGE', 'LET_SILENT_GO', 'REVOKE_TOKENS', 'END_SESSION', 'ADD_OPERATOR', 'REMOVE_OPERATOR', 'WITHHOLD_SEATS', 'GIVE_SEATS_BACK', 'REISSUE_TICKETS', 'CHANGE_CAMPAIGN', 'ADD_CODES', 'CHANGE_WEBHOOK', 'RESTORE_STORE', 'GIVE_PLACE', 'ERASE_PERSON']
"""
Which lever was moved.
"""


class Localized(TypedDict):
    """
    One text in each language.
    """

    en: str
    ko: str


class MessageText(TypedDict):
    """
    The message in the languages that buyers read, one of them at least. Where one is left out, the other is shown.
    """

    en: NotRequired[str]
    """
    Up to 1,000 bytes.
    """
    ko: NotRequired[str]
    """
    Up to 1,000 bytes.
    """


Money: TypeAlias = int
"""
An amount in the minor unit of the store's currency.
"""


MovementKind: TypeAlias = Literal['CHARGE', 'PAYMENT', 'CREDIT', 'DEBIT']
"""
What a movement of money was.
"""


class NamedPerson(TypedDict):
    """
    One person: by the number that the shop has given them, or by what entry tokens call them.
    """

    issuer: NotRequired[str]
    """
    Who signs it; whoever signs first of all, where it is left out.
    """
    subject: NotRequired[str]
    """
    What the `sub` of their entry token says, where the service wants one.
    """
    userId: NotRequired[Id]


class NamedSeats(TypedDict):
    """
    Seats of a date to hold back from the sale, or to put on sale again.
    """

    reason: str
    """
    Why, for the record.
    """
    seatIds: list[Id]


class NewAdjustment(TypedDict):
    """
    Money to move.
    """

    amount: Money
    reference: str
    """
    What it is for, such as the payment provider's number: for ever it stands for this user, amount and direction.
    """


class NewCodes(TypedDict):
    """
    Codes to add.
    """

    codes: list[str]
    """
    Each 4 to 64 letters and digits; case, spaces, dashes and dots count for nothing.
    """
    first: int
    """
    The number of the first, from 1. What was added before under the same number is passed over, so a call whose answer was lost is
    sent again as it was.
    """


class NewLink(TypedDict):
    """
    A link to make.
    """

    goodFor: Duration
    """
    For how long; 1s to 720h.
    """
    uses: int
    """
    How many people may come in by it.
    """


class NewMessage(TypedDict):
    """
    Something to tell those who wait.
    """

    queue: NotRequired[str]
    """
    Whom: a queue's name; everybody where it is left out.
    """
    text: MessageText


class NewPlace(TypedDict):
    """
    Where a buyer is started.
    """

    queue: NotRequired[str]
    """
    The queue's name; the default queue where it is left out.
    """


class NewQueue(TypedDict):
    """
    A queue to make.
    """

    queue: str


NewsKind: TypeAlias = Literal['MESSAGE', 'SOLD_OUT', 'QUEUE_CLOSED', 'QUEUE_PAUSED', 'QUEUE_OPEN', 'SALE_CLOSED', 'SALE_OPEN']
"""
What a piece of news is about.
"""


class NodeState(TypedDict):
    """
    A node of the cluster; on one machine there is one.
    """

    answers: bool
    """
    It is the one that answers.
    """
    behind: int
    """
    How many entries that is behind the node that is furthest.
    """
    clockAheadMs: int
    """
    How far the store's time is ahead of the clock that it follows: one that has stepped is met slowly.
    """
    counted: bool
    """
    Its figures are in the sums: it was heard from in the last five seconds.
    """
    journalFull: bool
    """
    The disk was full at the last try.
    """
    levelMax: int
    """
    The highest feature level that it raises the store to: the store is raised when all nodes can.
    """
    name: str
    """
    The host, and the address that it listens on.
    """
    node: str
    """
    Its number in the journal, made at random at its start.
    """
    pending: int
    """
    Commands that wait for the journal.
    """
    projectedSeq: int
    """
    The number of the last entry that the tables hold, as far as it knows.
    """
    ready: bool
    """
    It takes writes, as far as is known.
    """
    seq: int
    """
    The number of the last journal entry that is applied.
    """
    silentMs: int
    """
    For how long nothing was heard of it. A node that says nothing for ten minutes is listed no more; one that stops
    in good order is not listed at all.
    """
    startedAt: str
    """
    In UTC.
    """
    streams: int
    """
    Streams of places that are open.
    """
    time: str
    """
    The time of the last entry, in UTC.
    """
    version: str


class OperatorGone(TypedDict):
    """
    An operator whose key is none any more.
    """

    name: str


class OpsGateStandby(TypedDict):
    """
    A gate that stands open until much comes (`gate.sites.….standby_above`, `.standby_figure_above`), as this node has it.
    """

    figure: int | None
    """
    What the site has said of itself last, where that counts (`PUT /v1/admin/gates/{name}/figure`); `null` where it has said nothing for too long,
    or is to say nothing.
    """
    holds: bool
    """
    Nobody passes without a pass.
    """
    requestsPerSecond: int
    """
    What came in the last second, free requests apart.
    """


class OpsHistory(TypedDict):
    """
    The figures of a time.
    """

    at: list[int]
    """
    The end of each point's time, in seconds since 1970-01-01 UTC.
    """
    series: dict[str, list[float]]
    """
    By figure, one value for each point.
    """
    stepSeconds: int
    """
    How many seconds each point stands for.
    """


class OpsRow(TypedDict):
    """
    Seats of one row that stand together.
    """

    row: str | None
    seats: str
    """
    One letter for each seat: `A` available, `H` held, `S` sold, `W` held back by an operator.
    """


class OpsSeat(TypedDict):
    """
    A seat, and what it is called.
    """

    number: str | None
    row: str | None
    seatId: Id
    section: str | None


class OpsSection(TypedDict):
    """
    Seats of one section that stand together.
    """

    availableSeats: int
    heldSeats: int
    rows: list[OpsRow]
    section: str | None
    """
    `null` for seats without a section.
    """
    soldAmount: int
    """
    What was paid for the seats that are sold, whatever they would cost now. Where a payment was for seats of several
    sections, each has its share of it by the prices of now.
    """
    soldSeats: int
    withheldSeats: int


Orphans: TypeAlias = Literal['allow', 'prefer', 'refuse']
"""
Whether holds may leave single seats, which hardly anybody buys.
"""


PaidQueueStatus: TypeAlias = Literal['DONE', 'PROGRESS']
"""
What a payment makes of the session that the seats were taken in.
"""


PaidSeatStatus: TypeAlias = Literal['RESERVED']
"""
What paid seats are.
"""


class Payment(TypedDict):
    """
    The hold to pay.
    """

    reservationId: Id


class PlaceGiven(TypedDict):
    """
    Somebody who has a place.
    """

    queue: str
    userId: Id


class Published(TypedDict):
    """
    What was published.
    """

    schedules: int
    """
    Dates that were made or replaced.
    """
    seats: int
    """
    Seats that these dates got.
    """


class Drawn(TypedDict):
    """
    All that was not known before the opening.
    """

    at: str
    """
    When the queue opened.
    """
    firstNumber: int
    """
    The number of the first ticket that took part.
    """
    joins: str
    """
    The end of the hash chain over all who joined before the opening, with their times.
    """
    seed: str
    tickets: int
    """
    How many took part, those too who left before the opening.
    """


class QueueDraw(TypedDict):
    """
    A queue's draw: what was committed to before anybody could join, and from the opening on all that everybody's place comes of.
    """

    algorithm: str
    """
    How places come of what is here; `docs/draw.md` has it step by step.
    """
    beacon: str | None
    """
    What was given to be mixed in, as the value of a public randomness beacon; `null` where nothing was.
    """
    commitment: str
    """
    The SHA-256 of the seed, in hexadecimal: known since the order was set.
    """
    drawn: Drawn | None
    """
    From the opening on; `null` before.
    """
    phase: Literal['CLOSED', 'PREQUEUE', 'OPEN', 'OVER']
    """
    What the moments that were set make of a queue. Its mode stands above: a paused queue that opens stays paused.
    """
    queue: str


QueueOrder: TypeAlias = Literal['fifo', 'draw']
"""
In which order those are admitted who join before the queue opens. Who joins later stands behind them, in order of joining.
"""


class RefusalLoad(TypedDict):
    """
    Refusals with one code.
    """

    code: str
    perSecond: float
    """
    In the last ten seconds.
    """
    status: int
    total: int
    """
    Since the start of the nodes that are counted.
    """


class Reissue(TypedDict):
    """
    Which tickets are issued anew.
    """

    reason: str
    """
    Why, for the record.
    """
    seatId: NotRequired[Id]
    """
    One of the reservation's seats; all of them where it is left out.
    """


class Release(TypedDict):
    """
    Why a hold is dropped.
    """

    reason: NotRequired[str]
    """
    For the record: needed from the store's level 5 on, and not taken below it.
    """


class Released(TypedDict):
    """
    A hold that was dropped.
    """

    reservationId: Id
    seatStatus: str


class RemovedSchedule(TypedDict):
    """
    A date that is gone.
    """

    scheduleId: Id


ReservationStatus: TypeAlias = Literal['TEMP_RESERVED', 'RESERVED', 'EXPIRED', 'CANCELLED', 'RELEASED']
"""
What became of a hold.
"""


ReservedSeatStatus: TypeAlias = Literal['TEMP_RESERVED']
"""
What the seats of a new hold are.
"""


class Revoked(TypedDict):
    """
    Queue tokens that were revoked.
    """

    userId: Id
    validSince: str
    """
    The user's tokens that were issued before this are refused.
    """


RoleName: TypeAlias = Literal['VIEWER', 'GATE', 'DESK', 'FINANCE', 'ADMIN', 'SHOP']
"""
What a key opens. Each but a shop's opens what a viewer sees, too.
"""


class Rotated(TypedDict):
    """
    The key that signs from now on.
    """

    keyId: str
    """
    The `kid` of new tokens.
    """


class RouteLoad(TypedDict):
    """
    The requests to one route in the last ten seconds.
    """

    p50Ms: float | None
    """
    In milliseconds; `null` where there was no request.
    """
    p90Ms: float | None
    p999Ms: float | None
    p99Ms: float | None
    requestsPerSecond: float
    route: str


class Sale(TypedDict):
    """
    How a date sells.
    """

    availableSeats: int
    closed: bool
    """
    The operator stopped its sale.
    """
    concertTitle: str
    heldSeats: int
    offSaleAt: str | None
    """
    Until when.
    """
    onSale: bool
    """
    Whether its seats can be held now: it is not closed, has begun and is not over.
    """
    onSaleAt: str | None
    """
    From when on they can, in the date's zone; `null` where nothing was set.
    """
    orphans: Orphans
    """
    Whether holds may leave single seats.
    """
    scheduleId: Id
    soldSeats: int
    startsAt: str
    totalSeats: int
    withheldSeats: int
    """
    Held back by operators.
    """


class SaleQueue(TypedDict):
    """
    A queue, as the public may know it.
    """

    closesAt: str | None
    """
    From when on nobody joins and nobody is admitted.
    """
    codes: Literal['NONE', 'OPTIONAL', 'REQUIRED']
    """
    Whether people join a queue with codes.
    """
    mode: Literal['OPEN', 'PAUSED', 'DRAINING', 'CLOSED']
    """
    Whether a queue takes people in, and lets them through.
    """
    opensAt: str | None
    """
    From when on people are admitted.
    """
    order: QueueOrder
    """
    In which order those are admitted who join before it opens.
    """
    phase: Literal['CLOSED', 'PREQUEUE', 'OPEN', 'OVER']
    """
    What the moments that were set make of a queue. Its mode stands above: a paused queue that opens stays paused.
    """
    prequeueAt: str | None
    """
    From when on people may join; `null` where that is not set: then they may from `opensAt` on, or always.
    """
    proofBits: int
    """
    How many bits of work a new place takes, see `Work` and `GET /v1/queues/{name}/proof`; 0 for none.
    """
    queue: str


class SaleState(TypedDict):
    """
    How the sale stands. No counts: they are for those inside.
    """

    chargeLimit: Money
    """
    The most that one charge of the wallet may add.
    """
    chargeOpen: bool
    """
    Whether buyers add to their own wallets here.
    """
    entrySigned: bool
    """
    Whether whoever joins needs an entry token, which their shop signs.
    """
    holdExtendSeconds: float
    """
    How much longer its owner may make a hold, once, while nobody waits in its queue: in seconds; 0 where nobody may.
    """
    queues: list[SaleQueue]
    seatsPerHoldMax: int
    """
    The most seats that one call may hold, as far as it is known of everybody: who has some already may have fewer.
    """
    soldOut: list[Id]
    """
    The dates of which no seat is free just now. A hold that lapses may free one again.
    """


class Schedule(TypedDict):
    """
    A date of a concert. `openDate`, `startTime` and `endTime` are local to the date's zone.
    """

    availableSeats: int
    concertId: Id
    concertTitle: str
    endTime: str
    endsAt: str
    offSaleAt: NotRequired[str]
    """
    Until when, where that was set.
    """
    onSaleAt: NotRequired[str]
    """
    From when on its seats are sold, where that was set.
    """
    openDate: str
    saleClosed: bool
    """
    The operator has stopped the sale of this date, or it has not begun, or is over.
    """
    scheduleId: Id
    seatStatus: Availability
    startTime: str
    startsAt: str
    totalSeats: int


class ScheduleChange(TypedDict):
    """
    What to change of a date. What is left out stays as it is.
    """

    closed: NotRequired[bool]
    """
    `true` stops its sale: nobody can hold its seats any more, and who holds one can still pay. `false` resumes it.
    """
    offSaleAt: NotRequired[str | None]
    """
    Until when; later than `onSaleAt`. Who holds a seat then can still pay it.
    """
    onSaleAt: NotRequired[str | None]
    """
    From when on its seats are sold: with an offset, or local to the date's zone; `null` takes it away. From the store's level 5
    on, as the next.
    """
    orphans: NotRequired[Orphans]
    """
    Whether holds may leave single seats. From the store's level 5 on.
    """


class ScheduleState(TypedDict):
    """
    A date after its change.
    """

    closed: bool
    offSaleAt: str | None
    onSaleAt: str | None
    """
    In the date's zone; `null` where nothing was set.
    """
    orphans: Orphans
    scheduleId: Id


class SeatAmount(TypedDict):
    """
    One of the seats of a reservation.
    """

    amount: Money
    """
    What it costs, as it was when it was held.
    """
    priceType: NotRequired[str]
    """
    For whom; absent where the date had one price for all.
    """
    seatId: Id


SeatAttribute: TypeAlias = Literal['wheelchair', 'companion', 'restrictedView']
"""
What is particular about a seat.
"""


class SeatPrice(TypedDict):
    """
    What a seat costs for somebody.
    """

    amount: Money
    priceType: str


SeatState: TypeAlias = Literal['AVAILABLE', 'TEMP_RESERVED', 'RESERVED', 'WITHHELD']
"""
What a seat is, to an operator.
"""


SeatStatus: TypeAlias = Literal['AVAILABLE', 'TEMP_RESERVED', 'RESERVED']
"""
Whether a seat can be had.
"""


class SeatTicket(TypedDict):
    """
    A ticket to a concert, for one seat that the caller paid.
    """

    concertTitle: str
    number: str | None
    paidAt: str
    paymentId: Id
    priceType: NotRequired[str]
    """
    For whom it was sold, and what people call that; absent where the date had one price for all.
    """
    priceTypeTitle: NotRequired[str]
    reservationId: Id
    row: str | None
    scheduleId: Id
    seatId: Id
    section: str | None
    startsAt: str
    ticket: str
    """
    A JWT, signed with Ed25519: `rsv`, `pay`, `sch` and `seat` are the ids above. For a QR code, and for
    POST /v1/tickets/verify.
    """


class SeatsAtPrice(TypedDict):
    """
    So many seats at a price type. A field that it has not is refused.
    """

    count: int
    priceType: str


class Section(TypedDict):
    """
    A section of a date, with what is left of it.
    """

    availableSeats: int
    section: str | None
    """
    `null` for the seats that belong to none.
    """
    totalSeats: int


class Sent(TypedDict):
    """
    A message that was sent.
    """

    queue: str | None
    """
    The queue that it went to; `null` for everybody.
    """
    text: MessageText


class SettingNotInForce(TypedDict):
    """
    A setting of the configuration that the store goes before.
    """

    given: str
    """
    What the file, the environment or a flag says.
    """
    inForce: str
    """
    What the store has: in the default queue, for `queue.*`.
    """
    key: str


class SettingsChange(TypedDict):
    """
    What to change of the settings. What is left out stays as it is.
    """

    chargeLimit: NotRequired[int]
    """
    The most that one charge may add, in the minor unit of the currency.
    """
    holdExtend: NotRequired[Duration]
    """
    How much longer its owner may make a hold, once, while nobody waits in the queue; 0s for nobody, or 100ms to 8784h.
    """
    holdLimitPerUser: NotRequired[int]
    """
    The most live holds of one user in one schedule.
    """
    holdTtl: NotRequired[Duration]
    """
    How long a new reservation stays TEMP_RESERVED; 100ms to 8784h.
    """
    seatsPerUser: NotRequired[int | None]
    """
    The most seats of one schedule that one user may have, held and paid together, however often they come; `null` for no
    limit.
    """
    seatsPerUserPerConcert: NotRequired[int | None]
    """
    The same over all schedules of a concert.
    """


class SettingsState(TypedDict):
    """
    The store's settings.
    """

    chargeLimit: int
    """
    The most that one charge may add, in the minor unit of the currency.
    """
    holdExtend: Duration
    """
    How much longer its owner may make a hold, once, while nobody waits in the queue; 0s where nobody may.
    """
    holdLimitPerUser: int
    """
    The most live holds of one user in one schedule.
    """
    holdTtl: Duration
    """
    How long a reservation stays TEMP_RESERVED.
    """
    seatsPerUser: int | None
    """
    The most seats of one schedule that one user may have, held and paid together; `null` for no limit.
    """
    seatsPerUserPerConcert: int | None
    """
    The same over all schedules of a concert.
    """


SideBySide: TypeAlias = Literal['required', 'preferred']
"""
Whether the seats must be side by side.
"""


class SignedIn(TypedDict):
    """
    An operator who has signed in.
    """

    name: str
    """
    As the record of levers shows them.
    """


class Staged(TypedDict):
    """
    What a request added to an upload.
    """

    schedules: int
    """
    Dates in this request.
    """
    seats: int
    """
    Seats in this request.
    """


class Started(TypedDict):
    """
    A buyer who was started.
    """

    queue: str
    queueToken: str
    """
    What opens the place, and the user's wallet, reservations and tickets: for its owner alone.
    """
    userId: Id


class StoreState(TypedDict):
    """
    Where the store stands.
    """

    active: int
    """
    Users that are PROGRESS, over all queues.
    """
    charged: int
    """
    All charges so far, in the minor unit of the currency.
    """
    currency: str
    fingerprint: str
    """
    Over the whole state. The same on every node and after every replay of the same journal.
    """
    level: int
    """
    The store's feature level: what all of its nodes can read.
    """
    payments: int
    """
    Payments made so far.
    """
    pending: int
    """
    Commands that wait for their outcome.
    """
    projectedSeq: int
    """
    The number of the last journal entry that the tables hold.
    """
    reservations: int
    """
    Reservations made so far, whatever became of them.
    """
    seq: int
    """
    The number of the last journal entry that is applied.
    """
    silent: int
    """
    How many of them have not been heard from for twice their queue's `waitingTtl`.
    """
    sold: int
    """
    All payments so far, in the minor unit of the currency.
    """
    storeId: str
    """
    Made at random with the store.
    """
    time: str
    """
    The time of the last journal entry, in UTC.
    """
    waiting: int
    """
    Users that wait, over all queues.
    """


class TicketKey(TypedDict):
    """
    One public key.
    """

    alg: str
    crv: str
    kid: str
    kty: str
    use: str
    x: str
    """
    The key's 32 bytes in base64url.
    """


class TicketKeys(TypedDict):
    """
    The public keys of tickets, newest first: a JSON Web Key Set (RFC 7517, RFC 8037).
    """

    keys: list[TicketKey]


TicketStatus: TypeAlias = Literal['WAITING', 'PROGRESS', 'DONE', 'EXPIRED']
"""
What a ticket is.
"""


class TicketToVerify(TypedDict):
    """
    The ticket to verify.
    """

    ticket: str
    """
    What the QR code has behind `#`.
    """


TicketVerdict: TypeAlias = Literal['VALID', 'REPLACED', 'VOID', 'FORGED', 'UNREADABLE']
"""
What to do with whoever shows the ticket.
"""


class ToErase(TypedDict):
    """
    Who is to be erased: by the number that the shop has given them, or by what entry tokens call them.
    """

    force: NotRequired[bool]
    """
    Also where they have money in their wallet, or tickets for dates that are not over: nobody can use either any more.
    """
    issuer: NotRequired[str]
    """
    Who signs it; whoever signs first of all, where it is left out.
    """
    subject: NotRequired[str]
    """
    What the `sub` of their entry token says, where the service wants one.
    """
    userId: NotRequired[Id]


class User(TypedDict):
    """
    A user, as an operator sees them.
    """

    balance: Money
    """
    What is in the wallet. It opens, empty, at first sight.
    """
    erasedAt: NotRequired[str | None]
    """
    When the user was erased last; null for whoever was not.
    """
    tokensValidSince: NotRequired[str | None]
    """
    The user's queue tokens that were issued before this are refused; null where none was revoked.
    """
    userId: Id


class VerifiedTicket(TypedDict):
    """
    The verdict on a ticket. All but the verdict is `null` where the ticket is forged or unreadable.
    """

    concertTitle: str | None
    number: str | None
    paymentId: Id | None
    priceType: NotRequired[str]
    """
    For whom it was sold, and what people call that; absent where the date had one price for all.
    """
    priceTypeTitle: NotRequired[str]
    reservationId: Id | None
    row: str | None
    scheduleId: Id | None
    seatId: Id | None
    section: str | None
    startsAt: str | None
    verdict: TicketVerdict


class WaitingInTier(TypedDict):
    """
    How many who wait have an entry token's tier.
    """

    tier: int
    waiting: int


class WebhookAttempt(TypedDict):
    """
    What became of an attempt to deliver a message.
    """

    again: bool
    """
    Whether an operator had the event sent once more: such an attempt is made once.
    """
    at: str
    error: str | None
    """
    What went wrong, where there is no answer.
    """
    id: str
    """
    The event's.
    """
    nextAt: str | None
    """
    When the next was due; `null` where it was delivered, or is not tried again.
    """
    number: int
    """
    Which attempt of this message it was; 1 where `again` is true.
    """
    status: int | None
    """
    What the receiver answered; `null` where it did not.
    """
    tookMs: int


class WebhookEvent(TypedDict):
    """
    Which event is to be sent once more.
    """

    event: str
    """
    The event's `id`, which is the `webhook-id` of its messages.
    """


class WebhookGone(TypedDict):
    """
    A webhook that is there no more.
    """

    id: Id


class WebhookKey(TypedDict):
    """
    By what messages are signed.
    """

    madeAt: str
    publicKey: str | None
    """
    With Ed25519, what the receiver verifies with; `null` with HMAC.
    """
    until: str | None
    """
    Until when it signs beside its successor; `null` for the newest.
    """


WebhookLever: TypeAlias = Literal['ON', 'PAUSED']
"""
Whether a webhook is sent to, as an operator says.
"""


WebhookOrder: TypeAlias = Literal['ORDERED', 'PARALLEL']
"""
Whether one message waits for the one before.
"""


class WebhookRotation(TypedDict):
    """
    How long the key of before goes on to sign.
    """

    keepFor: NotRequired[Duration]
    """
    At most 744h; 24h where it is left out, and `0s` where somebody has it who must not.
    """


WebhookSignature: TypeAlias = Literal['HMAC', 'ED25519']
"""
By what messages are signed.
"""


WebhookState: TypeAlias = Literal['ON', 'PAUSED', 'GONE']
"""
Whether a webhook is sent to.
"""


WebhookWhy: TypeAlias = Literal['OPERATOR', 'RETRIES_EXHAUSTED', 'FEED_TRIMMED', 'FEED_OTHER_HISTORY', 'SECRET_LOST']
"""
Why a webhook is paused.
"""


class WhichSession(TypedDict):
    """
    Which session of a user it is.
    """

    queue: NotRequired[str]
    """
    The queue's name; the default queue where it is left out.
    """


class WishedArea(TypedDict):
    """
    How many places of an area somebody wishes to hold. A field that it has not is refused.
    """

    areaId: str
    """
    The area's name, as the catalog's sections have it.
    """
    priceType: NotRequired[str]
    """
    For whom: one of the date's price types. The first where it is left out.
    """
    quantity: int


class WishedSeat(TypedDict):
    """
    One of several seats to hold. A field that it has not is refused.
    """

    accessible: NotRequired[bool]
    """
    That the seat is known to be a wheelchair place, and meant: as long as these are kept, it takes this to have one.
    """
    priceType: NotRequired[str]
    """
    For whom: one of the date's price types. The first where it is left out, which is what `amount` of a seat is for.
    """
    seatId: Id


class Withheld(TypedDict):
    """
    A date of which seats were held back, or put on sale again.
    """

    availableSeats: int
    """
    How many can be had.
    """
    scheduleId: Id
    withheldSeats: int
    """
    How many seats of the date are held back now.
    """


class Work(TypedDict):
    """
    Work to be shown for a new place: a number `nonce` is to be found, by trying, with which
    `SHA-256(SHA-256("onsale-proof-1\\n" + challenge + "\\n" + person) + nonce)` begins with `bits` zero bits. `person` is the `userId`
    in decimal, or the entry token's `sub`, or what `person` says where it is there; `nonce` is hashed as 8 bytes, big-endian. The proof is `challenge.nonce`, with `nonce` in decimal.
    """

    bits: int
    """
    With how many zero bits the hash has to begin; 0 where no work is asked for.
    """
    challenge: str
    """
    The same for everybody who joins this queue at this time.
    """
    person: NotRequired[str]
    """
    Who is to do it, where they do not know what they are called: a visitor before a site.
    """
    validUntil: str
    """
    From when on the proof is none any more.
    """


class Adjusted(TypedDict):
    """
    Money that was moved.
    """

    balance: Money
    """
    What is in the wallet now.
    """
    reference: str
    replayed: bool
    """
    Whether it was moved before, and not now.
    """
    userId: Id


class Balance(TypedDict):
    """
    What is in the wallet.
    """

    amount: Money


class BestSeats(TypedDict):
    """
    How many seats somebody wishes to have, and where. A field that it has not is refused.
    """

    accessible: NotRequired[int]
    """
    How many of the seats are to be wheelchair places; the others are beside them, companions' seats first. Only for seats side
    by side.
    """
    category: NotRequired[str]
    """
    The category; any where it is left out.
    """
    count: int
    priceTypes: NotRequired[list[SeatsAtPrice]]
    """
    How many at which price, adding up to `count`: the seats get them in this order. All at the date's first where it is left
    out.
    """
    section: NotRequired[str]
    """
    The section; any where it is left out.
    """
    together: NotRequired[SideBySide]
    """
    `required` where it is left out: nobody gets seats apart who has not said that they may be.
    """


class Cancel(TypedDict):
    """
    The hold to drop.
    """

    reservationId: Id


class Cancelled(TypedDict):
    """
    A dropped hold.
    """

    reservationId: Id
    seatStatus: CancelledSeatStatus


class CatalogSection(TypedDict):
    """
    A section of a date, with the range of its prices.
    """

    amountMax: Money
    amountMin: Money
    prices: NotRequired[list[SeatPrice]]
    """
    What a place to stand costs at other price types than the date's first, which is what `amountMin` is for; absent where
    people sit, or where there are none.
    """
    seats: int
    section: str | None
    """
    `null` for the seats that belong to none.
    """
    standing: bool
    """
    People stand there: its places are alike, and `areas` of a hold names it by `section`.
    """


class CatalogShop(TypedDict):
    """
    Whose page the buyer's page is, as `page.*` of the configuration has it.
    """

    color: str | None
    """
    The colour of buttons, on which white can be read.
    """
    imprint: str | None
    """
    Where it says who is responsible.
    """
    joinOpen: bool
    """
    Whether whoever opens the page can join; otherwise their shop sends them here with a place.
    """
    logo: str | None
    """
    The address of its logo, a PNG or WebP, which stands in the place of the name.
    """
    returns: list[str]
    """
    Where buyers go back to: the first by itself, and anything below the origin of one of them where a link has said so.
    """
    signIn: bool
    """
    Whether whoever joins signs in first, at `/login`.
    """
    ticket: CatalogWords | None
    title: str | None
    """
    `null` where the shop has no name here.
    """
    welcome: CatalogWords | None


class DocumentArea(TypedDict):
    """
    An area where people stand: so many places that are alike.
    """

    amount: NotRequired[Money | None]
    area: str
    """
    Its name, which no section has.
    """
    capacity: int
    category: NotRequired[str | None]
    """
    One of the date's `categories`, or any name beside an `amount`.
    """
    firstSeatId: NotRequired[Id | None]
    prices: NotRequired[dict[str, Money]]
    """
    Beside an `amount`: by price type, of those beside the first.
    """


class DocumentCategory(TypedDict):
    """
    What seats of a category cost.
    """

    amount: Money
    category: str
    prices: NotRequired[dict[str, Money]]
    """
    By price type, of those beside the first.
    """


class DocumentRow(TypedDict):
    """
    A row of seats.
    """

    amount: NotRequired[Money | None]
    attributes: NotRequired[DocumentRowAttributes | None]
    category: NotRequired[str | None]
    firstNumber: NotRequired[int | None]
    """
    The number of its first seat; 1 where it is left out.
    """
    prices: NotRequired[dict[str, Money]]
    rank: NotRequired[int | None]
    """
    How good the row is, less being better. From the store's level 8 on.
    """
    row: str
    seats: int


class DocumentSeat(TypedDict):
    """
    A seat by itself.
    """

    amount: NotRequired[Money | None]
    attributes: NotRequired[list[SeatAttribute] | None]
    category: NotRequired[str | None]
    """
    One of the date's `categories`, or any name beside an `amount`.
    """
    number: NotRequired[str | None]
    position: int
    prices: NotRequired[dict[str, Money]]
    """
    Beside an `amount`: by price type, of those beside the first.
    """
    rank: NotRequired[int | None]
    """
    How good the seat is, less being better. From the store's level 8 on.
    """
    row: NotRequired[str | None]
    seatId: Id
    section: NotRequired[str | None]
    standing: NotRequired[bool | None]
    """
    A place to stand, of a section without rows. From the store's level 5 on.
    """


class DocumentSection(TypedDict):
    """
    Rows of seats at one price.
    """

    amount: NotRequired[Money | None]
    category: NotRequired[str | None]
    """
    One of the date's `categories`, or any name beside an `amount`.
    """
    prices: NotRequired[dict[str, Money]]
    """
    Beside an `amount`: by price type, of those beside the first.
    """
    rows: list[DocumentRow]
    section: str


class Door(TypedDict):
    """
    How operators come in here.
    """

    session: SignedIn | None
    signIn: bool
    """
    Whether operators sign in with an identity provider, at `/ops/login`.
    """


class EndedSession(TypedDict):
    """
    A session that was ended.
    """

    queue: str
    userId: Id


class Erased(TypedDict):
    """
    Somebody who is erased.
    """

    before: bool
    """
    Somebody of this name was erased before.
    """
    userId: NotRequired[Id | None]


class EventOfDate(TypedDict):
    """
    Of `onsale.schedule.removed`, `.sold_out`, `.sale_opened` and `.sale_closed`.
    """

    scheduleId: Id


class EventOfErasure(TypedDict):
    """
    Of `onsale.user.erased`.
    """

    erasedAt: str
    userId: Id
    """
    Nothing leads from a person to this number any more.
    """


class EventOfHold(TypedDict):
    """
    Of `onsale.hold.*`.
    """

    amount: Money
    priceTypes: NotRequired[list[str]]
    """
    Of each seat, in their order; absent where the date has one price for all.
    """
    reservationId: Id
    reservedUntil: str
    scheduleId: Id
    seatIds: list[Id]
    userId: Id


class EventOfLever(TypedDict):
    """
    Of `onsale.lever.moved`. Who it was, and what they wrote, is in the record (`GET /v1/admin/levers`).
    """

    action: LeverAction
    after: str
    before: str
    keyId: str
    """
    The admin key that it was moved with: the first four bytes of its SHA-256.
    """
    leverId: Id
    target: str
    """
    What it was moved on; empty where that may be somebody's name.
    """


class EventOfPayment(TypedDict):
    """
    Of `onsale.payment.made`.
    """

    amount: Money
    paymentId: Id
    priceTypes: NotRequired[list[str]]
    """
    Of each seat, in their order; absent where the date has one price for all.
    """
    reservationId: Id
    scheduleId: Id
    seatIds: list[Id]
    userId: Id


class EventOfReissuedTicket(TypedDict):
    """
    Of `onsale.ticket.reissued`.
    """

    issue: int
    """
    How often it was issued anew.
    """
    reservationId: Id
    seatId: Id


class EventOfSchedule(TypedDict):
    """
    Of `onsale.schedule.changed`.
    """

    closed: bool
    """
    Whether an operator stopped the sale.
    """
    concertId: Id
    endsAt: str
    offSaleAt: NotRequired[str]
    """
    Absent where it has no end.
    """
    onSaleAt: NotRequired[str]
    """
    Absent where the sale has no beginning.
    """
    scheduleId: Id
    startsAt: str


class EventOfSeats(TypedDict):
    """
    Of `onsale.seat.*`.
    """

    scheduleId: Id
    seatIds: list[Id]


class EventOfSeatsPublished(TypedDict):
    """
    Of `onsale.schedule.seats_published`.
    """

    scheduleId: Id
    seatIdRuns: list[list[Id]]
    """
    All seats of the date, as runs of ids: the first and the last of each.
    """


class EventOfTicket(TypedDict):
    """
    Of `onsale.ticket.issued`.
    """

    paymentId: Id
    reservationId: Id
    scheduleId: Id
    seatIds: list[Id]
    """
    One ticket for each.
    """
    userId: Id


class EventOfToken(TypedDict):
    """
    Of `onsale.token.*`.
    """

    number: int
    """
    The token's number in its queue, from 0 in order of joining.
    """
    queueId: int
    userId: Id


class EventOfTransfer(TypedDict):
    """
    Of `onsale.transfer.made`: `amount` leaves the account `debit` and enters `credit`.
    """

    amount: Money
    credit: str
    debit: str
    """
    `CASH`, `SALES`, or `WALLET/` and the user's number.
    """
    paymentId: NotRequired[Id]
    """
    The payment that moved it.
    """
    reference: NotRequired[str]
    """
    What the shop or operator that moved it calls it.
    """
    transferId: Id


class Extend(TypedDict):
    """
    The hold to make longer.
    """

    reservationId: Id


class ExtendedHold(TypedDict):
    """
    A hold that became longer. `reservedUntilDate` is local to the date's zone.
    """

    reservationId: Id
    reservedUntil: str
    reservedUntilDate: str
    seatStatus: ReservedSeatStatus


class GateLink(TypedDict):
    """
    A link that lets some people in.
    """

    goodUntil: str
    linkId: Id
    """
    What it is withdrawn by.
    """
    url: str
    """
    For whoever is to come in: who has it can use it.
    """
    uses: int


class GateLinkWithdrawn(TypedDict):
    """
    A link that lets nobody in any more.
    """

    linkId: Id


class GatePlace(TypedDict):
    """
    How somebody stands who waits before a site, for apps.
    """

    enter: str | None
    """
    Where to go once the visitor is let in: an address of the site, good once and for some seconds. It gives the pass as a cookie.
    """
    estimatedWaitSeconds: int | None
    """
    How long the wait will be as things go; `null` where that is not known.
    """
    pollAfterMillis: int | None
    """
    When to ask again; `null` when the visitor is let in, or their time is over.
    """
    queuePosition: int
    """
    From 1 for the next to be let in; 0 when the visitor does not wait, and before the queue opens.
    """
    status: TicketStatus


class Issued(TypedDict):
    """
    A place, and the token that stands for it.
    """

    codeTaken: NotRequired[bool]
    """
    Where the call had a `code`: whether one is the caller's as long as they have this place. Not, where they had the place before,
    without one.
    """
    estimatedWaitMaxSeconds: int | None
    """
    The latest: nine waits of ten are not longer, and eight are as far from the likely one as this is, or nearer.
    """
    estimatedWaitSeconds: int | None
    """
    How long the wait is likely to be, as those before had it; `null` when the ticket does not wait, or nobody is admitted.
    """
    pollAfterMillis: int | None
    """
    When to ask again; `null` when there is nothing more to ask.
    """
    queuePosition: int
    """
    From 1 for the next to be admitted; 0 when the ticket does not wait, and as long as the queue has not opened: nobody is told
    a place before, and the `status` is WAITING.
    """
    queueToken: str
    """
    For the `Authorization` header of all other calls. Opaque.
    """
    status: TicketStatus


class KeptLever(TypedDict):
    """
    What an operator did. Who it was is not theirs to know.
    """

    action: LeverAction
    after: str
    at: str
    before: str
    target: str


class KeptMovement(TypedDict):
    """
    Money that came into the wallet, or left it.
    """

    amount: int
    """
    Less than nothing for what left it.
    """
    at: str
    kind: MovementKind
    paymentId: Id | None
    reference: str | None
    """
    What a shop or an operator calls it.
    """
    transferId: Id


class KeptPlace(TypedDict):
    """
    A place in a queue, and the session that it became.
    """

    absent: bool
    """
    Whether they were passed over, and may come back.
    """
    admittedAt: str | None
    """
    When they were let in, of a session that may become longer.
    """
    endedAt: str | None
    """
    When it was over.
    """
    endsAt: str | None
    """
    When the session, or the time to come back, ends; null where it is over, or nothing has begun.
    """
    issuedAt: str
    joinedAt: str | None
    """
    When they joined, where places were drawn since.
    """
    number: int
    """
    The ticket's number in the queue.
    """
    queue: str
    status: TicketStatus
    tier: int | None


class KeptSeat(TypedDict):
    """
    A seat that was held, or sold.
    """

    amount: Money | None
    number: str | None
    priceType: str | None
    """
    For whom; null where the date has one price for all.
    """
    row: str | None
    seatId: Id
    section: str | None


class Lever(TypedDict):
    """
    A lever that was moved.
    """

    action: LeverAction
    after: str
    """
    The same, as it is.
    """
    at: str
    before: str
    """
    What differed, as it was.
    """
    id: int
    """
    Grows from one to the next: the journal entry's number times 65536, and the command's place in it.
    """
    keyId: str
    """
    The key: the first four bytes of its SHA-256.
    """
    operator: str | None
    """
    Whose key it was; with the first key what `Onsale-Operator` said, and `null` where it was not sent.
    """
    target: str
    """
    What it was moved on.
    """


class MadePayment(TypedDict):
    """
    A payment that was made.
    """

    amount: Money
    paidAt: str
    paymentId: Id
    """
    Payments are numbered from 1, without a gap, in the order in which they were made.
    """
    reservationId: Id
    scheduleId: Id
    seatIds: list[Id]
    userId: Id


class NewOperator(TypedDict):
    """
    Who gets a key.
    """

    name: str
    """
    As the record of levers will show it.
    """
    role: RoleName


NewWebhook = TypedDict(
    'NewWebhook',
    {
        'from': NotRequired[str],
        'order': NotRequired[WebhookOrder],
        'signature': NotRequired[WebhookSignature],
        'types': NotRequired[list[str]],
        'url': str,
    },
)


class News(TypedDict):
    """
    A piece of news.
    """

    at: str
    id: int
    """
    Grows from one to the next.
    """
    kind: NewsKind
    """
    `MESSAGE`: the operator's own words. `SOLD_OUT`: every seat of a date is paid. `QUEUE_CLOSED`: nobody is
    admitted any more. `QUEUE_PAUSED`: nobody for now, and places are kept. `QUEUE_OPEN`: they are.
    `SALE_CLOSED`, `SALE_OPEN`: a date takes no holds, or takes them again.
    """
    scheduleId: int | None
    """
    The date that it is about; `null` where it is about none.
    """
    text: Localized


class Oneself(TypedDict):
    """
    Whose key a request was sent with.
    """

    keyId: str
    name: str | None
    """
    `null` with the first key, which is nobody's.
    """
    role: RoleName


class OperatorKey(TypedDict):
    """
    A key that was made.
    """

    key: str
    """
    The key itself, shown this once: only its SHA-256 is kept.
    """
    keyId: str
    name: str
    role: RoleName


class OperatorSeat(TypedDict):
    """
    A seat of a date, as an operator sees it.
    """

    number: str | None
    reason: NotRequired[str]
    """
    Why it is held back, where it is.
    """
    row: str | None
    seatId: Id
    section: str | None
    status: SeatState
    withheldAt: NotRequired[str]
    """
    Since when, likewise.
    """


class OperatorState(TypedDict):
    """
    An operator with a key.
    """

    keyId: str
    """
    The first four bytes of the key's SHA-256, as the record of levers has them.
    """
    madeAt: str
    name: str
    role: RoleName


class OpsGate(TypedDict):
    """
    A gate of this node's configuration.
    """

    queue: str
    """
    The queue of its visitors.
    """
    queueExists: bool
    """
    Whether there is such a queue. Without it nobody comes in.
    """
    site: str
    """
    Its name in `gate.sites`.
    """
    standby: OpsGateStandby | None


class OpsHold(TypedDict):
    """
    A reservation that is not paid yet.
    """

    amount: int
    reservationId: Id
    reservedAt: str
    reservedUntil: str
    seats: list[OpsSeat]
    userId: Id


class OpsHolds(TypedDict):
    """
    The holds of a date.
    """

    holds: list[OpsHold]
    """
    The newest 200, newest first.
    """
    scheduleId: Id
    total: int
    """
    How many there are.
    """


class OpsSeats(TypedDict):
    """
    The seats of a date.
    """

    scheduleId: Id
    sections: list[OpsSection]
    """
    In the order of the seats' positions.
    """
    soldAmount: int
    """
    What was paid for the seats that are sold, in the minor unit of the currency.
    """


class Paid(TypedDict):
    """
    A payment.
    """

    paymentAmount: Money
    """
    What was debited.
    """
    paymentId: Id
    queueStatus: PaidQueueStatus
    seatStatus: PaidSeatStatus
    seats: NotRequired[list[SeatAmount]]
    """
    The seats, where there are several, or their date has prices for several.
    """


class Place(TypedDict):
    """
    A ticket's place.
    """

    draw: NotRequired[DrawnPlace]
    """
    Where places were drawn at the opening and this ticket took part: what it drew.
    """
    estimatedWaitMaxSeconds: int | None
    """
    The latest: nine waits of ten are not longer, and eight are as far from the likely one as this is, or nearer.
    """
    estimatedWaitSeconds: int | None
    """
    How long the wait is likely to be, as those before had it; `null` when the ticket does not wait, or nobody is admitted.
    """
    pollAfterMillis: int | None
    """
    When to ask again; `null` when there is nothing more to ask.
    """
    queuePosition: int
    """
    From 1 for the next to be admitted; 0 when the ticket does not wait, and as long as the queue has not opened: nobody is told
    a place before, and the `status` is WAITING.
    """
    sessionExpiresAt: str | None
    """
    When PROGRESS ends, in UTC; `null` otherwise.
    """
    sessionIdleAt: NotRequired[str]
    """
    While PROGRESS, where idle sessions end: when this one does unless its owner does something before, in UTC. Any call with the
    token is something, but asking how things stand: `check`, `stream`, `news`, and calls with the header `Onsale-Passive`. Absent
    while they hold a seat, which is doing something.
    """
    sessionMaxAt: NotRequired[str]
    """
    While PROGRESS, where sessions become longer: whenever its owner does something, `sessionExpiresAt` is put off, to this moment at
    the latest, in UTC. What is something is said at `sessionIdleAt`. Absent where the end moves no more.
    """
    status: TicketStatus
    tier: NotRequired[int]
    """
    Where the entry token said one: those of 1 stood before those of 2 at the opening, and they before all who have none. Who joined
    an open queue stands in order of joining.
    """


class Problem(TypedDict):
    """
    A refusal: a problem document (RFC 9457) that carries the envelope as well.
    """

    areas: NotRequired[list[AreaLeft]]
    """
    Of AREA_TOO_FEW and AREA_PRICE_NOT_OFFERED, the areas that have too few places, or not that price, and how many are left.
    """
    code: str
    """
    For programs.
    """
    data: dict[str, Any]
    """
    Empty.
    """
    detail: str
    """
    What was wrong with this very request.
    """
    field: NotRequired[str]
    """
    The field or parameter that was wrong, where there is one; of an entry token its claim, as in `entryToken.exp`.
    """
    message: str
    """
    For people, in the language of `Accept-Language`: English or Korean.
    """
    opensAt: NotRequired[str]
    """
    When that begins which is asked for too early.
    """
    problems: NotRequired[list[Invalid]]
    """
    What is wrong with a document, place by place.
    """
    proof: NotRequired[Work]
    """
    Of PROOF_REQUIRED, what is to be solved.
    """
    resultType: str
    seatIds: NotRequired[list[int]]
    """
    Those of the seats that could not be had, or are none: the others were free. Of SEAT_LEFT_ALONE, the free seats that would be
    left alone.
    """
    status: int
    title: str
    type: str
    """
    The address of the page that explains the code.
    """


class QueueChange(TypedDict):
    """
    What to change of a queue. What is left out stays as it is.
    """

    activeLimit: NotRequired[int]
    """
    The most users that are PROGRESS at any instant. Lowering it evicts nobody.
    """
    admitPerSecond: NotRequired[int | None]
    """
    The most users admitted in any one second; `null` for no limit.
    """
    beacon: NotRequired[str]
    """
    What is to be mixed into the draw that is not yours, as the value of a public randomness beacon, and whose; once, and before
    the opening.
    """
    closesAt: NotRequired[str | None]
    """
    From when on nobody joins and nobody is admitted; later than the others, and than now, as whoever waits loses the place then.
    """
    mode: NotRequired[Literal['OPEN', 'PAUSED', 'DRAINING', 'CLOSED']]
    """
    Whether a queue takes people in, and lets them through.
    """
    networkPlaces: NotRequired[int]
    """
    How many places each network has in a draw, 0 for any number: who joins from it beyond them before the opening stands behind
    everybody else who did. Nobody is told before. From the store's level 10 on.
    """
    opensAt: NotRequired[str | None]
    """
    From when on people are admitted; later than `prequeueAt`.
    """
    order: NotRequired[QueueOrder]
    """
    In which order those are admitted who join before it opens; only while nobody waits. `draw` draws a seed, of which the
    SHA-256 is published at once and the seed at the opening; where a draw is still to come it stays that one. From the store's
    level 5 on, as the next.
    """
    prequeueAt: NotRequired[str | None]
    """
    From when on people may join, with an offset or a zone: `2027-05-01T09:30:00+09:00`, or `2027-05-01T09:30:00[Asia/Seoul]`;
    `null` takes it away. From the store's level 5 on, as the next two.
    """
    proofBits: NotRequired[int]
    """
    How many bits of work a new place takes, from 0 for none to 24: each one doubles it. See `GET /v1/queues/{name}/proof`. From the
    store's level 9 on.
    """
    sessionIdle: NotRequired[Duration]
    """
    Who is inside and does nothing for so long frees the slot for the next, and whoever holds a seat is doing something; 0s for
    nobody, or 100ms to 8784h. From the store's level 7 on.
    """
    sessionMax: NotRequired[Duration]
    """
    While set, whoever is inside and does something has `sessionTtl` from then on, and at most so long in all; 0s where sessions end
    when they were said to at first, or `sessionTtl` to 8784h. An end that somebody was told moves later, never sooner. From the
    store's level 9 on.
    """
    sessionTtl: NotRequired[Duration]
    """
    How long PROGRESS lasts; 100ms to 8784h.
    """
    waitingGrace: NotRequired[Duration]
    """
    How long a ticket that was passed over may still return; up to 8784h.
    """
    waitingTtl: NotRequired[Duration]
    """
    A ticket last seen longer ago than this is passed over when its turn comes; 100ms to 8784h.
    """


class QueueState(TypedDict):
    """
    A queue as it is now.
    """

    active: int
    """
    How many are PROGRESS.
    """
    activeLimit: int
    """
    The most users that are PROGRESS at any instant.
    """
    admitPerSecond: int | None
    """
    The most users admitted in any one second; `null` for no limit.
    """
    admitted: int
    """
    Tickets that this server has seen admitted since it started.
    """
    closesAt: str | None
    """
    From when on nobody joins and nobody is admitted.
    """
    drawBeacon: str | None
    """
    What was given to be mixed into the draw.
    """
    drawCommitment: str | None
    """
    With `draw`: the SHA-256 of its seed, in hexadecimal, see `GET /v1/queues/{name}/draw`.
    """
    drawn: bool
    """
    Whether the places were drawn. For another opening, `order` is set again.
    """
    estimatedWaitSeconds: int | None
    """
    How long somebody who joined now would wait, in seconds; `null` while nobody is admitted.
    """
    issued: int
    """
    Tickets that were ever issued in this queue.
    """
    mode: Literal['OPEN', 'PAUSED', 'DRAINING', 'CLOSED']
    """
    Whether a queue takes people in, and lets them through.
    """
    networkPlaces: int
    """
    How many places each network has in a draw; 0 for any number.
    """
    opensAt: str | None
    """
    From when on people are admitted.
    """
    order: QueueOrder
    """
    In which order those are admitted who join before it opens.
    """
    phase: Literal['CLOSED', 'PREQUEUE', 'OPEN', 'OVER']
    """
    What the moments that were set make of a queue. Its mode stands above: a paused queue that opens stays paused.
    """
    prequeueAt: str | None
    """
    From when on people may join; `null` where that is not set: then they may from `opensAt` on, or always.
    """
    proofBits: int
    """
    How many bits of work a new place takes, see `Work`; 0 for none.
    """
    queue: str
    sessionIdle: Duration
    """
    Who is inside and does nothing for so long frees the slot; `0s` where nobody does.
    """
    sessionMax: Duration
    """
    How long a session may become in all while its owner goes on doing something; `0s` where none does.
    """
    sessionTtl: Duration
    silent: int
    """
    How many of them have not been heard from for twice `waitingTtl`: their slots are taken and not used.
    """
    waiting: int
    """
    How many wait.
    """
    waitingByTier: list[WaitingInTier]
    """
    How many of them are in tiers, the first tier first; empty where nobody is.
    """
    waitingGrace: Duration
    waitingSurplus: int
    """
    How many of them came from a network that had its places already, and stand behind the others; nobody but operators is told before
    the opening.
    """
    waitingTtl: Duration


class Reservation(TypedDict):
    """
    A reservation of the caller's.
    """

    amount: Money
    extendable: bool
    """
    Whether its owner can make it longer, as far as is known before it is tried: `POST /v1/api/concerts/reserve/extend`.
    """
    paidAt: str | None
    paymentId: Id | None
    reservationId: Id
    reservedAt: str
    reservedUntil: str
    scheduleId: Id
    seatIds: list[Id]
    seats: NotRequired[list[SeatAmount]]
    """
    The seats in the order of `seatIds`, with what each costs and for whom; absent where the date had one price for all.
    """
    status: ReservationStatus


class Reserve(TypedDict):
    """
    What to hold: one seat, by `seatId`; several of one date, all or none, by `seats`; places to stand, by `areas`, alone or beside
    `seats`; or the best seats that are free, by `best`.
    """

    areas: NotRequired[list[WishedArea]]
    """
    Places of areas where people stand, any that are free: each area once. With `seats` beside them, all or none. Not beside
    `seatId` or `best`.
    """
    best: NotRequired[BestSeats]
    """
    How many seats, and where, when it does not matter which. Not beside `seatId` or `seats`.
    """
    scheduleId: Id
    seatId: NotRequired[Id]
    """
    The seat. Not beside `seats` or `best`.
    """
    seats: NotRequired[list[WishedSeat]]
    """
    The seats, each once. Not beside `seatId` or `best`.
    """


class Reserved(TypedDict):
    """
    A new hold. `reservedDate` and `reservedUntilDate` are local to the date's zone.
    """

    amount: Money
    """
    What the hold costs.
    """
    reservationId: Id
    reservedAt: str
    reservedDate: str
    reservedUntil: str
    reservedUntilDate: str
    seatStatus: ReservedSeatStatus
    seats: NotRequired[list[SeatAmount]]
    """
    The seats, in the order in which they were asked for; absent where `seatId` named one. Also absent where a result is
    replayed of a hold that has long been over, and is not among one's reservations any more.
    """


class Seat(TypedDict):
    """
    A seat of a date.
    """

    amount: Money
    attributes: NotRequired[list[SeatAttribute]]
    """
    What is particular about it; absent where there is nothing.
    """
    category: NotRequired[str]
    """
    What the catalog calls seats at these prices; absent where it says nothing.
    """
    number: str | None
    position: int
    """
    The seat's place in the list.
    """
    prices: NotRequired[list[SeatPrice]]
    """
    What it costs at other price types than the date's first, which is what `amount` is for; absent where there are none.
    """
    row: str | None
    seatId: Id
    seatStatus: SeatStatus
    section: str | None


class Webhook(TypedDict):
    """
    Somebody who is sent what happened.
    """

    again: list[str]
    """
    The events that an operator had sent once more, and that are not sent yet: by their ids, the next one first.
    """
    attempts: list[WebhookAttempt]
    """
    What was tried last, the newest first: in a list of webhooks one at most, and of one webhook up to 50, fewer of those that went well.
    """
    cursor: str | None
    """
    The place behind the last event that was begun with; `null` before the first.
    """
    failures: int
    """
    How many attempts have failed since the last that went well.
    """
    id: Id
    key: NotRequired[str]
    """
    What the receiver verifies with, where it was made just now: a secret (`whsec_…`), which is shown this once, or a public key (`whpk_…`).
    """
    keys: list[WebhookKey]
    """
    By what messages are signed just now, the newest first.
    """
    lagSeconds: int
    """
    How long ago the oldest event happened that is not delivered, in seconds; 0 where there is none.
    """
    madeAt: str
    nextAttemptAt: str | None
    """
    When a message that failed is tried again; `null` where none waits for that.
    """
    node: str | None
    """
    The node that sends, by its number in 16 hexadecimal digits; `null` where none does.
    """
    order: WebhookOrder
    pending: int
    """
    How many of those are not delivered.
    """
    signature: WebhookSignature
    since: str
    """
    Since when it is in this state.
    """
    state: WebhookState
    types: list[str] | None
    """
    `null` for all but `onsale.token.*`.
    """
    url: str
    why: WebhookWhy | None


WebhookChange = TypedDict(
    'WebhookChange',
    {
        'from': NotRequired[str],
        'order': NotRequired[WebhookOrder],
        'state': NotRequired[WebhookLever],
        'types': NotRequired[list[str]],
        'url': NotRequired[str],
    },
)


class CatalogSchedule(TypedDict):
    """
    One date. `openDate`, `startTime` and `endTime` are local to `zone`.
    """

    accessibleUntil: NotRequired[str]
    """
    Until when wheelchair places, and their companions' seats, are sold only as such; absent where that is for as long as
    anything is.
    """
    endTime: str
    endsAt: str
    offSaleAt: str | None
    """
    Until when.
    """
    onSaleAt: str | None
    """
    From when on its seats are sold; `null` where nothing was set.
    """
    openDate: str
    orphans: Orphans
    """
    Whether holds may leave single seats.
    """
    priceTypes: NotRequired[list[CatalogPriceType]]
    """
    For whom there are prices, the first being that of each seat's `amount`; absent where there is one price for all.
    """
    saleClosed: bool
    """
    The operator has stopped the sale of this date, or it has not begun, or is over.
    """
    scheduleId: Id
    sections: list[CatalogSection]
    startTime: str
    startsAt: str
    totalSeats: int
    zone: str
    """
    An IANA time zone.
    """


class DocumentSchedule(TypedDict):
    """
    A date to make or replace. It has `sections`, or `seats`, and beside them `areas`, or none of them: then a date that exists keeps
    its seats.
    """

    accessibleUntil: NotRequired[str | None]
    """
    Until when wheelchair places, and their companions' seats, are sold only as such; for as long as anything is where it
    is left out.
    """
    areas: NotRequired[list[DocumentArea] | None]
    """
    Places to stand, behind the seats. From the store's level 5 on.
    """
    categories: NotRequired[list[DocumentCategory] | None]
    """
    Prices by name, for sections, rows and seats to refer to.
    """
    endsAt: str
    """
    Later than `startsAt`.
    """
    offSaleAt: NotRequired[str | None]
    """
    Until when; later than `onSaleAt`.
    """
    onSaleAt: NotRequired[str | None]
    """
    From when on its seats are sold: with an offset, or local to the zone. Left out, it stays as it was set. From the store's level
    5 on.
    """
    orphans: NotRequired[Orphans | None]
    priceTypes: NotRequired[list[DocumentPriceType] | None]
    """
    For whom there are prices, the first being that of each `amount`; one price for all where it is left out.
    """
    scheduleId: Id
    seats: NotRequired[list[DocumentSeat] | None]
    """
    Seats one by one.
    """
    sections: NotRequired[list[DocumentSection] | None]
    """
    Seats in rows, numbered and placed in the order in which they are given.
    """
    startsAt: str
    """
    With an offset, or local to the zone.
    """
    zone: NotRequired[str | None]
    """
    An IANA time zone; Asia/Seoul where it is left out.
    """


EventData: TypeAlias = EventOfFeed | EventOfPayment | EventOfHold | EventOfTicket | EventOfReissuedTicket | EventOfTransfer | EventOfLever | EventOfToken | EventOfSchedule | EventOfSeatsPublished | EventOfMessage | EventOfSeats | EventOfDate | EventOfQueue | EventOfErasure
"""
What is said of it: by `type`, one of these.
"""


class KeptReservation(TypedDict):
    """
    A hold, whatever became of it.
    """

    amount: Money
    concertTitle: str | None
    """
    As it is called now; null where the date is in the catalog no more.
    """
    paymentId: Id | None
    reservationId: Id
    reservedAt: str
    reservedUntil: str
    scheduleId: Id
    seats: list[KeptSeat]
    settledAt: str | None
    """
    When it was paid, or was over; null while it is held.
    """
    status: ReservationStatus


class OpsNow(TypedDict):
    """
    The night as it is.
    """

    at: int | None
    """
    The moment of the figures, in seconds since 1970-01-01 UTC; `null` in the first second.
    """
    currency: str
    """
    ISO 4217.
    """
    currencyDigits: int
    """
    The decimal places of its minor unit.
    """
    figures: dict[str, float]
    """
    The last second in figures, by name: the same names as in the history. Where nodes share a store, of all that are
    `counted` together.
    """
    gates: list[OpsGate]
    """
    The gates before sites.
    """
    historyFrom: int | None
    """
    From when on there is a history, likewise.
    """
    newestLeverId: int | None
    """
    The id of the lever that was moved last; `null` where none was.
    """
    nodes: list[NodeState]
    """
    The nodes of the store, this one first.
    """
    openDoors: list[str]
    """
    What this node has open to everybody, by its key: `access.users`, `access.charge`.
    """
    queues: list[QueueState]
    refusals: list[RefusalLoad]
    routes: list[RouteLoad]
    schedules: list[Sale]
    settingsNotInForce: list[SettingNotInForce]
    """
    What this node's configuration gives and the store has otherwise.
    """


class CatalogConcert(TypedDict):
    """
    A concert and its dates.
    """

    concertId: Id
    queue: str
    """
    The queue whose tokens open this concert.
    """
    schedules: list[CatalogSchedule]
    title: str


class CloudEvent(TypedDict):
    """
    Something that happened, as a CloudEvent (CloudEvents 1.0, JSON format).
    """

    data: EventData
    datacontenttype: str
    id: str
    """
    The place of the event in the order of the store, to be sent back as `after`. With `source` it is unique.
    """
    sequence: str
    """
    Which event of its family (the types that are alike up to the second dot) it is, counted from 1 without a gap, in 16
    digits: whoever reads a whole family sees by it that nothing is missing.
    """
    source: str
    """
    The store.
    """
    specversion: str
    subject: NotRequired[str | None]
    """
    What it happened to.
    """
    time: str
    """
    When it happened, in the journal's time.
    """
    type: str


class DocumentConcert(TypedDict):
    """
    A concert to make or replace.
    """

    concertId: Id
    queue: NotRequired[str | None]
    """
    The queue whose tokens open this concert; the default queue where it is left out. Made where it does not exist.
    """
    schedules: NotRequired[list[DocumentSchedule] | None]
    title: str


class KeptOfPerson(TypedDict):
    """
    What there is of a person. Lists are oldest first, but for tickets.
    """

    balance: Money
    """
    What is in the wallet.
    """
    codeUses: list[KeptCodeUse]
    entryTokensUntil: list[str]
    """
    Until when entry tokens that they have used, and that are good once, are remembered.
    """
    erasedAt: str | None
    """
    When the user was erased last; null for whoever was not.
    """
    keyedCalls: list[KeyedCall]
    """
    Calls with an Idempotency-Key whose outcome is remembered. Of the key there is half a SHA-256.
    """
    levers: list[KeptLever]
    """
    What operators did to them.
    """
    more: list[str]
    """
    The lists of which there is more than is here.
    """
    movements: list[KeptMovement]
    """
    What came into the wallet, and left it.
    """
    places: list[KeptPlace]
    """
    Places in queues, and the sessions that they became.
    """
    pseudonyms: list[str]
    """
    What stands for what entry tokens call them, in hexadecimal: nobody can read a name out of it.
    """
    reservations: list[KeptReservation]
    """
    Holds, whatever became of them, with what was paid.
    """
    seatsMax: int | None
    """
    The most seats of one date that they may have, as their newest entry token that said so said; null where none did.
    """
    seq: int
    """
    The entry of the journal that all but the tickets is as of.
    """
    tickets: list[SeatTicket]
    """
    What opens the gate, newest payment first.
    """
    tokensValidSince: str | None
    """
    The user's queue tokens that were issued before this are refused; null where none was revoked.
    """
    userId: Id


class Catalog(TypedDict):
    """
    What is on sale. Seats are not listed one by one, and nothing here tells which are taken.
    """

    concerts: list[CatalogConcert]
    currency: str
    """
    The ISO 4217 code of the store's one currency. Amounts are in its minor unit.
    """
    currencyDigits: int
    """
    The decimal places of the minor unit, by ISO 4217: 0 for KRW, 2 for HUF whatever a browser says.
    """
    demo: bool
    """
    The server was started with `--demo`: nothing here is real.
    """
    shop: CatalogShop


class CatalogDocument(TypedDict):
    """
    Concerts with their dates and seats.
    """

    concerts: list[DocumentConcert]
