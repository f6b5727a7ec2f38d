//! Seats that operators hold back.

use onsale_domain::ids::{ScheduleId, SeatId};
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_domain::row::WithheldRow;
use onsale_domain::time::Time;

use super::Model;

impl Model {
    pub(crate) fn is_withheld(&self, schedule: ScheduleId, seat: SeatId) -> bool {
        self.withheld.iter().any(|row| (row.schedule, row.seat) == (schedule, seat))
    }

    /// Whether somebody can have the seat.
    pub(crate) fn is_free(&self, schedule: ScheduleId, seat: SeatId) -> bool {
        self.taken_by(schedule, seat).is_none() && !self.is_withheld(schedule, seat)
    }

    fn check_withheld(&self, schedule: ScheduleId, seats: &[SeatId], reason: &str) -> Result<(), Refusal> {
        let sale = self.sales.iter().find(|sale| sale.schedule.id == schedule).ok_or(Refusal::ScheduleNotFound)?;
        let is_twice = |seat: &SeatId| seats.iter().filter(|other| *other == seat).count() > 1;
        if seats.is_empty() || seats.iter().any(is_twice) {
            return Err(Refusal::SeatsInvalid);
        }
        if reason.is_empty() {
            return Err(Refusal::SettingInvalid("reason"));
        }
        let is_there = |seat: &SeatId| sale.seats.iter().any(|spec| spec.seat == *seat);
        let unknown: Vec<SeatId> = seats.iter().copied().filter(|seat| !is_there(seat)).collect();
        if unknown.is_empty() { Ok(()) } else { Err(Refusal::SeatNotFound(unknown.into())) }
    }

    pub(super) fn withhold(&mut self, schedule: ScheduleId, seats: &[SeatId], reason: &str) -> Outcome {
        self.check_withheld(schedule, seats, reason)?;
        let taken: Vec<_> = seats.iter().copied().filter(|&seat| self.taken_by(schedule, seat).is_some()).collect();
        if !taken.is_empty() {
            return Err(Refusal::SeatNotAvailable(taken.into()));
        }
        self.withheld.retain(|row| row.schedule != schedule || !seats.contains(&row.seat));
        let row = |&seat: &SeatId| WithheldRow { schedule, seat, at: Time(self.now), reason: reason.into() };
        self.withheld.extend(seats.iter().map(row).collect::<Vec<_>>());
        Ok(Reply::Done)
    }

    pub(super) fn give_back(&mut self, schedule: ScheduleId, seats: &[SeatId], reason: &str) -> Outcome {
        self.check_withheld(schedule, seats, reason)?;
        let others: Vec<_> = seats.iter().copied().filter(|&seat| !self.is_withheld(schedule, seat)).collect();
        if !others.is_empty() {
            return Err(Refusal::SeatNotWithheld(others.into()));
        }
        self.withheld.retain(|row| row.schedule != schedule || !seats.contains(&row.seat));
        Ok(Reply::Done)
    }
}
