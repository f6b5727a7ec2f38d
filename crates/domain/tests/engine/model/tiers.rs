//! Who stands before others where places are not drawn, as a list that is sorted.

use onsale_domain::queue::{Phase, State};

use super::Line;

#[derive(Clone, Debug)]
pub(crate) struct Tiered {
    /// The first of the pre-queue.
    pub first: usize,
    /// Once it has opened: who has which place, from 0, in order of joining.
    pub order: Option<Vec<usize>>,
}

impl Line {
    pub(super) fn heed_tiers(&mut self) {
        self.heeds_tiers = true;
        self.begin_tiers();
    }

    pub(super) fn begin_tiers(&mut self) {
        let first = self.tickets.len();
        let nobody_waits = self.tickets.iter().all(|ticket| ticket.state != State::Waiting);
        let may_begin = self.tiered.as_ref().is_none_or(|tiered| tiered.order.is_some() && nobody_waits);
        if self.heeds_tiers && self.phase == Phase::Prequeue && self.draw.is_none() && may_begin {
            self.tiered = Some(Tiered { first, order: None });
        }
    }

    pub(super) fn open_tiers(&mut self) {
        let Some(tiered) = self.tiered.as_mut().filter(|tiered| tiered.order.is_none()) else { return };
        let joined = &self.tickets[tiered.first..];
        if joined.iter().all(|ticket| ticket.tier.is_none()) {
            return self.tiered = None;
        }
        let mut sorted: Vec<_> = (0..joined.len()).collect();
        sorted.sort_by_key(|&nth| (joined[nth].tier.unwrap_or(u8::MAX), nth));
        let mut order = vec![0; joined.len()];
        for (place, nth) in sorted.into_iter().enumerate() {
            order[nth] = place;
        }
        tiered.order = Some(order);
    }
}
