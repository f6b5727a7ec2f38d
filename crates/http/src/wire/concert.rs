//! Dates and seats. The lists of them are made of pieces that the node keeps ready (ADR 7); `tests/it/wire.rs` compares what
//! they come to with these types.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Id, Money};

/// Whether a date has seats left.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Availability {
    Available,
    /// `availableSeats` is 0.
    SoldOut,
}

/// A date of a concert. `openDate`, `startTime` and `endTime` are local to the date's zone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    pub schedule_id: Id,
    #[schema(example = "First Light")]
    pub concert_title: String,
    #[schema(pattern = r"^\d{4}-\d{2}-\d{2}$", example = "2027-05-01")]
    pub open_date: String,
    #[schema(pattern = r"^\d{2}:\d{2}$", example = "19:00")]
    pub start_time: String,
    #[schema(pattern = r"^\d{2}:\d{2}$", example = "21:30")]
    pub end_time: String,
    pub seat_status: Availability,
    pub concert_id: Id,
    #[schema(format = DateTime, example = "2027-05-01T19:00:00+09:00")]
    pub starts_at: String,
    #[schema(format = DateTime, example = "2027-05-01T21:30:00+09:00")]
    pub ends_at: String,
    /// The operator has stopped the sale of this date, or it has not begun, or is over.
    pub sale_closed: bool,
    /// From when on its seats are sold, where that was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime, example = "2027-03-01T10:00:00+09:00")]
    pub on_sale_at: Option<String>,
    /// Until when, where that was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime, example = "2027-05-01T18:00:00+09:00")]
    pub off_sale_at: Option<String>,
    #[schema(example = 50)]
    pub total_seats: u32,
    #[schema(example = 50)]
    pub available_seats: u32,
}

/// Whether a seat can be had.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SeatStatus {
    Available,
    /// Held, until it is paid or lapses.
    TempReserved,
    /// Sold.
    Reserved,
}

/// A seat of a date.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Seat {
    pub seat_id: Id,
    /// The seat's place in the list.
    #[schema(minimum = 1, example = 1)]
    pub position: u32,
    pub amount: Money,
    pub seat_status: SeatStatus,
    #[schema(required, example = "A")]
    pub section: Option<String>,
    #[schema(required, example = "1")]
    pub row: Option<String>,
    #[schema(required, example = "1")]
    pub number: Option<String>,
    /// What the catalog calls seats at these prices; absent where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "P1")]
    pub category: Option<String>,
    /// What it costs at other price types than the date's first, which is what `amount` is for; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<SeatPrice>>, nullable = false)]
    pub prices: Vec<SeatPrice>,
    /// What is particular about it; absent where there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<SeatAttribute>>, nullable = false)]
    pub attributes: Vec<SeatAttribute>,
}

/// What a seat costs for somebody.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatPrice {
    #[schema(pattern = "^[a-z0-9_-]{1,32}$", example = "child")]
    pub price_type: String,
    pub amount: Money,
}

/// What is particular about a seat.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum SeatAttribute {
    /// A place for a wheelchair: sold only as such until the date's `accessibleUntil`.
    Wheelchair,
    /// For who comes with the wheelchair place beside it: sold only with it, likewise.
    Companion,
    RestrictedView,
}

/// A section of a date, with what is left of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// `null` for the seats that belong to none.
    #[schema(required, example = "A")]
    pub section: Option<String>,
    #[schema(example = 50)]
    pub total_seats: u32,
    #[schema(example = 50)]
    pub available_seats: u32,
}
