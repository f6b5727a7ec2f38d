//! At most so many admissions in any second.
//!
//! Admissions are counted in slots of 20 ms. A window of 51 slots covers any second wherever it begins, so the sum
//! over it is never over the limit; a slot takes at most a twenty-fifth of it, so that a second's worth does not
//! come in one burst.

use std::collections::VecDeque;

use crate::time::Time;

const SLOT_MS: u64 = 20;
const WINDOW: u64 = 51;

/// The admissions of the last second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rate {
    slots: VecDeque<(u64, u32)>,
}

impl Rate {
    pub(crate) fn load(slots: Vec<(u64, u32)>) -> Self {
        Self { slots: slots.into() }
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.slots.iter().copied()
    }

    /// `Ok` when one more may be admitted now, else the moment to ask again.
    /// Changes nothing: a refusal leaves no row, so it may leave no trace in the state either.
    pub(crate) fn allows(&self, now: Time, per_second: u32) -> Result<(), Time> {
        let slot = now.0 / SLOT_MS;
        let recent = || self.slots.iter().filter(|&&(at, _)| at + WINDOW > slot);
        let spent: u32 = recent().map(|&(_, count)| count).sum();
        if let Some(&(oldest, _)) = recent().next()
            && spent >= per_second
        {
            return Err(Time((oldest + WINDOW) * SLOT_MS));
        }
        match self.slots.back() {
            Some(&(last, count)) if last == slot && count >= per_second.div_ceil(25) => Err(Time((slot + 1) * SLOT_MS)),
            _ => Ok(()),
        }
    }

    pub(crate) fn admitted(&mut self, now: Time) {
        let slot = now.0 / SLOT_MS;
        while self.slots.front().is_some_and(|&(old, _)| old + WINDOW <= slot) {
            self.slots.pop_front();
        }
        match self.slots.back_mut() {
            Some((last, count)) if *last == slot => *count += 1,
            _ => self.slots.push_back((slot, 1)),
        }
    }

    /// Where there is no limit nothing need be known.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked every `step_ms`, no window of a second sees more than the limit, and the rate is nearly reached.
    #[test]
    fn any_second_stays_under_the_limit() {
        for (per_second, step_ms) in [(1, 1), (7, 3), (50, 20), (1_000, 1), (333, 17)] {
            let mut rate = Rate::default();
            let mut admitted = Vec::new();
            for now in (1_000_003..1_010_003).step_by(step_ms) {
                while rate.allows(Time(now), per_second).is_ok() {
                    rate.admitted(Time(now));
                    admitted.push(now);
                }
            }
            let most = admitted
                .iter()
                .map(|&start| admitted.iter().filter(|&&at| at >= start && at < start + 1_000).count())
                .max();
            assert!(most.unwrap() <= per_second as usize, "{per_second}/s: {most:?} in one second");
            assert!(admitted.len() * 100 >= per_second as usize * 10 * 90, "{per_second}/s: only {}", admitted.len());
        }
    }

    #[test]
    fn the_moment_to_ask_again_is_right() {
        let mut rate = Rate::default();
        assert_eq!(rate.allows(Time(1_000), 1), Ok(()));
        rate.admitted(Time(1_000));
        let again = rate.allows(Time(1_001), 1).unwrap_err();
        assert!(rate.allows(Time(again.0 - 1), 1).is_err());
        assert_eq!(rate.allows(again, 1), Ok(()));
    }
}
