//! The seats that operators hold back, and why: for operators alone. Buyers see that they cannot be had.

use onsale_domain::ids::{ScheduleId, SeatId};
use onsale_domain::row::WithheldRow;

use super::map::HashMap;

/// By date and seat, readable while one thread writes.
#[derive(Debug, Default)]
pub struct Withheld {
    seats: HashMap<(ScheduleId, SeatId), WithheldRow>,
}

impl Withheld {
    /// What is held back of a schedule, by seat. Looks at all that is held back.
    #[must_use]
    pub fn of(&self, schedule: ScheduleId) -> Vec<WithheldRow> {
        let seats = self.seats.pin();
        let mut of_it: Vec<_> = seats.values().filter(|row| row.schedule == schedule).cloned().collect();
        of_it.sort_by_key(|row| row.seat);
        of_it
    }

    pub(super) fn put(&self, row: &WithheldRow) {
        self.seats.pin().insert((row.schedule, row.seat), row.clone());
    }

    pub(super) fn remove(&self, schedule: ScheduleId, seat: SeatId) {
        self.seats.pin().remove(&(schedule, seat));
    }
}
