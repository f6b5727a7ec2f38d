//! Which tickets count, where they were issued anew: asked for each ticket that is shown or checked.

use onsale_domain::ids::{ReservationId, SeatId};
use onsale_domain::row::ReissuedRow;

use super::map::HashMap;

/// By reservation and seat, readable while one thread writes.
#[derive(Debug, Default)]
pub struct Reissued {
    issues: HashMap<(ReservationId, SeatId), u32>,
}

impl Reissued {
    /// How often the ticket was issued anew; 0 where it is the first one that counts.
    #[must_use]
    pub fn of(&self, reservation: ReservationId, seat: SeatId) -> u32 {
        self.issues.pin().get(&(reservation, seat)).copied().unwrap_or(0)
    }

    pub(super) fn put(&self, row: &ReissuedRow) {
        self.issues.pin().insert((row.reservation, row.seat), row.issue);
    }
}
