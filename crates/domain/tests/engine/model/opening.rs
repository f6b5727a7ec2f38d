//! Queues that open and close by themselves, and sales that do.

use onsale_domain::ids::ScheduleId;
use onsale_domain::queue::{Mode, Opening, Phase, State, Status};
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_domain::time::Time;

use super::{INTEGER_MAX, Line, Model, Sale};

impl Line {
    fn phase_at(&self, now: u64) -> Phase {
        let Opening { prequeue_at, opens_at, closes_at } = self.opening;
        let has_come = |at: Option<Time>| at.map(|at| now >= at.0);
        match (has_come(prequeue_at), has_come(opens_at), has_come(closes_at)) {
            (_, _, Some(true)) => Phase::Over,
            (_, Some(true), _) | (None, None, _) => Phase::Open,
            (Some(true), _, _) => Phase::Prequeue,
            (_, _, _) => Phase::Closed,
        }
    }

    pub(super) fn begin_phase(&mut self, now: u64) {
        let (old, new) = (self.phase, self.phase_at(now));
        self.phase = new;
        if self.phase == Phase::Open && old != Phase::Open {
            self.everybody_seen = now;
            self.open_draw();
            self.open_tiers();
        }
        self.begin_draw();
        if old != self.phase {
            self.begin_tiers();
        }
        for ticket in self.tickets.iter_mut().filter(|_| self.phase == Phase::Over) {
            if ticket.state.status() == Status::Waiting {
                ticket.state = State::Expired { at: Time(now) };
            }
        }
    }

    /// Whether somebody who has no place may join.
    pub(super) fn takes_in(&self, now: u64) -> Result<(), Refusal> {
        match self.mode {
            Mode::Draining | Mode::Closed => Err(Refusal::QueueClosed),
            Mode::Open | Mode::Paused => self.may_join(now),
        }
    }

    pub(super) fn may_join(&self, now: u64) -> Result<(), Refusal> {
        let Opening { prequeue_at, opens_at, .. } = self.opening;
        match (self.phase, prequeue_at.or(opens_at)) {
            (Phase::Over, _) => Err(Refusal::QueueOver),
            (Phase::Closed, Some(at)) => Err(Refusal::QueueNotYetOpen { at, in_ms: at.0 - now }),
            _ => Ok(()),
        }
    }

    pub(super) fn set_opening(&mut self, opening: Opening, now: u64) -> Outcome {
        let Opening { prequeue_at, opens_at, closes_at } = opening;
        let given = [("prequeueAt", prequeue_at), ("opensAt", opens_at), ("closesAt", closes_at)];
        let given: Vec<_> = given.into_iter().filter_map(|(name, at)| Some((name, at?.0))).collect();
        let is_late = |pair: &&[(&str, u64)]| pair[0].1 >= pair[1].1;
        if let Some(pair) = given.windows(2).find(is_late) {
            return Err(Refusal::SettingInvalid(match pair[1].0 {
                "opensAt" => "opensAt",
                _ => "closesAt",
            }));
        }
        if closes_at.is_some_and(|at| at.0 <= now) && closes_at != self.opening.closes_at {
            return Err(Refusal::SettingInvalid("closesAt"));
        }
        self.opening = opening;
        self.begin_phase(now);
        Ok(Reply::Done)
    }
}

impl Sale {
    /// Whether it is sold now.
    pub(super) fn is_on(&self, now: u64) -> Result<(), Refusal> {
        let (on, off) = (self.schedule.on_sale_at, self.schedule.off_sale_at);
        match (on, off) {
            _ if self.closed => Err(Refusal::SaleClosed),
            (_, Some(off)) if now >= off.0 => Err(Refusal::SaleOver),
            (Some(at), _) if now < at.0 => Err(Refusal::SaleNotYetOpen { at, in_ms: at.0 - now }),
            _ => Ok(()),
        }
    }
}

impl Model {
    pub(super) fn set_sale_times(&mut self, id: ScheduleId, on: Option<Time>, off: Option<Time>) -> Outcome {
        let sale = self.sales.iter_mut().find(|sale| sale.schedule.id == id).ok_or(Refusal::ScheduleNotFound)?;
        if on.zip(off).is_some_and(|(on, off)| off <= on) || off.is_some_and(|at| at.0 > INTEGER_MAX) {
            return Err(Refusal::SettingInvalid("offSaleAt"));
        }
        (sale.schedule.on_sale_at, sale.schedule.off_sale_at) = (on, off);
        Ok(Reply::Done)
    }

    /// When a sale begins or ends next.
    pub(super) fn next_of_sales(&self) -> Option<u64> {
        let moments = self.sales.iter().flat_map(|sale| [sale.schedule.on_sale_at, sale.schedule.off_sale_at]);
        moments.flatten().map(|at| at.0).filter(|&at| at > self.now).min()
    }
}
