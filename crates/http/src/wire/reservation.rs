//! Holds.

use onsale_domain::reservation::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::by_hand::{in_envelope, number, time};
use super::fields::Number;
use super::request::request;
use super::{Id, Money, envelope};
use crate::times::TimeText;

/// What the seats of a new hold are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReservedSeatStatus {
    TempReserved,
}

/// A new hold. `reservedDate` and `reservedUntilDate` are local to the date's zone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reserved {
    pub reservation_id: Id,
    pub seat_status: ReservedSeatStatus,
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", example = "2027-04-01 20:00:00")]
    pub reserved_date: TimeText,
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", example = "2027-04-01 20:05:00")]
    pub reserved_until_date: TimeText,
    #[schema(value_type = String, format = DateTime, example = "2027-04-01T20:00:00.000+09:00")]
    pub reserved_at: TimeText,
    #[schema(value_type = String, format = DateTime, example = "2027-04-01T20:05:00.000+09:00")]
    pub reserved_until: TimeText,
    /// What the hold costs.
    pub amount: Money,
    /// The seats, in the order in which they were asked for; absent where `seatId` named one. Also absent where a result is
    /// replayed of a hold that has long been over, and is not among one's reservations any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub seats: Option<Vec<SeatAmount>>,
}

impl Reserved {
    /// In the envelope. Without a list of seats by hand: of the 39,000 instructions that a hold takes where requests are served, the names
    /// and times were 4,500, under callgrind, and are 1,000.
    pub(crate) fn body(&self) -> Vec<u8> {
        if self.seats.is_some() {
            return envelope(self);
        }
        let Self { reservation_id, seat_status: ReservedSeatStatus::TempReserved, amount, .. } = self;
        in_envelope(384, |out| {
            number(out, b"{\"reservationId\":", reservation_id.0);
            time(out, b",\"seatStatus\":\"TEMP_RESERVED\",\"reservedDate\":\"", &self.reserved_date);
            time(out, b",\"reservedUntilDate\":\"", &self.reserved_until_date);
            time(out, b",\"reservedAt\":\"", &self.reserved_at);
            time(out, b",\"reservedUntil\":\"", &self.reserved_until);
            number(out, b",\"amount\":", amount.0);
            out.push(b'}');
        })
    }
}

/// One of the seats of a reservation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatAmount {
    pub seat_id: Id,
    /// What it costs, as it was when it was held.
    pub amount: Money,
    /// For whom; absent where the date had one price for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "child")]
    pub price_type: Option<String>,
}

request! {
    /// The hold to drop.
    Cancel {
        #[schema(required, value_type = Id)]
        reservation: Number as "reservationId" => id -> u64,
    }
}

/// What the seats of a dropped hold are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancelledSeatStatus {
    Available,
}

/// A dropped hold.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cancelled {
    pub reservation_id: Id,
    pub seat_status: CancelledSeatStatus,
}

request! {
    /// The hold to make longer.
    Extend {
        #[schema(required, value_type = Id)]
        reservation: Number as "reservationId" => id -> u64,
    }
}

/// A hold that became longer. `reservedUntilDate` is local to the date's zone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExtendedHold)]
pub struct Extended {
    pub reservation_id: Id,
    pub seat_status: ReservedSeatStatus,
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", example = "2027-04-01 20:07:00")]
    pub reserved_until_date: TimeText,
    #[schema(value_type = String, format = DateTime, example = "2027-04-01T20:07:00.000+09:00")]
    pub reserved_until: TimeText,
}

/// What became of a hold.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReservationStatus {
    /// Held.
    TempReserved,
    /// Paid.
    Reserved,
    /// Lapsed.
    Expired,
    /// Dropped by its owner.
    Cancelled,
    /// Dropped by the operator.
    Released,
}

impl From<State> for ReservationStatus {
    fn from(state: State) -> Self {
        match state {
            State::Held => Self::TempReserved,
            State::Paid { .. } => Self::Reserved,
            State::Lapsed { .. } => Self::Expired,
            State::Cancelled { .. } => Self::Cancelled,
            State::Released { .. } => Self::Released,
        }
    }
}

/// A reservation of the caller's.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    pub reservation_id: Id,
    pub schedule_id: Id,
    pub seat_ids: Vec<Id>,
    pub amount: Money,
    pub status: ReservationStatus,
    #[schema(value_type = String, format = DateTime, example = "2027-04-01T20:00:00.000+09:00")]
    pub reserved_at: TimeText,
    #[schema(value_type = String, format = DateTime, example = "2027-04-01T20:05:00.000+09:00")]
    pub reserved_until: TimeText,
    /// Whether its owner can make it longer, as far as is known before it is tried: `POST /v1/api/concerts/reserve/extend`.
    pub extendable: bool,
    #[schema(required)]
    pub payment_id: Option<Id>,
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-04-01T20:01:00.000+09:00")]
    pub paid_at: Option<TimeText>,
    /// The seats in the order of `seatIds`, with what each costs and for whom; absent where the date had one price for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub seats: Option<Vec<SeatAmount>>,
}

/// A ticket to a concert, for one seat that the caller paid.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatTicket<'a> {
    pub reservation_id: Id,
    pub payment_id: Id,
    pub schedule_id: Id,
    pub seat_id: Id,
    #[schema(example = "First Light")]
    pub concert_title: &'a str,
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T19:00:00.000+09:00")]
    pub starts_at: TimeText,
    #[schema(required, example = "A")]
    pub section: Option<&'a str>,
    #[schema(required, example = "1")]
    pub row: Option<&'a str>,
    #[schema(required, example = "1")]
    pub number: Option<&'a str>,
    #[schema(value_type = String, format = DateTime, example = "2027-04-01T20:01:00.000+09:00")]
    pub paid_at: TimeText,
    /// For whom it was sold, and what people call that; absent where the date had one price for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "child")]
    pub price_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Child, to 12")]
    pub price_type_title: Option<&'a str>,
    /// A JWT, signed with Ed25519: `rsv`, `pay`, `sch` and `seat` are the ids above. For a QR code, and for
    /// POST /v1/tickets/verify.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.eyJyc3YiOjF9.c2lnbmVk")]
    pub ticket: &'a str,
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use onsale_domain::time::Time;

    use super::*;
    use crate::times;

    #[test]
    fn a_hold_is_written_as_its_type_says() {
        let zone = TimeZone::get("Asia/Seoul").expect("a known zone");
        let [(reserved_date, reserved_at), (reserved_until_date, reserved_until)] =
            [1_795_461_906_007, 1_795_462_206_007].map(|ms| times::twins(&onsale_node::in_zone(Time(ms), &zone)));
        for seats in [None, Some(vec![SeatAmount { seat_id: Id(3), amount: Money(0), price_type: None }])] {
            let reserved = Reserved {
                reservation_id: Id(7),
                seat_status: ReservedSeatStatus::TempReserved,
                reserved_date,
                reserved_until_date,
                reserved_at,
                reserved_until,
                amount: Money(150_000),
                seats,
            };
            assert_eq!(String::from_utf8(reserved.body()), String::from_utf8(envelope(&reserved)));
        }
    }
}
