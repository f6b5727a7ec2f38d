//! No seat is held or sold twice at any moment, or while an operator holds it back.

use std::collections::{HashMap, HashSet};

use onsale_domain::ids::{ReservationId, ScheduleId, SeatId};
use onsale_domain::reservation::State;
use onsale_domain::row::{ReservationRow, Row};

use crate::audit::tally::Tally;

pub(super) struct Seats {
    keepers: HashMap<(ScheduleId, SeatId), ReservationId>,
    withheld: HashSet<(ScheduleId, SeatId)>,
    tally: Tally,
}

impl Seats {
    pub(super) fn new() -> Self {
        let tally = Tally::new("no seat is held or sold twice, or while it is held back, at any moment");
        Self { keepers: HashMap::new(), withheld: HashSet::new(), tally }
    }

    pub(super) fn load(&mut self, row: &Row) {
        self.entry(0, std::slice::from_ref(row));
    }

    pub(super) fn entry(&mut self, seq: u64, rows: &[Row]) {
        for row in rows {
            match row {
                Row::Reservation(row) => self.reservation(seq, row),
                Row::Withheld(row) => {
                    let place = (row.schedule, row.seat);
                    self.withheld.insert(place);
                    self.check_withheld(seq, place);
                }
                Row::GivenBack { schedule, seat } => {
                    self.withheld.remove(&(*schedule, *seat));
                }
                _ => {}
            }
        }
    }

    pub(super) fn finish(self) -> Tally {
        self.tally
    }

    /// Nobody keeps a seat that is held back.
    fn check_withheld(&mut self, seq: u64, place: (ScheduleId, SeatId)) {
        let keeper = self.keepers.get(&place).filter(|_| self.withheld.contains(&place));
        self.tally.check(keeper.is_none(), || {
            let keeper = keeper.map_or_else(String::new, ToString::to_string);
            format!(
                "entry {seq}: seat {} of schedule {} is kept by reservation {keeper}, and held back",
                place.1, place.0
            )
        });
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
            self.check_withheld(seq, place);
        }
    }
}
