"""A class for each reason that the server has to refuse something."""
# Written by generate.py from docs/openapi.json.

from typing import Literal, TypeAlias

from .errors import Problem

ProblemCode: TypeAlias = Literal[
    "ADMIN_UNAUTHORIZED",
    "ALREADY_PAID",
    "AMOUNT_INVALID",
    "AREA_PRICE_NOT_OFFERED",
    "AREA_TOO_FEW",
    "AREA_TWICE",
    "BAD_REQUEST",
    "BEACON_GIVEN",
    "CAMPAIGN_IN_USE",
    "CAMPAIGN_NOT_FOUND",
    "CATALOG_IN_USE",
    "CHARGE_OFF",
    "CODES_MISSING",
    "CODE_NOT_YET",
    "CODE_OVER",
    "CODE_REQUIRED",
    "CODE_TWICE",
    "CODE_UNKNOWN",
    "CODE_USED_UP",
    "COMPANION_SEAT",
    "DRAW_NOT_FOUND",
    "DRAW_NOT_YET",
    "ENTRY_TOKEN_ALGORITHM",
    "ENTRY_TOKEN_AUDIENCE",
    "ENTRY_TOKEN_EXPIRED",
    "ENTRY_TOKEN_INVALID",
    "ENTRY_TOKEN_ISSUER",
    "ENTRY_TOKEN_KEY_UNKNOWN",
    "ENTRY_TOKEN_MISSING",
    "ENTRY_TOKEN_NOT_YET",
    "ENTRY_TOKEN_OTHER_QUEUE",
    "ENTRY_TOKEN_OTHER_USER",
    "ENTRY_TOKEN_REPLAYED",
    "ENTRY_TOKEN_UNSIGNED",
    "ERASURE_LOSES",
    "EVENT_NOT_SENT",
    "EXTEND_OFF",
    "FEED_OTHER_HISTORY",
    "FEED_TRIMMED",
    "GATE_LINK_OVER",
    "GATE_PASS_NEEDED",
    "HOLD_EXPIRED",
    "HOLD_EXTENDED",
    "HOLD_LIMIT_REACHED",
    "IDEMPOTENCY_KEY_REUSED",
    "INSUFFICIENT_BALANCE",
    "LEVEL_TOO_LOW",
    "LIMIT_REACHED",
    "METHOD_NOT_ALLOWED",
    "NOT_ADMITTED",
    "NOT_FOUND",
    "NOT_PAID",
    "NOT_WHEELCHAIR_PLACE",
    "OPERATOR_EXISTS",
    "OPERATOR_NOT_FOUND",
    "OTHERS_WAIT",
    "OUTCOME_UNKNOWN",
    "OVERLOADED",
    "PAYLOAD_TOO_LARGE",
    "PRICE_TYPE_NOT_OFFERED",
    "PROOF_REQUIRED",
    "QUEUE_CLOSED",
    "QUEUE_IN_USE",
    "QUEUE_NOT_FOUND",
    "QUEUE_NOT_YET_OPEN",
    "QUEUE_OVER",
    "RATE_LIMITED",
    "REFERENCE_REUSED",
    "RESERVATION_CANCELLED",
    "RESERVATION_NOT_FOUND",
    "ROLE_FORBIDDEN",
    "SALE_CLOSED",
    "SALE_NOT_YET_OPEN",
    "SALE_OVER",
    "SCHEDULE_IN_USE",
    "SCHEDULE_NOT_FOUND",
    "SEATS_NOT_TOGETHER",
    "SEATS_TOO_FEW",
    "SEATS_TOO_MANY",
    "SEAT_LEFT_ALONE",
    "SEAT_LIMIT_REACHED",
    "SEAT_NOT_AVAILABLE",
    "SEAT_NOT_FOUND",
    "SEAT_NOT_WITHHELD",
    "SEAT_TWICE",
    "SESSION_DONE",
    "SESSION_EXPIRED",
    "SOLD_OUT",
    "TOKEN_INVALID",
    "TOKEN_MISSING",
    "TOO_MANY_REQUESTS",
    "UNAVAILABLE",
    "UNSUPPORTED_MEDIA_TYPE",
    "USER_NOT_FOUND",
    "WEBHOOK_NOT_FOUND",
    "WHEELCHAIR_PLACE",
]


class AdminUnauthorized(Problem):
    """Admin key needed (401).

    Calls under /v1/admin need `Authorization: Bearer <key>`: the admin key, or one of an operator's own that
    was not removed.
    """


class AlreadyPaid(Problem):
    """Already paid (409).

    The reservation was paid before. Nothing was debited now.
    """


class AmountInvalid(Problem):
    """Amount not accepted (400).

    The amount to charge is zero or less, fractional, over the limit of one charge, or would take the balance
    past its limit; in a store below level 2 also what would take all its charges together past 2^63-1.
    Nothing was charged.
    """


class AreaPriceNotOffered(Problem):
    """Price not offered in the area (409).

    Each area has prices for some of the date's price types, and this one has none for the `priceType` of the
    wish. `areas` lists those areas, with what is `left` of them. Nothing was held. `GET /v1/catalog` has the
    price types of a date, and the `prices` of its areas.
    """


class AreaTooFew(Problem):
    """Not so many places left (409).

    An area where people stand has fewer free places than were wished for. `areas` lists each such area, and
    how many are `left`. Nothing was held. Held places come back when their holds lapse.
    """


class AreaTwice(Problem):
    """Area named twice (400).

    `areas` names an area more than once at the same price type; `field` says where the second time. Nothing
    was held. `quantity` says how many places.
    """


class BadRequest(Problem):
    """Bad request (400).

    The body is not well-formed JSON, or a field or parameter is missing, of the wrong type, or has an
    impossible value. `detail` says what is wrong, and `field` where.
    """


class BeaconGiven(Problem):
    """Beacon given (409).

    What is mixed into a draw (`beacon`) is given once, so that nobody tries values until they like what comes
    of them.
    """


class CampaignInUse(Problem):
    """Campaign has codes (409).

    The campaign's codes were hashed for its queue, with its key, so neither changes as long as it has any.
    Nothing was changed.
    """


class CampaignNotFound(Problem):
    """No such campaign (404).

    No campaign of codes has this name.
    """


class CatalogInUse(Problem):
    """In use (409).

    A published catalog may not remove or reprice seats that are held or sold. Nothing was changed.
    """


class ChargeOff(Problem):
    """Wallets are not charged here (403).

    This service takes no charges from buyers: `access.charge` is `operator` (a shop or an operator credits
    wallets) or `off` (nobody does). Nothing was charged.
    """


class CodesMissing(Problem):
    """Codes left out (409).

    Codes are numbered from 1 without a gap, and `first` is more than one behind the last. `detail` says which
    number is due. None was added.
    """


class CodeNotYet(Problem):
    """Code not good yet (409).

    The code is good from a later moment on: `opensAt` says when, and `Retry-After` in how many seconds.
    Nobody joined, and no use was taken.
    """


class CodeOver(Problem):
    """Code no longer good (409).

    The last moment of the code's campaign is past, or its operator has stopped it. Nobody joined. Who has
    joined with it keeps the place.
    """


class CodeRequired(Problem):
    """Code needed (403).

    At this moment nobody joins this queue without a code. It goes into `code` of the body. Who has a place
    keeps it without.
    """


class CodeTwice(Problem):
    """Code there already (409).

    A code is there under another number or in another campaign of the queue, or its number has another code.
    `field` says which. None was added.
    """


class CodeUnknown(Problem):
    """Code not known (403).

    The code opens this queue at no time: it is none, or another queue's. Capitals, spaces, dashes and dots
    count for nothing. Nobody joined, and no use was taken. Whoever sends many that are none waits:
    `RATE_LIMITED`.
    """


class CodeUsedUp(Problem):
    """Code used already (409).

    As many as the code is good for have a place or a hold with it, or have bought something. A use comes back
    when its owner has neither a place nor a hold any more and has bought nothing. Nobody joined.
    """


class CompanionSeat(Problem):
    """A companion's seat (409).

    Until a moment that the catalog gives, a companion's seat is sold only in one hold with a wheelchair place
    beside it. `seatIds` lists the seats. Nothing was held.
    """


class DrawNotFound(Problem):
    """No draw (404).

    Places in this queue are not drawn, but given in order of joining; or something was to be mixed into a
    draw that was already drawn.
    """


class DrawNotYet(Problem):
    """Not drawn yet (409).

    Who took part in a draw is listed from the opening on, together with the seed.
    """


class EntryTokenAlgorithm(Problem):
    """Entry token with another algorithm (401).

    Each key is good for one algorithm, and the header of the entry token names another one than its key's:
    HS256 with a public key, for example.
    """


class EntryTokenAudience(Problem):
    """Entry token for something else (401).

    The entry token's `aud` does not have this service: it was made for another one.
    """


class EntryTokenExpired(Problem):
    """Entry token expired (401).

    The entry token's `exp` has passed, by the store's time. The shop makes a new one.
    """


class EntryTokenInvalid(Problem):
    """Entry token not valid (401).

    The entry token is damaged, its signature is not that of its key, or a claim is missing or no such claim.
    `detail` says which.
    """


class EntryTokenIssuer(Problem):
    """Entry token of another issuer (401).

    The entry token's `iss` is not the issuer whose tokens are taken here.
    """


class EntryTokenKeyUnknown(Problem):
    """Entry token of an unknown key (401).

    The entry token is of none of the keys that are known, by its `kid` or for want of one, and they were
    fetched just now.
    """


class EntryTokenMissing(Problem):
    """Entry token needed (401).

    This service knows its buyers by an entry token, which their shop or identity provider signs. It goes into
    `entryToken` of the body, or into `Authorization: Bearer`.
    """


class EntryTokenNotYet(Problem):
    """Entry token not valid yet (401).

    The entry token's `nbf` has not come yet, by the store's time. The shop's clock may be ahead.
    """


class EntryTokenOtherQueue(Problem):
    """Entry token for another queue (403).

    The entry token's `queue` is another one than the body asks for. Nobody joined.
    """


class EntryTokenOtherUser(Problem):
    """Entry token of another user (403).

    The body's `userId` is another one than the entry token's `sub`. It may be left out. Nobody joined.
    """


class EntryTokenReplayed(Problem):
    """Entry token used already (401).

    The entry token has a `jti`, so it is good once, and it was used. Who sent an `Idempotency-Key` with it
    may send both again as long as the place is there. The shop signs another token. Nobody joined.
    """


class EntryTokenUnsigned(Problem):
    """Entry token without a signature (401).

    The header of the entry token says `alg: none`. Unsigned tokens name nobody.
    """


class ErasureLoses(Problem):
    """Something would be lost (409).

    Whoever is to be erased has money in their wallet, or tickets for dates that are not over: `detail` says
    how much. Pay it back first (POST /v1/admin/users/{id}/debit), or send `force`. Nothing was erased.
    """


class EventNotSent(Problem):
    """Not sent to this webhook (409).

    Only what was sent before is sent once more: an event of the webhook's types whose turn has come, and not
    where the receiver has answered 410. `detail` says what it is. Nothing was sent.
    """


class ExtendOff(Problem):
    """Holds do not become longer here (403).

    The setting `hold.extend` is 0: nobody makes a hold longer. It goes on until it lapses.
    """


class FeedOtherHistory(Problem):
    """Of another history (409).

    The store was restored from a copy that is older than what you have read, or is another one: what you keep
    of it may be of what never was. Throw it away, and read from the beginning, without after.
    """


class FeedTrimmed(Problem):
    """Not kept any more (410).

    Events are kept for feed.keep. Those behind your place have been let go, so whoever goes on would miss
    them. Take the state as it is now, and read from the beginning, without after.
    """


class GateLinkOver(Problem):
    """Link not good any more (410).

    A link that lets some people in past the line before a site: it was used as often as it is good for, has
    ended, was withdrawn, or is none. Nobody joined.
    """


class GatePassNeeded(Problem):
    """Not let in yet (401).

    A gate stands before the site, and the request has no pass to it that is good: none, a forged one, one
    that has expired or is another site's, or one of a session that is over. `Location` says where its visitor
    waits, and comes back from.
    """


class HoldExpired(Problem):
    """Hold expired (410).

    The hold lapsed before the payment came. Nothing was debited, and the seat is on sale again.
    """


class HoldExtended(Problem):
    """More time was given before (409).

    A hold becomes longer once. One that takes the same seats again after its owner dropped them counts with
    it.
    """


class HoldLimitReached(Problem):
    """Too many holds (409).

    With these seats the user would hold more of this schedule than `hold.limit_per_user` allows. Ask for
    fewer, or pay or drop what is held. Nothing was held.
    """


class IdempotencyKeyReused(Problem):
    """Idempotency-Key reused (422).

    The Idempotency-Key was sent before with another request. A key names one request; use a fresh one for
    each.
    """


class InsufficientBalance(Problem):
    """Balance too low (402).

    The wallet holds less than the reservation costs, or less than an operator would debit. Nothing was
    debited, and a hold goes on until it lapses.
    """


class LevelTooLow(Problem):
    """Not at this feature level (409).

    What was asked for counts from a feature level on that the store is below, because a node of an older
    version may still be there, or `store.level_max` is set. Nothing was changed, and to ask again helps only
    once the store was raised: `docs/upgrade.md`.
    """


class LimitReached(Problem):
    """As many as there can be (409).

    There are as many of these as there can be; the detail says how many. Nothing was changed, and to ask
    again helps only once some were removed, where they can be.
    """


class MethodNotAllowed(Problem):
    """Method not allowed (405).

    The path exists, but not for this method. The `Allow` header names those that it takes.
    """


class NotAdmitted(Problem):
    """Not admitted yet (403).

    The token's status is WAITING, or it belongs to another queue than this concert's. Poll POST
    /v1/api/queue/token/check until it says PROGRESS.
    """


class NotFound(Problem):
    """Not found (404).

    No resource has this path. /docs lists what there is.
    """


class NotPaid(Problem):
    """Not paid (409).

    A ticket is issued for a seat that is paid, and this reservation is held, or is over. Nothing was changed.
    """


class NotWheelchairPlace(Problem):
    """Not a place for a wheelchair (409).

    The seat was asked for as `accessible`, and the catalog knows it as an ordinary one. `seatIds` lists the
    seats. Nothing was held.
    """


class OperatorExists(Problem):
    """Operator has a key (409).

    Names of operators are theirs alone. Remove the key first, or choose another name. Nothing was changed.
    """


class OperatorNotFound(Problem):
    """Operator not found (404).

    There is no operator's key of this name, or it was removed. Nothing was changed.
    """


class OthersWait(Problem):
    """Others wait (409).

    A hold becomes longer only while nobody waits in the queue of its concert. It goes on until it lapses.
    """


class OutcomeUnknown(Problem):
    """Outcome unknown (504).

    The request reached the journal, and whether it took effect is not known. Retry with the same
    Idempotency-Key: it is done once.
    """


class Overloaded(Problem):
    """Overloaded (503).

    The server is at its limit and turned the request away. Nothing was done; `Retry-After` says when to try
    again.
    """


class PayloadTooLarge(Problem):
    """Body too large (413).

    The body is longer than this call takes; the eight endpoints take 16 KiB.
    """


class PriceTypeNotOffered(Problem):
    """Not sold at this price (409).

    A seat has a price for some of the date's price types, and this one has none for the `priceType` that was
    asked for. `seatIds` lists the seats. Nothing was held. `GET /v1/api/concerts/seat` lists what each seat
    costs and for whom, `GET /v1/catalog` the price types of a date.
    """


class ProofRequired(Problem):
    """Work to be shown (403).

    Whoever joins this queue shows a little work first, as programs that join a thousand times have to do it a
    thousand times. `proof` says what is to be solved, and the answer goes into `proof` of the body. Nobody
    joined. Who has a place keeps it without. Somebody whose device cannot do it asks the shop for a place.
    """


class QueueClosed(Problem):
    """Queue closed (409).

    The queue takes nobody in: the sale has not opened yet, or is over.
    """


class QueueInUse(Problem):
    """Queue in use (409).

    The order of a queue (`order`) is set only while nobody waits in it: nobody's place is made another.
    """


class QueueNotFound(Problem):
    """No such queue (404).

    No queue has this name. GET /v1/catalog says which queue each concert uses.
    """


class QueueNotYetOpen(Problem):
    """Queue not open yet (409).

    The queue takes people in from a moment on that lies ahead: `opensAt` says which, and `Retry-After` in how
    many seconds. Nobody who comes earlier has anything of it.
    """


class QueueOver(Problem):
    """Queue over (409).

    The queue was to close at a moment that is past. It takes nobody in, and who still waited then has no
    place any more. Who was inside goes on.
    """


class RateLimited(Problem):
    """Rate limited (429).

    This client or user has written more often than the operator allows, or this client has sent too many
    operators' keys that are none. Nothing was done, and a place in the queue is not touched; `Retry-After`
    says when to try again.
    """


class ReferenceReused(Problem):
    """Reference used for something else (409).

    A reference of a credit or debit stands for one user, amount and direction for ever. Send what it stands
    for, or another reference. Nothing was moved.
    """


class ReservationCancelled(Problem):
    """Reservation cancelled (409).

    The reservation was given up by its owner, so it cannot be paid.
    """


class ReservationNotFound(Problem):
    """No such reservation (404).

    No reservation of this user has this id. GET /v1/api/user/reservations lists the user's own.
    """


class RoleForbidden(Problem):
    """Not with this key (403).

    The role of the key (`GET /v1/admin/whoami`) does not have this call; docs/admin.md lists what each has.
    Nothing was changed.
    """


class SaleClosed(Problem):
    """Sale closed (409).

    The schedule is not, or no longer, on sale.
    """


class SaleNotYetOpen(Problem):
    """Not on sale yet (409).

    The date's seats are sold from a moment on that lies ahead: `opensAt` says which, and `Retry-After` in how
    many seconds.
    """


class SaleOver(Problem):
    """Sale over (409).

    The date's seats were sold until a moment that is past. Who holds one can still pay it.
    """


class ScheduleInUse(Problem):
    """Schedule in use (409).

    A schedule of which seats are held or sold is not removed. Nothing was changed. Its sale can be stopped
    with `closed`.
    """


class ScheduleNotFound(Problem):
    """No such schedule (404).

    No schedule has this id. GET /v1/api/concerts/schedule lists those of the token's queue.
    """


class SeatsNotTogether(Problem):
    """Not so many seats together (409).

    Enough seats are free, but nowhere so many side by side, and the wish was for no others. Nothing was held.
    A wish with `together` as `preferred` takes them in as few groups as can be found.
    """


class SeatsTooFew(Problem):
    """Not so many seats left (409).

    Fewer seats are free than were wished for, in the section where one was named, otherwise of the whole
    date. Nothing was held. Held seats come back when their holds lapse.
    """


class SeatsTooMany(Problem):
    """Too many seats at once (400).

    One hold has at most 16 seats and places to stand, however they are asked for. Nothing was held. What one
    person may have is another limit: `HOLD_LIMIT_REACHED`, `SEAT_LIMIT_REACHED`.
    """


class SeatLeftAlone(Problem):
    """A seat would be left alone (409).

    The date refuses holds that leave a free seat without a free neighbour, where a group of as many seats in
    the same section need not. `seatIds` lists the seats that would be left alone. Nothing was held.
    """


class SeatLimitReached(Problem):
    """No more seats for you (409).

    With these seats the user would have more of the schedule, or of the concert, than `limit.seats_per_user`
    or `limit.seats_per_user_per_concert` allows, held and paid together.
    """


class SeatNotAvailable(Problem):
    """Seat taken (409).

    The seat is held, sold, or held back by the organiser. A held seat is free again when its hold lapses or
    is cancelled.
    """


class SeatNotFound(Problem):
    """No such seat (404).

    The schedule has no seat with this id. GET /v1/api/concerts/seat lists its seats.
    """


class SeatNotWithheld(Problem):
    """Seat not held back (409).

    Seats are put on sale again that are not held back: `seatIds` says which. None was put on sale.
    """


class SeatTwice(Problem):
    """Seat named twice (400).

    `seats` names a seat more than once; `field` says where the second time. Nothing was held.
    """


class SessionDone(Problem):
    """Session ended (403).

    The ticket was used for a payment, or its owner left. A new token joins at the tail.
    """


class SessionExpired(Problem):
    """Session expired (403).

    The ticket's session or its place lapsed, or the ticket is forgotten. A new token joins at the tail; a
    hold can still be paid until it lapses.
    """


class SoldOut(Problem):
    """Sold out (409).

    No seat of the schedule is available. Held seats come back when their holds lapse.
    """


class TokenInvalid(Problem):
    """Queue token not valid (401).

    The token is garbled, forged, of another store, or not valid any more: it was revoked, or its place ended
    long ago. POST /v1/api/queue/token gives a valid one.
    """


class TokenMissing(Problem):
    """Queue token missing (401).

    The call needs the queue token in the `Authorization` header, raw or after `Bearer`. POST
    /v1/api/queue/token gives one.
    """


class TooManyRequests(Problem):
    """Too many requests (429).

    A limit on requests or live Idempotency-Keys was reached. Nothing was done; `Retry-After` says when to try
    again.
    """


class Unavailable(Problem):
    """Unavailable (503).

    The server cannot do this at present, for example while it starts, stops, or has no room to write. Nothing
    was done.
    """


class UnsupportedMediaType(Problem):
    """Not JSON (415).

    The Content-Type names something other than JSON. Leave it out, or send application/json.
    """


class UserNotFound(Problem):
    """Nobody of that name (404).

    No entry token of this subject and issuer has joined a queue, or whoever did was erased, so there is no
    user of that name. Names are kept as hashes: each letter counts.
    """


class WebhookNotFound(Problem):
    """Webhook not found (404).

    There is no webhook of this number, or it was removed. Nothing was changed.
    """


class WheelchairPlace(Problem):
    """A place for a wheelchair (409).

    Until a moment that the catalog gives, wheelchair places are sold only to who says that one is meant:
    `accessible` with the seat in `seats`, or in `best`. `seatIds` lists the places. Nothing was held.
    """


BY_CODE: dict[str, type[Problem]] = {
    "ADMIN_UNAUTHORIZED": AdminUnauthorized,
    "ALREADY_PAID": AlreadyPaid,
    "AMOUNT_INVALID": AmountInvalid,
    "AREA_PRICE_NOT_OFFERED": AreaPriceNotOffered,
    "AREA_TOO_FEW": AreaTooFew,
    "AREA_TWICE": AreaTwice,
    "BAD_REQUEST": BadRequest,
    "BEACON_GIVEN": BeaconGiven,
    "CAMPAIGN_IN_USE": CampaignInUse,
    "CAMPAIGN_NOT_FOUND": CampaignNotFound,
    "CATALOG_IN_USE": CatalogInUse,
    "CHARGE_OFF": ChargeOff,
    "CODES_MISSING": CodesMissing,
    "CODE_NOT_YET": CodeNotYet,
    "CODE_OVER": CodeOver,
    "CODE_REQUIRED": CodeRequired,
    "CODE_TWICE": CodeTwice,
    "CODE_UNKNOWN": CodeUnknown,
    "CODE_USED_UP": CodeUsedUp,
    "COMPANION_SEAT": CompanionSeat,
    "DRAW_NOT_FOUND": DrawNotFound,
    "DRAW_NOT_YET": DrawNotYet,
    "ENTRY_TOKEN_ALGORITHM": EntryTokenAlgorithm,
    "ENTRY_TOKEN_AUDIENCE": EntryTokenAudience,
    "ENTRY_TOKEN_EXPIRED": EntryTokenExpired,
    "ENTRY_TOKEN_INVALID": EntryTokenInvalid,
    "ENTRY_TOKEN_ISSUER": EntryTokenIssuer,
    "ENTRY_TOKEN_KEY_UNKNOWN": EntryTokenKeyUnknown,
    "ENTRY_TOKEN_MISSING": EntryTokenMissing,
    "ENTRY_TOKEN_NOT_YET": EntryTokenNotYet,
    "ENTRY_TOKEN_OTHER_QUEUE": EntryTokenOtherQueue,
    "ENTRY_TOKEN_OTHER_USER": EntryTokenOtherUser,
    "ENTRY_TOKEN_REPLAYED": EntryTokenReplayed,
    "ENTRY_TOKEN_UNSIGNED": EntryTokenUnsigned,
    "ERASURE_LOSES": ErasureLoses,
    "EVENT_NOT_SENT": EventNotSent,
    "EXTEND_OFF": ExtendOff,
    "FEED_OTHER_HISTORY": FeedOtherHistory,
    "FEED_TRIMMED": FeedTrimmed,
    "GATE_LINK_OVER": GateLinkOver,
    "GATE_PASS_NEEDED": GatePassNeeded,
    "HOLD_EXPIRED": HoldExpired,
    "HOLD_EXTENDED": HoldExtended,
    "HOLD_LIMIT_REACHED": HoldLimitReached,
    "IDEMPOTENCY_KEY_REUSED": IdempotencyKeyReused,
    "INSUFFICIENT_BALANCE": InsufficientBalance,
    "LEVEL_TOO_LOW": LevelTooLow,
    "LIMIT_REACHED": LimitReached,
    "METHOD_NOT_ALLOWED": MethodNotAllowed,
    "NOT_ADMITTED": NotAdmitted,
    "NOT_FOUND": NotFound,
    "NOT_PAID": NotPaid,
    "NOT_WHEELCHAIR_PLACE": NotWheelchairPlace,
    "OPERATOR_EXISTS": OperatorExists,
    "OPERATOR_NOT_FOUND": OperatorNotFound,
    "OTHERS_WAIT": OthersWait,
    "OUTCOME_UNKNOWN": OutcomeUnknown,
    "OVERLOADED": Overloaded,
    "PAYLOAD_TOO_LARGE": PayloadTooLarge,
    "PRICE_TYPE_NOT_OFFERED": PriceTypeNotOffered,
    "PROOF_REQUIRED": ProofRequired,
    "QUEUE_CLOSED": QueueClosed,
    "QUEUE_IN_USE": QueueInUse,
    "QUEUE_NOT_FOUND": QueueNotFound,
    "QUEUE_NOT_YET_OPEN": QueueNotYetOpen,
    "QUEUE_OVER": QueueOver,
    "RATE_LIMITED": RateLimited,
    "REFERENCE_REUSED": ReferenceReused,
    "RESERVATION_CANCELLED": ReservationCancelled,
    "RESERVATION_NOT_FOUND": ReservationNotFound,
    "ROLE_FORBIDDEN": RoleForbidden,
    "SALE_CLOSED": SaleClosed,
    "SALE_NOT_YET_OPEN": SaleNotYetOpen,
    "SALE_OVER": SaleOver,
    "SCHEDULE_IN_USE": ScheduleInUse,
    "SCHEDULE_NOT_FOUND": ScheduleNotFound,
    "SEATS_NOT_TOGETHER": SeatsNotTogether,
    "SEATS_TOO_FEW": SeatsTooFew,
    "SEATS_TOO_MANY": SeatsTooMany,
    "SEAT_LEFT_ALONE": SeatLeftAlone,
    "SEAT_LIMIT_REACHED": SeatLimitReached,
    "SEAT_NOT_AVAILABLE": SeatNotAvailable,
    "SEAT_NOT_FOUND": SeatNotFound,
    "SEAT_NOT_WITHHELD": SeatNotWithheld,
    "SEAT_TWICE": SeatTwice,
    "SESSION_DONE": SessionDone,
    "SESSION_EXPIRED": SessionExpired,
    "SOLD_OUT": SoldOut,
    "TOKEN_INVALID": TokenInvalid,
    "TOKEN_MISSING": TokenMissing,
    "TOO_MANY_REQUESTS": TooManyRequests,
    "UNAVAILABLE": Unavailable,
    "UNSUPPORTED_MEDIA_TYPE": UnsupportedMediaType,
    "USER_NOT_FOUND": UserNotFound,
    "WEBHOOK_NOT_FOUND": WebhookNotFound,
    "WHEELCHAIR_PLACE": WheelchairPlace,
}
