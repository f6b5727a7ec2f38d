//! No seat is held or sold twice at any moment.

use std::collections::HashMap;

use onsale_domain::ids::{ReservationId, ScheduleId, SeatId};
use onsale_domain::reservation::State;
use onsale_domain::row::{ReservationRow, Row};

use crate::audit::tally::Tally;

pub(super) struct Seats {
    keepers: HashMap<(ScheduleId, SeatId), ReservationId>,
    tally: Tally,
}

impl Seats {
    pub(super) fn new() -> Self {
        Self { keepers: HashMap::new(), tally: Tally::new("no seat is held or sold twice, at any moment") }
    }

    pub(super) fn load(&mut self, row: &Row) {
        self.entry(0, std::slice::from_ref(row));
    }

    pub(super) fn entry(&mut self, seq: u64, rows: &[Row]) {
        for row in rows {
            if let Row::Reservation(row) = row {
                self.reservation(seq, row);
            }
        }
    }

    pub(super) fn finish(self) -> Tally {
        self.tally
    }

    fn reservation(&mut self, seq: u64, row: &ReservationRow) {
        let keeps = match row.state {
            State::Held | State::Paid { .. } => true,
            State::Lapsed { .. } | State::Cancelled { .. } | State::Released { .. } => false,
        };
        for &seat in &row.seats {
            let place = (row.schedule, seat);
            if !keeps {
                if self.keepers.get(&place) == Some(&row.id) {
                    self.keepers.remove(&place);
                }
                continue;
            }
            let other = self.keepers.insert(place, row.id).filter(|&other| other != row.id);
            self.tally.check(other.is_none(), || {
                let other = other.map_or_else(String::new, |other| other.to_string());
                format!(
                    "entry {seq}: seat {seat} of schedule {} is kept by reservations {other} and {}",
                    row.schedule, row.id
                )
            });
        }
    }
}
