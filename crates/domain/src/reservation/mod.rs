//! Reservations: a hold, and what became of it.

mod book;
mod reissued;
mod reply;
mod row;

use crate::ids::PaymentId;
use crate::time::Time;

pub use book::Reservation;
pub(crate) use book::{Book, Hold};
pub use reissued::Reissued;
pub use reply::{Extended, Reserved};
pub use row::{ReissuedRow, ReservationRow};

/// What a reservation is. Only `Held` and `Paid` keep their seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// TEMP_RESERVED until `reserved_until`.
    Held,
    /// RESERVED, for good.
    Paid { payment: PaymentId, at: Time },
    /// Nobody paid in time.
    Lapsed { at: Time },
    /// The owner dropped it.
    Cancelled { at: Time },
    /// The operator dropped it.
    Released { at: Time },
}

impl State {
    /// Whether the reservation keeps its seats.
    #[must_use]
    pub fn keeps_seats(self) -> bool {
        matches!(self, Self::Held | Self::Paid { .. })
    }
}
