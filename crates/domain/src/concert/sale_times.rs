//! From when until when a schedule is sold.

use std::collections::BTreeSet;

use crate::changes::Changes;
use crate::ids::{INTEGER_MAX, QueueId, ScheduleId};
use crate::operator::Kind;
use crate::refusal::Refusal;
use crate::row::Row;
use crate::time::Time;

use super::catalog::{Catalog, Sale, schedule_hash};
use super::{Schedule, ScheduleRow};

/// The moments that were set for a schedule's sale. Where none is, it is on, and only whether it is closed counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SaleTimes {
    /// From here on its seats can be held.
    pub on_sale_at: Option<Time>,
    /// From here on they cannot any more. Who holds one can still pay.
    pub off_sale_at: Option<Time>,
}

/// What the moments make of a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SalePhase {
    Before,
    On,
    After,
}

impl SaleTimes {
    /// # Errors
    /// The name of the first moment that no number of the wire holds, or that is not later than the one before it.
    pub fn check(&self) -> Result<(), &'static str> {
        let is_too_great = |at: Option<Time>| at.is_some_and(|at| at.0 > INTEGER_MAX);
        match (self.on_sale_at, self.off_sale_at) {
            (on, _) if is_too_great(on) => Err("onSaleAt"),
            (_, off) if is_too_great(off) => Err("offSaleAt"),
            (Some(on), Some(off)) if off <= on => Err("offSaleAt"),
            _ => Ok(()),
        }
    }

    #[must_use]
    pub fn phase_at(&self, now: Time) -> SalePhase {
        match (self.on_sale_at, self.off_sale_at) {
            (_, Some(off)) if off <= now => SalePhase::After,
            (Some(on), _) if on > now => SalePhase::Before,
            _ => SalePhase::On,
        }
    }

    /// What is set here, and of the rest what `old` has.
    fn over(self, old: Self) -> Self {
        Self { on_sale_at: self.on_sale_at.or(old.on_sale_at), off_sale_at: self.off_sale_at.or(old.off_sale_at) }
    }

    fn moments(self) -> impl Iterator<Item = Time> {
        [self.on_sale_at, self.off_sale_at].into_iter().flatten()
    }
}

impl Schedule {
    #[must_use]
    pub fn sale_times(&self) -> SaleTimes {
        SaleTimes { on_sale_at: self.on_sale_at, off_sale_at: self.off_sale_at }
    }

    /// The same with other moments.
    fn sold(self, times: SaleTimes) -> Self {
        let SaleTimes { on_sale_at, off_sale_at } = times;
        Self { on_sale_at, off_sale_at, ..self }
    }

    /// The schedule as it takes the place of `old`: a catalog that says nothing of a moment leaves it as it was set.
    pub(super) fn in_place_of(self, old: &Self) -> Self {
        let times = self.sale_times().over(old.sale_times());
        let orphans = self.orphans.or(old.orphans);
        Self { orphans, ..self.sold(times) }
    }
}

impl Sale {
    /// Whether seats can be held now, as far as the sale goes.
    pub(crate) fn check_on(&self, now: Time) -> Result<(), Refusal> {
        if self.closed {
            return Err(Refusal::SaleClosed);
        }
        match self.schedule.sale_times().phase_at(now) {
            SalePhase::On => Ok(()),
            SalePhase::After => Err(Refusal::SaleOver),
            SalePhase::Before => {
                let at = self.schedule.on_sale_at.unwrap_or(now);
                Err(Refusal::SaleNotYetOpen { at, in_ms: at.ms_since(now) })
            }
        }
    }
}

impl Catalog {
    pub(crate) fn set_sale_times(
        &mut self,
        schedule: ScheduleId,
        times: SaleTimes,
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let sale = self.sales.get_mut(&schedule).ok_or(Refusal::ScheduleNotFound)?;
        times.check().map_err(Refusal::SettingInvalid)?;
        let old = sale.schedule.clone();
        sale.schedule = old.clone().sold(times);
        let new = sale.schedule.clone();
        changes.replace(schedule_hash(&old, sale.closed), schedule_hash(&new, sale.closed));
        changes.row(Row::Schedule(Box::new(ScheduleRow { schedule: new.clone(), closed: sale.closed })));
        self.await_moments(Some(&old), Some(&new), changes.now);
        Ok(())
    }

    /// Notes the moments of a schedule that are to come, in place of those that it had.
    pub(super) fn await_moments(&mut self, old: Option<&Schedule>, new: Option<&Schedule>, now: Time) {
        if let Some(schedule) = old {
            for at in schedule.sale_times().moments() {
                self.moments.remove(&(at, schedule.id));
            }
        }
        if let Some(schedule) = new {
            let to_come = schedule.sale_times().moments().filter(|&at| at > now);
            self.moments.extend(to_come.map(|at| (at, schedule.id)));
        }
    }

    /// The first moment at which a sale begins or ends.
    pub(crate) fn next_moment(&self) -> Option<Time> {
        self.moments.first().map(|&(at, _)| at)
    }

    /// When all rows are in: the moments that are past have been dealt with.
    pub(crate) fn finish_load(&mut self, now: Time) {
        self.moments.retain(|&(at, _)| at > now);
    }

    /// Shows the sales that have begun or ended. Gives what those who wait should hear.
    pub(crate) fn fire(&mut self, changes: &mut Changes<'_>) -> Vec<(Kind, Option<QueueId>, ScheduleId)> {
        // Both moments of a schedule may be past at once.
        let mut due = BTreeSet::new();
        while let Some(&(at, id)) = self.moments.first()
            && at <= changes.now
        {
            self.moments.pop_first();
            due.insert(id);
        }
        let mut news = Vec::new();
        for id in due {
            let Some(sale) = self.sales.get(&id) else { continue };
            changes.row(Row::Schedule(Box::new(ScheduleRow { schedule: sale.schedule.clone(), closed: sale.closed })));
            if !sale.closed {
                let phase = sale.schedule.sale_times().phase_at(changes.now);
                let kind = if phase == SalePhase::On { Kind::SaleOpen } else { Kind::SaleClosed };
                news.push((kind, self.queue_of(id), id));
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_is_on_from_its_first_millisecond_until_before_its_last() {
        let check = |on: Option<u64>, off: Option<u64>, expected: [SalePhase; 4]| {
            let times = SaleTimes { on_sale_at: on.map(Time), off_sale_at: off.map(Time) };
            assert_eq!([9, 10, 19, 20].map(|now| times.phase_at(Time(now))), expected, "{times:?}");
        };
        let [before, on, after] = [SalePhase::Before, SalePhase::On, SalePhase::After];
        check(None, None, [on; 4]);
        check(Some(10), Some(20), [before, on, on, after]);
        check(Some(10), None, [before, on, on, on]);
        check(None, Some(20), [on, on, on, after]);
    }

    #[test]
    fn an_end_is_later_than_its_beginning() {
        let times = |on, off| SaleTimes { on_sale_at: Some(Time(on)), off_sale_at: Some(Time(off)) };
        assert_eq!(times(10, 11).check(), Ok(()));
        assert_eq!(times(10, 10).check(), Err("offSaleAt"));
        assert_eq!(times(INTEGER_MAX + 1, INTEGER_MAX + 2).check(), Err("onSaleAt"));
        assert_eq!(times(1, INTEGER_MAX + 2).check(), Err("offSaleAt"));
    }
}
