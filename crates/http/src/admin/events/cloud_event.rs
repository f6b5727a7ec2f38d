//! Events as they are on the wire: CloudEvents 1.0, in JSON.

use onsale_domain::feed::{Event, Hold, Sold};
use onsale_domain::operator::{Kind, Text};
use onsale_domain::time::Time;
use onsale_domain::user::Account;
use onsale_node::events::Item;
use serde::Serialize;
use utoipa::ToSchema;

use super::types::Type;
use crate::admin::operator::{self, LeverAction};
use crate::wire;

/// Something that happened, as a CloudEvent (CloudEvents 1.0, JSON format).
#[derive(Serialize, ToSchema)]
pub(crate) struct CloudEvent {
    #[schema(example = "1.0")]
    specversion: &'static str,
    /// The place of the event in the order of the store, to be sent back as `after`. With `source` it is unique.
    #[schema(example = "4711-0-9f86d081")]
    id: String,
    /// The store.
    #[schema(example = "/stores/00c0ffee00c0ffee")]
    source: String,
    #[serde(rename = "type")]
    #[schema(example = "onsale.payment.made")]
    kind: &'static str,
    /// When it happened, in the journal's time.
    #[schema(format = DateTime, example = "2027-05-01T10:00:01.125Z")]
    time: String,
    /// What it happened to.
    #[schema(example = "reservations/12")]
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[schema(example = "application/json")]
    datacontenttype: &'static str,
    /// Which event of its family (the types that are alike up to the second dot) it is, counted from 1 without a gap, in 16
    /// digits: whoever reads a whole family sees by it that nothing is missing.
    #[schema(example = "0000000000000042")]
    sequence: String,
    data: Data,
}

/// What is said of it: by `type`, one of these.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = EventData)]
pub(crate) enum Data {
    Feed(FeedData),
    Payment(PaymentData),
    Hold(HoldData),
    Ticket(TicketData),
    Reissued(ReissuedData),
    Transfer(TransferData),
    Lever(LeverData),
    Token(TokenData),
    Schedule(ScheduleData),
    Published(PublishedData),
    Message(MessageData),
    Seats(SeatsData),
    Date(DateData),
    Queue(QueueData),
    Erased(ErasedData),
}

/// Of `onsale.feed.began`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfFeed)]
pub(crate) struct FeedData {
    /// The store's level from here on.
    #[schema(example = 8)]
    level: u32,
}

/// Of `onsale.user.erased`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfErasure)]
pub(crate) struct ErasedData {
    /// Nothing leads from a person to this number any more.
    #[schema(value_type = wire::Id)]
    user_id: u64,
    #[schema(format = DateTime, example = "2027-05-01T10:05:01.125Z")]
    erased_at: String,
}

/// Of `onsale.hold.*`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfHold)]
pub(crate) struct HoldData {
    #[schema(value_type = wire::Id)]
    reservation_id: u64,
    #[schema(value_type = wire::Id)]
    user_id: u64,
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    #[schema(value_type = Vec<wire::Id>)]
    seat_ids: Vec<u64>,
    #[schema(value_type = wire::Money)]
    amount: u64,
    /// Of each seat, in their order; absent where the date has one price for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    price_types: Vec<String>,
    #[schema(format = DateTime, example = "2027-05-01T10:05:01.125Z")]
    reserved_until: String,
}

/// Of `onsale.payment.made`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfPayment)]
pub(crate) struct PaymentData {
    #[schema(value_type = wire::Id)]
    payment_id: u64,
    #[schema(value_type = wire::Id)]
    reservation_id: u64,
    #[schema(value_type = wire::Id)]
    user_id: u64,
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    #[schema(value_type = Vec<wire::Id>)]
    seat_ids: Vec<u64>,
    #[schema(value_type = wire::Money)]
    amount: u64,
    /// Of each seat, in their order; absent where the date has one price for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    price_types: Vec<String>,
}

/// Of `onsale.ticket.issued`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfTicket)]
pub(crate) struct TicketData {
    #[schema(value_type = wire::Id)]
    reservation_id: u64,
    #[schema(value_type = wire::Id)]
    payment_id: u64,
    #[schema(value_type = wire::Id)]
    user_id: u64,
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    /// One ticket for each.
    #[schema(value_type = Vec<wire::Id>)]
    seat_ids: Vec<u64>,
}

/// Of `onsale.ticket.reissued`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfReissuedTicket)]
pub(crate) struct ReissuedData {
    #[schema(value_type = wire::Id)]
    reservation_id: u64,
    #[schema(value_type = wire::Id)]
    seat_id: u64,
    /// How often it was issued anew.
    #[schema(minimum = 1, example = 1)]
    issue: u32,
}

/// Of `onsale.transfer.made`: `amount` leaves the account `debit` and enters `credit`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfTransfer)]
pub(crate) struct TransferData {
    #[schema(value_type = wire::Id)]
    transfer_id: u64,
    /// `CASH`, `SALES`, or `WALLET/` and the user's number.
    #[schema(example = "WALLET/7")]
    debit: String,
    #[schema(example = "SALES")]
    credit: String,
    #[schema(value_type = wire::Money)]
    amount: u64,
    /// The payment that moved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::Id>, nullable = false)]
    payment_id: Option<u64>,
    /// What the shop or operator that moved it calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reference: Option<String>,
}

/// Of `onsale.seat.*`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfSeats)]
pub(crate) struct SeatsData {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    #[schema(value_type = Vec<wire::Id>)]
    seat_ids: Vec<u64>,
}

/// Of `onsale.schedule.changed`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfSchedule)]
pub(crate) struct ScheduleData {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    #[schema(value_type = wire::Id)]
    concert_id: u64,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    /// Absent where the sale has no beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    on_sale_at: Option<String>,
    /// Absent where it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    off_sale_at: Option<String>,
    /// Whether an operator stopped the sale.
    closed: bool,
}

/// Of `onsale.schedule.seats_published`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfSeatsPublished)]
pub(crate) struct PublishedData {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    /// All seats of the date, as runs of ids: the first and the last of each.
    #[schema(value_type = Vec<Vec<wire::Id>>)]
    seat_id_runs: Vec<[u64; 2]>,
}

/// Of `onsale.schedule.removed`, `.sold_out`, `.sale_opened` and `.sale_closed`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfDate)]
pub(crate) struct DateData {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
}

/// Of `onsale.queue.*`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfQueue)]
pub(crate) struct QueueData {
    /// The queue by its number, from 0; `onsale.lever.moved` has its name.
    queue_id: u16,
}

/// Of `onsale.message.sent`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfMessage)]
pub(crate) struct MessageData {
    /// Absent: those of all queues.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    queue_id: Option<u16>,
    /// What they were told, by language.
    text: MessageText,
}

/// One of them at least.
#[derive(Serialize, ToSchema)]
#[schema(as = EventMessageText)]
pub(crate) struct MessageText {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    en: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ko: Option<String>,
}

/// Of `onsale.lever.moved`. Who it was, and what they wrote, is in the record (`GET /v1/admin/levers`).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfLever)]
pub(crate) struct LeverData {
    #[schema(value_type = wire::Id)]
    lever_id: u64,
    /// The admin key that it was moved with: the first four bytes of its SHA-256.
    #[schema(example = "0badcafe")]
    key_id: String,
    action: LeverAction,
    /// What it was moved on; empty where that may be somebody's name.
    #[schema(example = "queue default")]
    target: String,
    #[schema(example = "mode OPEN")]
    before: String,
    #[schema(example = "mode PAUSED")]
    after: String,
}

/// Of `onsale.token.*`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventOfToken)]
pub(crate) struct TokenData {
    queue_id: u16,
    /// The token's number in its queue, from 0 in order of joining.
    number: u32,
    #[schema(value_type = wire::Id)]
    user_id: u64,
}

impl CloudEvent {
    pub(in crate::admin) fn new(store_id: u64, item: Item) -> Self {
        let Item { cursor, time, number, event } = item;
        let kind = Type::of(&event).name();
        let (subject, data) = data(event);
        Self {
            specversion: "1.0",
            id: cursor.to_string(),
            source: format!("/stores/{store_id:016x}"),
            kind,
            time: time.to_string(),
            subject,
            datacontenttype: "application/json",
            sequence: format!("{number:016}"),
            data,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

fn instant(time: Time) -> String {
    time.to_string()
}

fn data(event: Event) -> (Option<String>, Data) {
    let date = |schedule: u64| Some(format!("schedules/{schedule}"));
    match event {
        Event::FeedBegan { level } => (None, Data::Feed(FeedData { level })),
        Event::HoldMade(hold) | Event::HoldExtended(hold) | Event::HoldEnded { how: _, hold } => {
            (Some(format!("reservations/{}", hold.reservation)), Data::Hold(hold.into()))
        }
        Event::PaymentMade { sold: Sold { payment, reservation, user, schedule, seats }, amount, price_types } => {
            let data = PaymentData {
                payment_id: payment.0,
                reservation_id: reservation.0,
                user_id: user.0,
                schedule_id: schedule.0,
                seat_ids: seats.into_iter().map(|seat| seat.0).collect(),
                amount,
                price_types: price_types.iter().map(|one| one.as_str().to_owned()).collect(),
            };
            (Some(format!("payments/{payment}")), Data::Payment(data))
        }
        Event::PassesIssued(Sold { payment, reservation, user, schedule, seats }) => {
            let data = TicketData {
                reservation_id: reservation.0,
                payment_id: payment.0,
                user_id: user.0,
                schedule_id: schedule.0,
                seat_ids: seats.into_iter().map(|seat| seat.0).collect(),
            };
            (Some(format!("reservations/{reservation}")), Data::Ticket(data))
        }
        Event::PassReissued { reservation, seat, issue } => {
            let data = ReissuedData { reservation_id: reservation.0, seat_id: seat.0, issue };
            (Some(format!("reservations/{reservation}")), Data::Reissued(data))
        }
        Event::UserErased { user, at } => {
            let data = ErasedData { user_id: user.0, erased_at: instant(at) };
            (Some(format!("users/{user}")), Data::Erased(data))
        }
        Event::TransferMade { transfer, debit, credit, amount, payment, reference } => {
            let data = TransferData {
                transfer_id: transfer.0,
                debit: account(debit),
                credit: account(credit),
                amount,
                payment_id: payment.map(|payment| payment.0),
                reference,
            };
            (Some(format!("transfers/{transfer}")), Data::Transfer(data))
        }
        Event::SeatsWithheld { schedule, seats } | Event::SeatsGivenBack { schedule, seats } => {
            let seat_ids = seats.into_iter().map(|seat| seat.0).collect();
            (date(schedule.0), Data::Seats(SeatsData { schedule_id: schedule.0, seat_ids }))
        }
        Event::ScheduleChanged { schedule, concert, starts_at, ends_at, on_sale_at, off_sale_at, closed } => {
            let data = ScheduleData {
                schedule_id: schedule.0,
                concert_id: concert.0,
                starts_at: instant(starts_at),
                ends_at: instant(ends_at),
                on_sale_at: on_sale_at.map(instant),
                off_sale_at: off_sale_at.map(instant),
                closed,
            };
            (date(schedule.0), Data::Schedule(data))
        }
        Event::SeatsPublished { schedule, runs } => {
            let seat_id_runs = runs.into_iter().map(|(first, last)| [first.0, last.0]).collect();
            (date(schedule.0), Data::Published(PublishedData { schedule_id: schedule.0, seat_id_runs }))
        }
        Event::ScheduleRemoved { schedule } => (date(schedule.0), Data::Date(DateData { schedule_id: schedule.0 })),
        Event::News { kind, queue, schedule, text: Text { en, ko } } => {
            let queue_id = queue.map(|queue| queue.0);
            match (kind, queue_id, schedule) {
                (Kind::SoldOut | Kind::SaleClosed | Kind::SaleOpen, _, Some(schedule)) => {
                    (date(schedule.0), Data::Date(DateData { schedule_id: schedule.0 }))
                }
                (Kind::QueueClosed | Kind::QueuePaused | Kind::QueueOpen, Some(queue_id), _) => {
                    (Some(format!("queues/{queue_id}")), Data::Queue(QueueData { queue_id }))
                }
                (_, queue_id, _) => {
                    let subject = queue_id.map(|queue| format!("queues/{queue}"));
                    (subject, Data::Message(MessageData { queue_id, text: MessageText { en, ko } }))
                }
            }
        }
        Event::LeverMoved { lever, key, action, target, before, after } => {
            let (key_id, action) = (format!("{:08x}", key.0), operator::action(action));
            let data = LeverData { lever_id: lever.0, key_id, action, target, before, after };
            (Some(format!("levers/{lever}")), Data::Lever(data))
        }
        Event::Token { became: _, ticket, user } => {
            let data = TokenData { queue_id: ticket.queue.0, number: ticket.number, user_id: user.0 };
            (Some(format!("queues/{}/tokens/{}", ticket.queue, ticket.number)), Data::Token(data))
        }
    }
}

impl From<Hold> for HoldData {
    fn from(hold: Hold) -> Self {
        let Hold { reservation, user, schedule, seats, amount, price_types, until } = hold;
        Self {
            reservation_id: reservation.0,
            user_id: user.0,
            schedule_id: schedule.0,
            seat_ids: seats.into_iter().map(|seat| seat.0).collect(),
            amount,
            price_types: price_types.iter().map(|one| one.as_str().to_owned()).collect(),
            reserved_until: instant(until),
        }
    }
}

fn account(account: Account) -> String {
    match account {
        Account::Cash => "CASH".to_owned(),
        Account::Sales => "SALES".to_owned(),
        Account::Wallet(user) => format!("WALLET/{user}"),
    }
}
