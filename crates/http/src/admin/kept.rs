//! What is kept of a person, one by one.

use onsale_domain::codes::CodeUseRow;
use onsale_domain::operator::LeverRow;
use onsale_domain::queue::{State as Turn, Tier};
use onsale_domain::reservation::State;
use onsale_domain::row::{ReservationRow, TicketRow};
use onsale_domain::time::Time;
use onsale_domain::user::Direction;
use onsale_node::{Views, events};
use serde::Serialize;
use utoipa::ToSchema;

use super::operator::{LeverAction, action};
use crate::times::{TimeText, utc};
use crate::wire::{self, ReservationStatus, TicketStatus};

/// What a movement of money was.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum MovementKind {
    /// Their own.
    Charge,
    Payment,
    /// A shop's or an operator's, into the wallet.
    Credit,
    /// The same, out of it.
    Debit,
}

/// Money that came into the wallet, or left it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeptMovement)]
pub(crate) struct Movement {
    #[schema(value_type = wire::Id)]
    transfer_id: u64,
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T10:00:01.000+00:00")]
    at: TimeText,
    kind: MovementKind,
    /// Less than nothing for what left it.
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64, example = 50_000)]
    amount: i64,
    #[schema(required, value_type = Option<wire::Id>)]
    payment_id: Option<u64>,
    /// What a shop or an operator calls it.
    #[schema(required, example = "payment-20270501-4711")]
    reference: Option<String>,
}

impl Movement {
    pub(super) fn of(movement: &events::Movement) -> Self {
        let events::Movement { id, at, is_into, amount, payment, adjustment } = movement;
        let kind = match (payment, adjustment) {
            (Some(_), _) => MovementKind::Payment,
            (None, Some((Direction::Credit, _))) => MovementKind::Credit,
            (None, Some((Direction::Debit, _))) => MovementKind::Debit,
            (None, None) => MovementKind::Charge,
        };
        let amount = amount.cast_signed();
        Self {
            transfer_id: id.0,
            at: utc(*at),
            kind,
            amount: if *is_into { amount } else { -amount },
            payment_id: payment.map(|payment| payment.0),
            reference: adjustment.as_ref().map(|(_, reference)| reference.clone()),
        }
    }
}

/// A seat that was held, or sold.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptSeat {
    #[schema(value_type = wire::Id)]
    seat_id: u64,
    #[schema(required, example = "A")]
    section: Option<String>,
    #[schema(required, example = "1")]
    row: Option<String>,
    #[schema(required, example = "1")]
    number: Option<String>,
    /// What it was held at; null of one that was held below level 2 together with others.
    #[schema(required, value_type = Option<wire::Money>)]
    amount: Option<u64>,
    /// For whom; null where the date has one price for all.
    #[schema(required, example = "child")]
    price_type: Option<String>,
}

/// A hold, whatever became of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptReservation {
    #[schema(value_type = wire::Id)]
    reservation_id: u64,
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    /// As it is called now; null where the date is in the catalog no more.
    #[schema(required, example = "First Light")]
    concert_title: Option<String>,
    seats: Vec<KeptSeat>,
    #[schema(value_type = wire::Money)]
    amount: u64,
    status: ReservationStatus,
    #[schema(value_type = String, format = DateTime, example = "2027-04-01T20:00:00.000+00:00")]
    reserved_at: TimeText,
    #[schema(value_type = String, format = DateTime, example = "2027-04-01T20:05:00.000+00:00")]
    reserved_until: TimeText,
    #[schema(required, value_type = Option<wire::Id>)]
    payment_id: Option<u64>,
    /// When it was paid, or was over; null while it is held.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-04-01T20:01:00.000+00:00")]
    settled_at: Option<TimeText>,
}

impl KeptReservation {
    pub(super) fn of(views: &Views, row: &ReservationRow) -> Self {
        let schedule = views.catalog().schedules.get(&row.schedule).cloned();
        let board = schedule.as_ref().map(|schedule| schedule.board());
        let (payment_id, settled_at) = match row.state {
            State::Held => (None, None),
            State::Paid { payment, at } => (Some(payment.0), Some(at)),
            State::Lapsed { at } | State::Cancelled { at } | State::Released { at } => (None, Some(at)),
        };
        // Of one seat, what all of them cost says it.
        let amounts = if row.seats.len() == 1 { core::slice::from_ref(&row.amount) } else { &row.amounts };
        let seats = row.seats.iter().enumerate().map(|(at, seat)| {
            let spec = board.as_ref().and_then(|board| board.seat(*seat));
            KeptSeat {
                seat_id: seat.0,
                section: spec.and_then(|spec| spec.section.as_deref()).map(str::to_owned),
                row: spec.and_then(|spec| spec.row.as_deref()).map(str::to_owned),
                number: spec.and_then(|spec| spec.number.as_deref()).map(str::to_owned),
                amount: amounts.get(at).copied(),
                price_type: row.price_types.get(at).map(ToString::to_string),
            }
        });
        Self {
            reservation_id: row.id.0,
            schedule_id: row.schedule.0,
            seats: seats.collect(),
            concert_title: schedule.map(|schedule| schedule.concert.title.clone()),
            amount: row.amount,
            status: row.state.into(),
            reserved_at: utc(row.reserved_at),
            reserved_until: utc(row.reserved_until),
            payment_id,
            settled_at: settled_at.map(utc),
        }
    }
}

/// A place in a queue, and the session that it became.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptPlace {
    #[schema(example = "default")]
    queue: String,
    /// The ticket's number in the queue.
    #[schema(minimum = 0, example = 17)]
    number: u32,
    status: TicketStatus,
    /// Whether they were passed over, and may come back.
    absent: bool,
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T10:00:00.000+00:00")]
    issued_at: TimeText,
    /// When they joined, where places were drawn since.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T09:50:00.000+00:00")]
    joined_at: Option<TimeText>,
    /// When they were let in, of a session that may become longer.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T10:10:00.000+00:00")]
    admitted_at: Option<TimeText>,
    /// When the session, or the time to come back, ends; null where it is over, or nothing has begun.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T10:20:00.000+00:00")]
    ends_at: Option<TimeText>,
    /// When it was over.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T10:15:00.000+00:00")]
    ended_at: Option<TimeText>,
    #[schema(required, minimum = 1, example = 1)]
    tier: Option<u8>,
}

impl KeptPlace {
    pub(super) fn of(views: &Views, row: &TicketRow) -> Self {
        let (ends_at, ended_at) = match row.state {
            Turn::Waiting => (None, None),
            Turn::Absent { until } | Turn::Returned { until, .. } | Turn::Progress { until } => (Some(until), None),
            Turn::Done { at } | Turn::Expired { at } => (None, Some(at)),
        };
        Self {
            queue: queue_name(views, row.ticket.queue),
            number: row.ticket.number,
            status: row.state.status().into(),
            absent: matches!(row.state, Turn::Absent { .. }),
            issued_at: utc(row.issued_at),
            joined_at: row.joined_at.map(utc),
            admitted_at: row.admitted_at.map(utc),
            ends_at: ends_at.filter(|at| *at != Time::NEVER).map(utc),
            ended_at: ended_at.map(utc),
            // Who is surplus is told by the list of a draw, once there is one, and by no other answer.
            tier: row.tier.filter(|tier| *tier != Tier::SURPLUS).map(Tier::number),
        }
    }
}

fn queue_name(views: &Views, queue: onsale_domain::ids::QueueId) -> String {
    views.queue(queue).map_or_else(String::new, |queue| queue.name.clone())
}

/// What became of a use of a code.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CodeUseStatus {
    Held,
    Spent,
    GivenBack,
}

/// A use of a code.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptCodeUse {
    #[schema(example = "fan-club")]
    campaign: String,
    /// The code's place in the campaign's list.
    #[schema(minimum = 1, example = 17)]
    number: u32,
    status: CodeUseStatus,
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T10:00:00.000+00:00")]
    taken_at: TimeText,
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T10:10:00.000+00:00")]
    ended_at: Option<TimeText>,
}

impl KeptCodeUse {
    pub(super) fn of(views: &Views, row: &CodeUseRow) -> Self {
        let campaigns = views.campaigns.all();
        let campaign = campaigns.get(usize::from(row.campaign.0)).map_or_else(String::new, |one| one.name.clone());
        let status = match (row.paid, row.ended_at) {
            (true, _) => CodeUseStatus::Spent,
            (false, None) => CodeUseStatus::Held,
            (false, Some(_)) => CodeUseStatus::GivenBack,
        };
        let (taken_at, ended_at) = (utc(row.taken_at), row.ended_at.map(utc));
        Self { campaign, number: row.number, status, taken_at, ended_at }
    }
}

/// What an operator did. Who it was is not theirs to know.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptLever {
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T10:10:00.000+00:00")]
    at: TimeText,
    action: LeverAction,
    #[schema(example = "user 4711")]
    target: String,
    before: String,
    after: String,
}

impl KeptLever {
    pub(super) fn of(row: &LeverRow) -> Self {
        let LeverRow { id: _, at, by: _, action: moved, target, before, after } = row;
        let [target, before, after] = [target, before, after].map(Clone::clone);
        Self { at: utc(*at), action: action(*moved), target, before, after }
    }
}
