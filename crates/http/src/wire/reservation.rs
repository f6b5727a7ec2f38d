//! Holds.

use utoipa::ToSchema;

use super::{Id, Money};

/// The seat to hold.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Reserve {
    pub schedule_id: Id,
    pub seat_id: Id,
}

/// What the seat of a new hold is.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReservedSeatStatus {
    TempReserved,
}

/// A new hold. `reservedDate` and `reservedUntilDate` are local to the date's zone.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Reserved {
    pub reservation_id: Id,
    pub seat_status: ReservedSeatStatus,
    #[schema(pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", example = "2027-04-01 20:00:00")]
    pub reserved_date: String,
    #[schema(pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", example = "2027-04-01 20:05:00")]
    pub reserved_until_date: String,
    #[schema(format = DateTime, example = "2027-04-01T20:00:00.000+09:00")]
    pub reserved_at: String,
    #[schema(format = DateTime, example = "2027-04-01T20:05:00.000+09:00")]
    pub reserved_until: String,
    /// What the hold costs.
    pub amount: Money,
}

/// The hold to drop.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Cancel {
    pub reservation_id: Id,
}

/// What the seat of a dropped hold is.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancelledSeatStatus {
    Available,
}

/// A dropped hold.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Cancelled {
    pub reservation_id: Id,
    pub seat_status: CancelledSeatStatus,
}

/// What became of a hold.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
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

/// A reservation of the caller's.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Reservation {
    pub reservation_id: Id,
    pub schedule_id: Id,
    pub seat_ids: Vec<Id>,
    pub amount: Money,
    pub status: ReservationStatus,
    #[schema(format = DateTime, example = "2027-04-01T20:00:00.000+09:00")]
    pub reserved_at: String,
    #[schema(format = DateTime, example = "2027-04-01T20:05:00.000+09:00")]
    pub reserved_until: String,
    #[schema(required)]
    pub payment_id: Option<Id>,
    #[schema(required, format = DateTime, example = "2027-04-01T20:01:00.000+09:00")]
    pub paid_at: Option<String>,
}

/// A ticket to a concert, for one seat that the caller paid.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct SeatTicket {
    pub reservation_id: Id,
    pub payment_id: Id,
    pub schedule_id: Id,
    pub seat_id: Id,
    #[schema(example = "First Light")]
    pub concert_title: String,
    #[schema(format = DateTime, example = "2027-05-01T19:00:00.000+09:00")]
    pub starts_at: String,
    #[schema(required, example = "A")]
    pub section: Option<String>,
    #[schema(required, example = "1")]
    pub row: Option<String>,
    #[schema(required, example = "1")]
    pub number: Option<String>,
    #[schema(format = DateTime, example = "2027-04-01T20:01:00.000+09:00")]
    pub paid_at: String,
    /// A JWT, signed with Ed25519: `rsv`, `pay`, `sch` and `seat` are the ids above. For a QR code, and for
    /// POST /v1/tickets/verify.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.eyJyc3YiOjF9.c2lnbmVk")]
    pub ticket: String,
}
