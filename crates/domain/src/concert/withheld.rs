//! Seats that an operator holds back: for the house, a camera, somebody who is owed one. Nobody gets them before they are given
//! back.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::{ScheduleId, SeatId};
use crate::refusal::Refusal;
use crate::row::Row;
use crate::time::Time;

use super::Catalog;
use super::seats::Seats;

/// The most seats that one call holds back or gives back.
pub const WITHHELD_AT_ONCE_MAX: usize = 1_000;
/// The longest reason, in characters.
pub const REASON_CHARS_MAX: usize = 200;

/// A seat that is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldRow {
    pub schedule: ScheduleId,
    pub seat: SeatId,
    /// Since when, and why: in the words of who did it last.
    pub at: Time,
    pub reason: Arc<str>,
}

/// Whether this is a reason to put on record.
#[must_use]
pub fn is_reason(text: &str) -> bool {
    let is_said = !text.trim().is_empty() && !text.chars().any(char::is_control);
    is_said && text.chars().count() <= REASON_CHARS_MAX
}

impl Catalog {
    /// Holds seats back that are free. Those that are held back already stay so, for the new reason.
    pub(crate) fn withhold(
        &mut self,
        schedule: ScheduleId,
        seats: &[SeatId],
        reason: &str,
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let of_date = self.named(schedule, seats, reason)?;
        let taken: Box<[SeatId]> = seats.iter().copied().filter(|&seat| of_date.is_taken(seat)).collect();
        if !taken.is_empty() {
            return Err(Refusal::SeatNotAvailable(taken));
        }
        let reason: Arc<str> = reason.into();
        for &seat in seats {
            let row = WithheldRow { schedule, seat, at: changes.now, reason: reason.clone() };
            changes.add(hash(&row));
            changes.row(Row::Withheld(row.clone()));
            if let Some(before) = of_date.withhold(row) {
                changes.remove(hash(&before));
            }
        }
        Ok(())
    }

    /// Puts seats on sale again that are held back.
    pub(crate) fn give_back(
        &mut self,
        schedule: ScheduleId,
        seats: &[SeatId],
        reason: &str,
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let of_date = self.named(schedule, seats, reason)?;
        let others: Box<[SeatId]> = seats.iter().copied().filter(|&seat| !of_date.is_withheld(seat)).collect();
        if !others.is_empty() {
            return Err(Refusal::SeatNotWithheld(others));
        }
        for row in seats.iter().filter_map(|&seat| of_date.give_back(seat)) {
            changes.remove(hash(&row));
            changes.row(Row::GivenBack { schedule, seat: row.seat });
        }
        Ok(())
    }

    /// The seats of the date, all of these among them.
    fn named(&mut self, schedule: ScheduleId, seats: &[SeatId], reason: &str) -> Result<&mut Seats, Refusal> {
        let of_date = &mut self.sales.get_mut(&schedule).ok_or(Refusal::ScheduleNotFound)?.seats;
        let different: BTreeSet<_> = seats.iter().collect();
        if seats.is_empty() || seats.len() > WITHHELD_AT_ONCE_MAX || different.len() < seats.len() {
            return Err(Refusal::SeatsInvalid);
        }
        if !is_reason(reason) {
            return Err(Refusal::SettingInvalid("reason"));
        }
        let unknown: Box<[SeatId]> = seats.iter().copied().filter(|&seat| of_date.get(seat).is_none()).collect();
        if !unknown.is_empty() {
            return Err(Refusal::SeatNotFound(unknown));
        }
        Ok(of_date)
    }

    /// Takes a row in; its hash, or what is wrong with it.
    pub(crate) fn load_withheld(&mut self, row: WithheldRow) -> Result<u64, String> {
        let WithheldRow { schedule, seat, .. } = row;
        let of_date = self.sales.get_mut(&schedule).map(|sale| &mut sale.seats);
        let of_date = of_date.filter(|seats| seats.get(seat).is_some() && !seats.is_taken(seat));
        let of_date = of_date
            .ok_or_else(|| format!("seat {seat} of schedule {schedule} is held back, and is none, or somebody's"))?;
        let sum = hash(&row);
        of_date.withhold(row);
        Ok(sum)
    }
}

fn hash(row: &WithheldRow) -> u64 {
    let WithheldRow { schedule, seat, at, reason } = row;
    Hash::new(Kind::Withheld).words([schedule.0, seat.0, at.0]).bytes(reason.as_bytes()).finish()
}
