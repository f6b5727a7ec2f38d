//! How often people have signed in, and not.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::{Failed, Side};

/// All but who has signed in, in the order of their discriminants.
const FAILED: [Failed; 6] =
    [Failed::Denied, Failed::Unknown, Failed::Expired, Failed::Unavailable, Failed::Refused, Failed::NoRole];

#[derive(Debug, Default)]
struct Counts {
    done: AtomicU64,
    failed: [AtomicU64; FAILED.len()],
}

/// Since the start.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    buyers: Counts,
    operators: Counts,
}

impl Outcomes {
    fn of(&self, side: Side) -> &Counts {
        match side {
            Side::Buyer => &self.buyers,
            Side::Operator => &self.operators,
        }
    }

    pub(super) fn count(&self, side: Side, outcome: Result<(), Failed>) {
        let counts = self.of(side);
        let count = outcome.map_or_else(|failed| &counts.failed[failed as usize], |()| &counts.done);
        count.fetch_add(1, Relaxed);
    }

    /// Each with whose it is, and its word.
    pub(super) fn all(&self) -> Vec<(&'static str, &'static str, u64)> {
        let sides = [("buyer", &self.buyers), ("operator", &self.operators)];
        let of = |(side, counts): (&'static str, &Counts)| {
            let failed = FAILED.into_iter().zip(&counts.failed).map(|(failed, count)| (failed.word(), count));
            let words = std::iter::once(("done", &counts.done)).chain(failed);
            words.map(|(word, count)| (side, word, count.load(Relaxed))).collect::<Vec<_>>()
        };
        sides.into_iter().flat_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_is_counted_under_its_word() {
        let outcomes = Outcomes::default();
        outcomes.count(Side::Buyer, Ok(()));
        for (times, failed) in (2..).zip(FAILED) {
            (0..times).for_each(|_| outcomes.count(Side::Operator, Err(failed)));
        }
        for (side, word, count) in outcomes.all() {
            let failed = FAILED.into_iter().position(|failed| failed.word() == word);
            let expected = match (side, failed) {
                ("buyer", None) => 1,
                ("operator", Some(at)) => at as u64 + 2,
                _ => 0,
            };
            assert_eq!(count, expected, "{side} {word}");
        }
    }
}
