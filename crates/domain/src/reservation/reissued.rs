//! Tickets that were issued anew: which of a seat's is the one that counts.

use std::collections::BTreeMap;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::{ReservationId, SeatId};
use crate::refusal::Refusal;
use crate::row::Row;

use super::ReissuedRow;

/// How often the ticket of each paid seat was issued anew. There are no more entries than seats that are sold.
#[derive(Debug, Default)]
pub struct Reissued {
    issues: BTreeMap<(ReservationId, SeatId), u32>,
}

impl Reissued {
    /// How often the ticket was issued anew; 0 where it is the first one that counts.
    #[must_use]
    pub fn of(&self, reservation: ReservationId, seat: SeatId) -> u32 {
        self.issues.get(&(reservation, seat)).copied().unwrap_or(0)
    }

    /// Issues these anew, all or none.
    pub(crate) fn add(
        &mut self,
        reservation: ReservationId,
        seats: &[SeatId],
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        if seats.iter().any(|&seat| self.of(reservation, seat) == u32::MAX) {
            return Err(Refusal::Full("tickets of one seat"));
        }
        for &seat in seats {
            let before = self.of(reservation, seat);
            if before > 0 {
                changes.remove(hash(ReissuedRow { reservation, seat, issue: before }));
            }
            let row = ReissuedRow { reservation, seat, issue: before + 1 };
            self.issues.insert((reservation, seat), row.issue);
            changes.add(hash(row));
            changes.row(Row::Reissued(row));
        }
        Ok(())
    }

    /// Takes a row in; its hash.
    pub(crate) fn load(&mut self, row: ReissuedRow) -> u64 {
        self.issues.insert((row.reservation, row.seat), row.issue);
        hash(row)
    }
}

fn hash(ReissuedRow { reservation, seat, issue }: ReissuedRow) -> u64 {
    Hash::new(Kind::Reissued).words([reservation.0, seat.0, u64::from(issue)]).finish()
}
