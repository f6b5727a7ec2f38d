//! Reservations, in the envelope.

use jiff::tz::TimeZone;
use onsale_domain::concert::PriceTypeId;
use onsale_domain::ids::{ScheduleId, UserId};
use onsale_domain::reservation::State;
use onsale_domain::row::ReservationRow;
use onsale_node::in_zone;

use crate::shared::Shared;
use crate::times;
use crate::wire::{Id, Money, Reservation, SeatAmount, envelope};

impl Shared {
    /// The reservations of a user, in the envelope: newest first.
    pub(crate) fn reservations_json(&self, user: UserId) -> Vec<u8> {
        let rows = self.node.views().users.reservations(user);
        let may_extend = self.node.views().settings().hold_extend_ms.is_some();
        envelope(rows.iter().rev().map(|row| told(row, &self.zone(row.schedule), may_extend)).collect::<Vec<_>>())
    }

    /// The zone of a date's place; UTC where the date is in no catalog any more.
    pub(crate) fn zone(&self, schedule: ScheduleId) -> TimeZone {
        let catalog = self.node.views().catalog();
        catalog.schedules.get(&schedule).map_or(TimeZone::UTC, |schedule| schedule.zone.clone())
    }
}

fn told(row: &ReservationRow, zone: &TimeZone, may_extend: bool) -> Reservation {
    let time = |time| times::rfc3339(&in_zone(time, zone));
    let paid = match row.state {
        State::Paid { payment, at } => Some((payment, at)),
        State::Held | State::Lapsed { .. } | State::Cancelled { .. } | State::Released { .. } => None,
    };
    Reservation {
        reservation_id: Id(row.id.0),
        schedule_id: Id(row.schedule.0),
        seat_ids: row.seats.iter().map(|seat| Id(seat.0)).collect(),
        amount: Money(row.amount),
        status: row.state.into(),
        reserved_at: time(row.reserved_at),
        reserved_until: time(row.reserved_until),
        extendable: may_extend && !row.extended && row.state == State::Held,
        payment_id: paid.map(|(payment, _)| Id(payment.0)),
        paid_at: paid.map(|(_, at)| time(at)),
        seats: (!row.price_types.is_empty()).then(|| seat_amounts(row)),
    }
}

/// What each seat of a reservation costs, and for whom it is.
pub(crate) fn seat_amounts(row: &ReservationRow) -> Vec<SeatAmount> {
    // Of one seat, what all of them cost says it.
    let amounts = if row.seats.len() == 1 { core::slice::from_ref(&row.amount) } else { &row.amounts };
    row.seats
        .iter()
        .zip(amounts)
        .enumerate()
        .map(|(at, (seat, &amount))| SeatAmount {
            seat_id: Id(seat.0),
            amount: Money(amount),
            price_type: row.price_types.get(at).map(PriceTypeId::to_string),
        })
        .collect()
}
