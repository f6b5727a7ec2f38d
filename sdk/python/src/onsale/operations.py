"""Every call that is answered with JSON, by the name that it has in the API's document."""
# Written by generate.py from docs/openapi.json.

from typing import Any, Literal

from .transport import Transport, new_key, segment
from .types import (
    Added,
    Adjusted,
    Arrivals,
    Balance,
    Campaign,
    CampaignChange,
    Cancel,
    Cancelled,
    Catalog,
    CatalogDocument,
    Charge,
    DrawJoins,
    EndedSession,
    Erased,
    Extend,
    ExtendedHold,
    GateFigure,
    GateFigureSaid,
    GateLink,
    GateLinkWithdrawn,
    Gone,
    Health,
    Issue,
    Issued,
    KeptOfPerson,
    KeptSession,
    LetGo,
    Lever,
    MadePayment,
    NamedPerson,
    NamedSeats,
    NewAdjustment,
    NewCodes,
    NewLink,
    NewMessage,
    NewOperator,
    NewPlace,
    NewQueue,
    NewWebhook,
    News,
    Oneself,
    OperatorGone,
    OperatorKey,
    OperatorSeat,
    OperatorState,
    OpsHistory,
    OpsHolds,
    OpsNow,
    OpsSeats,
    Paid,
    Payment,
    Place,
    PlaceGiven,
    Published,
    QueueChange,
    QueueDraw,
    QueueState,
    Reissue,
    Release,
    Released,
    RemovedSchedule,
    Reservation,
    Reserve,
    Reserved,
    Revoked,
    Rotated,
    SaleState,
    Schedule,
    ScheduleChange,
    ScheduleState,
    Seat,
    SeatTicket,
    Section,
    Sent,
    SettingsChange,
    SettingsState,
    Staged,
    Started,
    StoreState,
    TicketKeys,
    TicketToVerify,
    ToErase,
    User,
    VerifiedTicket,
    Webhook,
    WebhookChange,
    WebhookEvent,
    WebhookGone,
    WebhookRotation,
    WhichSession,
    Withheld,
    Work,
)


class Operations:
    """Gives what is in the envelope of an answer, and raises a `Problem` for a refusal."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def is_alive(self) -> Health:
        """Whether the process answers."""
        answer: Health = self._transport.data("GET", "/healthz")
        return answer

    def is_ready(self) -> Health:
        """Whether the store takes writes."""
        answer: Health = self._transport.data("GET", "/readyz")
        return answer

    def list_campaigns(self) -> list[Campaign]:
        """All campaigns of codes, as they are now.

        Codes themselves are told to nobody: only their hashes are kept.
        """
        answer: list[Campaign] = self._transport.data("GET", "/v1/admin/campaigns")
        return answer

    def change_campaign(self, name: str, body: CampaignChange, *, onsale_operator: str | None = None) -> Campaign:
        """Make a campaign of codes, or change one.

        What is left out stays as it is. Whoever has joined with one of its codes keeps the place. From the
        store's level 9 on.
        """
        answer: Campaign = self._transport.data(
            "PATCH",
            f"/v1/admin/campaigns/{segment(name)}",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def add_codes(self, name: str, body: NewCodes, *, onsale_operator: str | None = None) -> Added:
        """Add codes to a campaign, all or none.

        Up to 16,384 in a call of up to 2 MiB, and 4,194,304 in all campaigns. A list of a million is sent
        piece by piece: after a failure `codes` of the campaign says how many are there. From the store's
        level 9 on.
        """
        answer: Added = self._transport.data(
            "POST",
            f"/v1/admin/campaigns/{segment(name)}/codes",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def publish_catalog(self, body: CatalogDocument, *, onsale_operator: str | None = None) -> Published:
        """Publish a catalog, all or nothing.

        Concerts and dates that it names are made or replaced; others stay. Up to 64 MiB.
        """
        answer: Published = self._transport.data(
            "POST",
            "/v1/admin/catalog",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def stage_catalog(self, id: int, body: CatalogDocument) -> Staged:
        """Add a part to an upload.

        Nothing shows before the upload is published. Up to 64 MiB a part. Where it fails midway, the upload
        is discarded, and the detail says so.
        """
        answer: Staged = self._transport.data("PUT", f"/v1/admin/catalog/uploads/{segment(id)}", body=body)
        return answer

    def discard_upload(self, id: int, *, onsale_operator: str | None = None) -> dict[str, Any]:
        """Forget an upload."""
        answer: dict[str, Any] = self._transport.data(
            "DELETE",
            f"/v1/admin/catalog/uploads/{segment(id)}",
            headers={"Onsale-Operator": onsale_operator},
        )
        return answer

    def publish_upload(self, id: int, *, onsale_operator: str | None = None) -> Published:
        """Publish an upload, all or nothing."""
        answer: Published = self._transport.data(
            "POST",
            f"/v1/admin/catalog/uploads/{segment(id)}/publish",
            headers={"Onsale-Operator": onsale_operator},
        )
        return answer

    def say_gate_figure(self, name: str, body: GateFigure) -> GateFigureSaid:
        """Say how busy a site is.

        For a site whose gate stands open until it has enough to do (`gate.sites.….standby_figure_above`):
        again and again, more often than `.standby_figure_good_for`. The gate holds at once where it is too
        much; the other nodes hear of it within a second or two. It is kept nowhere, and on no record. For
        keys of role SHOP and ADMIN.
        """
        answer: GateFigureSaid = self._transport.data("PUT", f"/v1/admin/gates/{segment(name)}/figure", body=body)
        return answer

    def make_gate_link(self, name: str, body: NewLink) -> GateLink:
        """Let some people in past the line.

        A link, good for so many people and so long, by which they come in to the site by its queue of guests
        (`gate.sites.….guests`), whose limit holds for them. Nothing of it is kept: it is in the log who made
        it. Each use is journaled, and counts on all nodes. Refused with 409 while the store is below level 4,
        see docs/upgrade.md.
        """
        answer: GateLink = self._transport.data("POST", f"/v1/admin/gates/{segment(name)}/links", body=body)
        return answer

    def withdraw_gate_link(self, name: str, id: int, *, onsale_operator: str | None = None) -> GateLinkWithdrawn:
        """Withdraw a link.

        Nobody comes in by it any more, on any node. Who has stays inside. It is on record as `REVOKE_TOKENS`
        of this number.
        """
        answer: GateLinkWithdrawn = self._transport.data(
            "DELETE",
            f"/v1/admin/gates/{segment(name)}/links/{segment(id)}",
            headers={"Onsale-Operator": onsale_operator},
        )
        return answer

    def rotate_keys(self) -> Rotated:
        """Sign new tokens with a new key.

        Tokens of older keys stay valid, and are given again as they were. Refused where `token.key` is
        configured.
        """
        answer: Rotated = self._transport.data("POST", "/v1/admin/keys/rotate")
        return answer

    def list_levers(self) -> list[Lever]:
        """Who moved which lever when, newest first.

        The newest thousand; the table `levers` has all. Refused changes are not among them.
        """
        answer: list[Lever] = self._transport.data("GET", "/v1/admin/levers")
        return answer

    def send_message(self, body: NewMessage, *, onsale_operator: str | None = None) -> Sent:
        """Tell those who wait something.

        It reaches them over their streams and `GET /v1/api/queue/news`, for an hour those who come later too.
        """
        answer: Sent = self._transport.data(
            "POST",
            "/v1/admin/messages",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def list_operators(self) -> list[OperatorState]:
        """The operators who have a key of their own.

        By name. The first key, `admin.key`, is not among them: it is nobody's.
        """
        answer: list[OperatorState] = self._transport.data("GET", "/v1/admin/operators")
        return answer

    def add_operator(self, body: NewOperator, *, onsale_operator: str | None = None) -> OperatorKey:
        """Make a key for an operator.

        It is shown in this answer and never again. Refused with 409 while the store is below level 4, see
        docs/upgrade.md, and where there are 256.
        """
        answer: OperatorKey = self._transport.data(
            "POST",
            "/v1/admin/operators",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def remove_operator(self, name: str, *, onsale_operator: str | None = None) -> OperatorGone:
        """Take an operator's key away.

        It opens nothing from then on. What was done with it stays on record.
        """
        answer: OperatorGone = self._transport.data(
            "DELETE",
            f"/v1/admin/operators/{segment(name)}",
            headers={"Onsale-Operator": onsale_operator},
        )
        return answer

    def get_ops_history(
        self,
        *,
        since: int | None = None,
        to: int | None = None,
        points: int | None = None,
    ) -> OpsHistory:
        """What happened.

        One point a second for the last quarter of an hour, one for ten seconds for three days, also before a
        restart; where there are more points than asked for, neighbours are put together.
        """
        answer: OpsHistory = self._transport.data(
            "GET",
            "/v1/admin/ops/history",
            query={"from": since, "to": to, "points": points},
        )
        return answer

    def get_ops_holds(self, *, schedule_id: int) -> OpsHolds:
        """Who holds which seats of a date."""
        answer: OpsHolds = self._transport.data("GET", "/v1/admin/ops/holds", query={"scheduleId": schedule_id})
        return answer

    def get_ops_now(self) -> OpsNow:
        """Everything that an operator watches, as it is now.

        Looked at once a second; ask as often.
        """
        answer: OpsNow = self._transport.data("GET", "/v1/admin/ops/now")
        return answer

    def get_ops_seats(self, *, schedule_id: int) -> OpsSeats:
        """Every seat of a date, row by row."""
        answer: OpsSeats = self._transport.data("GET", "/v1/admin/ops/seats", query={"scheduleId": schedule_id})
        return answer

    def list_payments(self, *, after: int | None = None, limit: int | None = None) -> list[MadePayment]:
        """Payments in the order in which they were made.

        Those after a number, without a gap: a shop asks for what came after the last that it has. An empty
        list says that nothing has come since.
        """
        answer: list[MadePayment] = self._transport.data(
            "GET",
            "/v1/admin/payments",
            query={"after": after, "limit": limit},
        )
        return answer

    def erase_person(self, body: ToErase, *, onsale_operator: str | None = None) -> Erased:
        """Erase a person.

        What leads from what they are called to their number is forgotten, and cannot be found out again;
        their places end, their holds are released, and their tokens are refused. What was paid stays, under a
        number that is nobody's. Where they are erased already it says so. See docs/privacy.md. Refused with
        409 while the store is below level 9, where 65,536 users have theirs revoked, and where something
        would be lost unless `force` says so.
        """
        answer: Erased = self._transport.data(
            "POST",
            "/v1/admin/people/erase",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def export_person(self, body: NamedPerson) -> KeptOfPerson:
        """What there is of a person.

        All that is kept under one number, as one document: for whoever asks what you have of them. It is as
        of one entry of the journal, no older than the call; tickets are as of the call. At most 10,000 of
        each kind: `more` names the kinds of which there is more. One call at a time looks through the tables;
        another is refused with 429. Who has asked is in the log, without of whom.
        """
        answer: KeptOfPerson = self._transport.data("POST", "/v1/admin/people/export", body=body)
        return answer

    def list_queues(self) -> list[QueueState]:
        """All queues, as they are now."""
        answer: list[QueueState] = self._transport.data("GET", "/v1/admin/queues")
        return answer

    def open_queue(self, body: NewQueue, *, onsale_operator: str | None = None) -> QueueState:
        """Make a queue.

        Does nothing where one of that name exists.
        """
        answer: QueueState = self._transport.data(
            "POST",
            "/v1/admin/queues",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def change_queue(self, name: str, body: QueueChange, *, onsale_operator: str | None = None) -> QueueState:
        """Change a queue's mode, times and settings.

        What is left out stays as it is. Changes that come at the same time are all made, one by one. A queue
        with times opens and closes by itself, to the millisecond and on every node; a moment that is past
        counts at once. Put off, an open queue keeps who is inside and who waits, and admits nobody until it
        opens again.
        """
        answer: QueueState = self._transport.data(
            "PATCH",
            f"/v1/admin/queues/{segment(name)}",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def list_arrivals(self, name: str) -> Arrivals:
        """Where those come from who join.

        As this node has seen it within the hour. Nothing happens to anybody for it. Addresses are in no
        journal, table or log.
        """
        answer: Arrivals = self._transport.data("GET", f"/v1/admin/queues/{segment(name)}/arrivals")
        return answer

    def let_silent_go(self, name: str, body: LetGo, *, onsale_operator: str | None = None) -> Gone:
        """Let those go who are silent inside.

        Ends the sessions of those who have not been heard from, by poll, stream or any call with their token,
        and gives their slots to those who wait. What they hold is theirs until it lapses, and can be paid.
        After a start, or an outage, everybody counts as heard from. From the store's level 2 on.
        """
        answer: Gone = self._transport.data(
            "POST",
            f"/v1/admin/queues/{segment(name)}/let-go",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def give_place(self, name: str, body: NamedPerson, *, onsale_operator: str | None = None) -> PlaceGiven:
        """Give somebody a place.

        For somebody whose device cannot show the work that the queue asks for. They stand at the tail, as
        anybody who joins now, and have the place on their own device by asking for it. Who has one keeps it.
        From the store's level 9 on.
        """
        answer: PlaceGiven = self._transport.data(
            "POST",
            f"/v1/admin/queues/{segment(name)}/places",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def reissue_tickets(self, id: int, body: Reissue, *, onsale_operator: str | None = None) -> list[SeatTicket]:
        """Issue paid tickets anew.

        The new ones. Those that were out are refused at the gate, as `REPLACED`. From the store's level 8 on.
        """
        answer: list[SeatTicket] = self._transport.data(
            "POST",
            f"/v1/admin/reservations/{segment(id)}/reissue",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def release_reservation(self, id: int, body: Release, *, onsale_operator: str | None = None) -> Released:
        """Drop somebody's hold."""
        answer: Released = self._transport.data(
            "POST",
            f"/v1/admin/reservations/{segment(id)}/release",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def change_schedule(self, id: int, body: ScheduleChange, *, onsale_operator: str | None = None) -> ScheduleState:
        """Stop or resume the sale of a date, say when it begins and ends, or whether holds may leave single
        seats."""
        answer: ScheduleState = self._transport.data(
            "PATCH",
            f"/v1/admin/schedules/{segment(id)}",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def remove_schedule(self, id: int, *, onsale_operator: str | None = None) -> RemovedSchedule:
        """Take a date out of the catalog.

        Refused when a seat of it is held, sold or held back.
        """
        answer: RemovedSchedule = self._transport.data(
            "DELETE",
            f"/v1/admin/schedules/{segment(id)}",
            headers={"Onsale-Operator": onsale_operator},
        )
        return answer

    def give_seats_back(self, id: int, body: NamedSeats, *, onsale_operator: str | None = None) -> Withheld:
        """Put seats on sale again that are held back.

        All or none. From the store's level 5 on.
        """
        answer: Withheld = self._transport.data(
            "POST",
            f"/v1/admin/schedules/{segment(id)}/giveback",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def list_schedule_seats(
        self,
        id: int,
        *,
        section: str | None = None,
        status: Literal["AVAILABLE", "TEMP_RESERVED", "RESERVED", "WITHHELD"] | None = None,
    ) -> list[OperatorSeat]:
        """The seats of a date, one by one.

        With the reason of those that are held back.
        """
        answer: list[OperatorSeat] = self._transport.data(
            "GET",
            f"/v1/admin/schedules/{segment(id)}/seats",
            query={"section": section, "status": status},
        )
        return answer

    def withhold_seats(self, id: int, body: NamedSeats, *, onsale_operator: str | None = None) -> Withheld:
        """Hold free seats back from the sale.

        All or none: what somebody holds or bought is named in `seatIds` of the refusal. Nobody can hold them
        then, by name or as the best, and buyers see them as sold. Those that are held back already stay so,
        for the new reason. From the store's level 5 on.
        """
        answer: Withheld = self._transport.data(
            "POST",
            f"/v1/admin/schedules/{segment(id)}/withhold",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def get_settings(self) -> SettingsState:
        """The store's settings."""
        answer: SettingsState = self._transport.data("GET", "/v1/admin/settings")
        return answer

    def change_settings(self, body: SettingsChange, *, onsale_operator: str | None = None) -> SettingsState:
        """Change the store's settings.

        What is left out stays as it is.
        """
        answer: SettingsState = self._transport.data(
            "PATCH",
            "/v1/admin/settings",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def get_state(self) -> StoreState:
        """The store in figures."""
        answer: StoreState = self._transport.data("GET", "/v1/admin/state")
        return answer

    def find_user(self, *, subject: str | None = None, issuer: str | None = None) -> User:
        """Find a user by what their entry token calls them.

        Where the service takes entry tokens (`access.users` is `signed`).
        """
        answer: User = self._transport.data("GET", "/v1/admin/users", query={"subject": subject, "issuer": issuer})
        return answer

    def get_user(self, id: int) -> User:
        """A user's wallet, and since when their tokens count.

        One that never joined has an empty wallet.
        """
        answer: User = self._transport.data("GET", f"/v1/admin/users/{segment(id)}")
        return answer

    def credit_user(self, id: int, body: NewAdjustment, *, onsale_operator: str | None = None) -> Adjusted:
        """Put money into a user's wallet.

        For a shop whose payment provider has said yes. Once for each reference, whoever sends it again and
        however long after: then the answer says `replayed`, and the balance as it is now. 1,048,576
        references are remembered, for ever; where there are so many, a new one is refused with 409. So is any
        while the store is below level 4, see docs/upgrade.md. Whose key it was is in the table `adjustments`,
        and not among the levers. Refused where `access.charge` is `off`.
        """
        answer: Adjusted = self._transport.data(
            "POST",
            f"/v1/admin/users/{segment(id)}/credit",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
            repeatable=True,
        )
        return answer

    def debit_user(self, id: int, body: NewAdjustment, *, onsale_operator: str | None = None) -> Adjusted:
        """Take money back out of a user's wallet.

        No more than is in it. Once for each reference, whoever sends it again and however long after: then
        the answer says `replayed`, and the balance as it is now. 1,048,576 references are remembered, for
        ever; where there are so many, a new one is refused with 409. So is any while the store is below level
        4, see docs/upgrade.md. Whose key it was is in the table `adjustments`, and not among the levers.
        """
        answer: Adjusted = self._transport.data(
            "POST",
            f"/v1/admin/users/{segment(id)}/debit",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
            repeatable=True,
        )
        return answer

    def list_user_reservations(self, id: int) -> list[Reservation]:
        """The reservations of a user.

        What the user's own `GET /v1/api/user/reservations` lists.
        """
        answer: list[Reservation] = self._transport.data("GET", f"/v1/admin/users/{segment(id)}/reservations")
        return answer

    def end_session(self, id: int, body: WhichSession, *, onsale_operator: str | None = None) -> EndedSession:
        """End a user's session.

        The slot is the next one's. What the user holds is theirs until it lapses, and can be paid as long; a
        place that they take anew is at the tail. From the store's level 9 on.
        """
        answer: EndedSession = self._transport.data(
            "POST",
            f"/v1/admin/users/{segment(id)}/session/end",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def keep_session(self, id: int, body: WhichSession) -> KeptSession:
        """Say that a user is doing something.

        For the shop whose buyer is busy where this service does not hear it, as at the payment provider: it
        counts as what the user does. Where sessions become longer (`sessionMax`) this one does, and where
        idle ones end (`sessionIdle`) it has the whole time again. It is not put on record. From the store's
        level 9 on.
        """
        answer: KeptSession = self._transport.data("POST", f"/v1/admin/users/{segment(id)}/session/keep", body=body)
        return answer

    def list_user_tickets(self, id: int) -> list[SeatTicket]:
        """The tickets of a user.

        What the user's own `GET /v1/api/user/tickets` lists, in any mode of the queues: to be mailed, or
        printed again.
        """
        answer: list[SeatTicket] = self._transport.data("GET", f"/v1/admin/users/{segment(id)}/tickets")
        return answer

    def start_buyer(self, id: int, body: NewPlace) -> Started:
        """Give a user a place, for the shop that knows who they are.

        What `POST /v1/api/queue/token` gives, also where that takes an entry token: again the same place and
        token, as long as the user has it. For the buyer's page: `/#move=<queueToken>`.
        """
        answer: Started = self._transport.data("POST", f"/v1/admin/users/{segment(id)}/token", body=body)
        return answer

    def revoke_tokens(self, id: int, *, onsale_operator: str | None = None) -> Revoked:
        """Revoke a user's queue tokens.

        Those that are out are refused with 401, whatever they opened. A place in a queue is kept: asking for
        it gives a token that is valid. Refused with 409 while the store is below level 2, see
        docs/upgrade.md, and where 65,536 users have theirs revoked.
        """
        answer: Revoked = self._transport.data(
            "POST",
            f"/v1/admin/users/{segment(id)}/tokens/revoke",
            headers={"Onsale-Operator": onsale_operator},
        )
        return answer

    def list_webhooks(self) -> list[Webhook]:
        """Who is sent what happened, and how far each has got."""
        answer: list[Webhook] = self._transport.data("GET", "/v1/admin/webhooks")
        return answer

    def add_webhook(self, body: NewWebhook, *, onsale_operator: str | None = None) -> Webhook:
        """Have events sent somewhere.

        Each event is sent there by POST, as a CloudEvent in JSON, signed by the Standard Webhooks
        specification: at least once, and again for as long as `webhooks.retry_for` says, until it is answered
        with 2xx. 410 ends it. `key` of the answer is what the receiver verifies with; where it is a secret it
        is shown this once. There can be 16. docs/webhooks.md has the rest. From the store's level 9 on.
        """
        answer: Webhook = self._transport.data(
            "POST",
            "/v1/admin/webhooks",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def get_webhook(self, id: int) -> Webhook:
        """A webhook, and what was tried last."""
        answer: Webhook = self._transport.data("GET", f"/v1/admin/webhooks/{segment(id)}")
        return answer

    def change_webhook(self, id: int, body: WebhookChange, *, onsale_operator: str | None = None) -> Webhook:
        """Pause a webhook, have it go on, or from elsewhere.

        What is left out stays as it is; what waits to be tried again is tried at once. With `from` it goes on
        behind that event, and sends what it has sent before once more, with the same ids.
        """
        answer: Webhook = self._transport.data(
            "PATCH",
            f"/v1/admin/webhooks/{segment(id)}",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def remove_webhook(self, id: int, *, onsale_operator: str | None = None) -> WebhookGone:
        """Send nothing there any more."""
        answer: WebhookGone = self._transport.data(
            "DELETE",
            f"/v1/admin/webhooks/{segment(id)}",
            headers={"Onsale-Operator": onsale_operator},
        )
        return answer

    def rotate_webhook_key(self, id: int, body: WebhookRotation, *, onsale_operator: str | None = None) -> Webhook:
        """Sign with a new key.

        The key of before signs beside it for `keepFor`, so that the receiver can change over meanwhile. `key`
        of the answer is the new one.
        """
        answer: Webhook = self._transport.data(
            "POST",
            f"/v1/admin/webhooks/{segment(id)}/rotate",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def send_webhook_event(self, id: int, body: WebhookEvent, *, onsale_operator: str | None = None) -> Webhook:
        """Send one event once more.

        One event that was sent before is sent once more, out of its turn and with the same `webhook-id`, also
        while the webhook is paused. It is tried once, and what became of it is in `attempts`; what is sent
        otherwise is as if it had not been. One per second is sent, and 8 can wait.
        """
        answer: Webhook = self._transport.data(
            "POST",
            f"/v1/admin/webhooks/{segment(id)}/send",
            headers={"Onsale-Operator": onsale_operator},
            body=body,
        )
        return answer

    def who_am_i(self) -> Oneself:
        """Whose key the request was sent with, and what it opens."""
        answer: Oneself = self._transport.data("GET", "/v1/admin/whoami")
        return answer

    def pay_reservation(self, body: Payment, *, idempotency_key: str | None = None) -> Paid:
        """Pay one's hold.

        Debits the wallet, sells the seats and ends the session in that queue, as one step, once. While the
        caller holds something else that the queue opens, the session goes on, and `queueStatus` is PROGRESS.
        """
        answer: Paid = self._transport.data(
            "POST",
            "/v1/api/concerts/payment",
            key=idempotency_key or new_key(),
            body=body,
        )
        return answer

    def reserve_seat(self, body: Reserve, *, idempotency_key: str | None = None) -> Reserved:
        """Hold a seat, or several.

        The seats are the caller's to pay until `reservedUntil`; then they are free again. Of several, all are
        held or none: a refusal lists in `seatIds` those that could not be had, and one payment pays them all.
        Who names none, and says by `best` how many, has the best that are free, side by side, and the answer
        lists them: no race is lost to others. Of areas where people stand, as many places are held as are
        wished for, any that are free; one that has fewer is named in `areas`, with what is left. Whoever
        drops a seat and takes it again has it until the first hold would have ended. A date with price types
        has each seat held at one of them, the first where none is named; wheelchair places are kept for who
        says that one is meant. A field of the body that is not known is passed over, as everywhere; one
        within `seats`, `best` and `areas` is refused, and named: a price type that is misspelt would be
        another price.
        """
        answer: Reserved = self._transport.data(
            "POST",
            "/v1/api/concerts/reserve",
            key=idempotency_key or new_key(),
            body=body,
        )
        return answer

    def cancel_reservation(self, body: Cancel) -> Cancelled:
        """Drop one's hold."""
        answer: Cancelled = self._transport.data("POST", "/v1/api/concerts/reserve/cancel", body=body)
        return answer

    def extend_reservation(self, body: Extend) -> ExtendedHold:
        """Make one's hold longer, once.

        By `holdExtendSeconds` of `GET /v1/sale`, where the service allows it, and while nobody waits in the
        queue of the concert.
        """
        answer: ExtendedHold = self._transport.data("POST", "/v1/api/concerts/reserve/extend", body=body)
        return answer

    def list_schedules(self, *, concert_id: int | None = None) -> list[Schedule]:
        """List dates.

        The dates of the concerts that the token's queue opens.
        """
        answer: list[Schedule] = self._transport.data(
            "GET",
            "/v1/api/concerts/schedule",
            query={"concertId": concert_id},
        )
        return answer

    def list_seats(self, *, schedule_id: int, section: str | None = None) -> list[Seat]:
        """List the seats of a date.

        A list shows one moment, never a mixture of two.
        """
        answer: list[Seat] = self._transport.data(
            "GET",
            "/v1/api/concerts/seat",
            query={"scheduleId": schedule_id, "section": section},
        )
        return answer

    def list_sections(self, *, schedule_id: int) -> list[Section]:
        """Count what is left, section by section.

        What a page needs before it asks for the seats of a section: small, however large the hall is.
        """
        answer: list[Section] = self._transport.data(
            "GET",
            "/v1/api/concerts/section",
            query={"scheduleId": schedule_id},
        )
        return answer

    def list_news(self) -> list[News]:
        """News for those who wait, oldest first.

        The same that the stream tells, for those who poll: of the last hour, and what is sold out.
        """
        answer: list[News] = self._transport.data("GET", "/v1/api/queue/news")
        return answer

    def issue_token(self, body: Issue, *, idempotency_key: str | None = None) -> Issued:
        """Get a queue token.

        A user has one live place per queue: who waits or is inside already gets the same token and place
        again. A user whose ticket is DONE or EXPIRED joins at the tail. Users need no registration. Where the
        service wants an entry token (`entrySigned` of `GET /v1/sale`), the user is whom it names; one that
        has a `jti` is good once. After `Bearer` it needs no body.
        """
        answer: Issued = self._transport.data(
            "POST",
            "/v1/api/queue/token",
            key=idempotency_key or new_key(),
            body=body,
        )
        return answer

    def check_token(self) -> Place:
        """Ask for one's place.

        Poll this. Asking keeps the place of who waits. A body is not needed, and ignored.
        """
        answer: Place = self._transport.data("POST", "/v1/api/queue/token/check", repeatable=True)
        return answer

    def leave_queue(self) -> Place:
        """Give one's place or session up.

        The ticket is DONE. Holds go on until they lapse. A body is not needed, and ignored.
        """
        answer: Place = self._transport.data("POST", "/v1/api/queue/token/leave")
        return answer

    def stay_inside(self) -> Place:
        """Say that one is still there.

        Where idle sessions end (`sessionIdleAt`), or sessions become longer (`sessionMaxAt`), the caller has
        the whole time again: a page calls this when its user does something on it. It changes nothing for who
        is not inside. A body is not needed, and ignored.
        """
        answer: Place = self._transport.data("POST", "/v1/api/queue/token/stay")
        return answer

    def get_balance(self) -> Balance:
        """Ask for one's balance."""
        answer: Balance = self._transport.data("GET", "/v1/api/user/amount")
        return answer

    def charge_wallet(self, body: Charge, *, idempotency_key: str | None = None) -> Balance:
        """Add money to one's wallet."""
        answer: Balance = self._transport.data(
            "POST",
            "/v1/api/user/amount",
            key=idempotency_key or new_key(),
            body=body,
        )
        return answer

    def list_reservations(self) -> list[Reservation]:
        """List one's reservations, newest first."""
        answer: list[Reservation] = self._transport.data("GET", "/v1/api/user/reservations")
        return answer

    def list_tickets(self) -> list[SeatTicket]:
        """List the tickets to the seats that one paid.

        One for each seat, newest payment first, signed so that a gate can verify it without a network. Where
        the service takes entry tokens (`entrySigned` of `GET /v1/sale`), one does here too, after `Bearer`:
        for who has no place, and no queue that is open. One with a `jti` that was used does not.
        """
        answer: list[SeatTicket] = self._transport.data("GET", "/v1/api/user/tickets")
        return answer

    def get_catalog(self) -> Catalog:
        """What is on sale.

        Concerts, dates, prices and sections. Nothing live: it changes with the catalog alone.
        """
        answer: Catalog = self._transport.data("GET", "/v1/catalog")
        return answer

    def list_gate_keys(self, name: str) -> TicketKeys:
        """The public keys of passes.

        A JSON Web Key Set, newest key first, with which an edge verifies passes by itself.
        """
        answer: TicketKeys = self._transport.json("GET", f"/v1/gate/{segment(name)}/keys")
        return answer

    def get_draw(self, name: str) -> QueueDraw:
        """A queue's draw, to be checked by anybody.

        What was committed to before anybody could join; from the opening on the seed, too, and what was mixed
        in. With the list of those who joined it gives everybody's place again: docs/draw.md has the script.
        """
        answer: QueueDraw = self._transport.data("GET", f"/v1/queues/{segment(name)}/draw")
        return answer

    def list_draw_joins(self, name: str, *, after: int | None = None, limit: int | None = None) -> DrawJoins:
        """Who took part in a draw, by number and time.

        In order of joining, without names, from the opening on.
        """
        answer: DrawJoins = self._transport.data(
            "GET",
            f"/v1/queues/{segment(name)}/draw/joins",
            query={"after": after, "limit": limit},
        )
        return answer

    def get_proof(self, name: str) -> Work:
        """The work that a new place takes now.

        To be solved while somebody still looks, and shown when they join: nobody waits for it then. The same
        for everybody at one time.
        """
        answer: Work = self._transport.data("GET", f"/v1/queues/{segment(name)}/proof")
        return answer

    def get_sale(self) -> SaleState:
        """How the sale stands.

        Which queues take people in, and which dates have no free seat: for who has not joined yet. At most a
        second old.
        """
        answer: SaleState = self._transport.data("GET", "/v1/sale")
        return answer

    def list_ticket_keys(self) -> TicketKeys:
        """The public keys of tickets.

        A JSON Web Key Set, newest key first, with which any JWT library verifies a ticket offline.
        """
        answer: TicketKeys = self._transport.json("GET", "/v1/tickets/keys")
        return answer

    def verify_ticket(self, body: TicketToVerify) -> VerifiedTicket:
        """Whether a ticket to a concert is good.

        For the gate. A ticket that no key of this store signed is `FORGED`, which is an answer, not an error.
        """
        answer: VerifiedTicket = self._transport.data("POST", "/v1/tickets/verify", body=body, repeatable=True)
        return answer
