//! Watches what the engine says it did, entry by entry, and judges it by rules of its own: the engine's code is not
//! asked whether the engine is right.

mod admissions;
mod money;
mod seats;
#[cfg(test)]
mod tests;

use onsale_domain::command::Batch;
use onsale_domain::row::Row;

use super::tally::Tally;

use admissions::Admissions;
use money::Money;
use seats::Seats;

pub(super) struct Observer {
    admissions: Admissions,
    money: Money,
    seats: Seats,
}

impl Observer {
    pub(super) fn new() -> Self {
        Self { admissions: Admissions::new(), money: Money::new(), seats: Seats::new() }
    }

    /// Takes a row of a state that is the starting point, without judging it.
    pub(super) fn load(&mut self, row: &Row) {
        self.admissions.load(row);
        self.money.load(row);
        self.seats.load(row);
    }

    /// Judges the rows of one entry.
    pub(super) fn entry(&mut self, seq: u64, batch: &Batch, rows: &[Row]) {
        self.admissions.entry(seq, batch, rows);
        self.money.entry(seq, rows);
        self.seats.entry(seq, rows);
    }

    pub(super) fn finish(self) -> Vec<Tally> {
        let mut tallies = self.admissions.finish();
        tallies.extend(self.money.finish());
        tallies.push(self.seats.finish());
        tallies
    }
}
