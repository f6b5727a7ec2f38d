//! The row of a reservation.

use crate::concert::PriceTypeId;
use crate::ids::{ReservationId, ScheduleId, SeatId, UserId};
use crate::time::Time;

use super::State;

/// How often the ticket of a paid seat was issued anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReissuedRow {
    pub reservation: ReservationId,
    pub seat: SeatId,
    /// At least 1.
    pub issue: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservationRow {
    pub id: ReservationId,
    pub user: UserId,
    pub schedule: ScheduleId,
    pub seats: Box<[SeatId]>,
    pub amount: u64,
    /// What each of several seats was held at, in their order. Empty for one seat, of which `amount` says it, and for those
    /// that were held below [`level::FAIRNESS`](crate::level::FAIRNESS).
    pub amounts: Box<[u64]>,
    /// At which price type each seat was held, in their order. Empty where its schedule had none.
    pub price_types: Box<[PriceTypeId]>,
    pub reserved_at: Time,
    pub reserved_until: Time,
    /// Its owner has made it longer, or the one that they dropped for it: it does not become longer again.
    pub extended: bool,
    pub state: State,
}
