//! When who polls is to ask again.
//!
//! The sooner the nearer the turn: of the time that is left, an eighth passes until the next poll, so that whoever is let in has
//! polled some `8 (1 + ln(wait / 8 s))` times, however many wait. On a busy node three eighths pass, and a third of the polls are
//! left. Close to the turn both ask once a second: a slot should not wait for its owner.

use crate::shared::Stretch;

/// The shortest time, for those whose turn is near.
const SHORTEST_MS: u64 = 1_000;
/// The longest on a node at ease, however far the turn is: the page should move now and then.
const LONGEST_MS: u64 = 20_000;
/// Those inside have little to learn by it: that their session ends, or has ended.
const INSIDE_MS: u64 = 5_000;
/// On a node at ease, this part of the time that is left passes.
const PART: u64 = 8;

/// What it depends on beside the ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) waiting_ttl_ms: u64,
    /// By how busy the node is.
    pub(super) stretch: Stretch,
}

impl Pace {
    /// The same for all, whoever they are and however near the opening is: so nobody is told by it where they are, and their polls
    /// are spread as their joining was.
    pub(super) fn before_opening_ms(self) -> u64 {
        self.longest_ms()
    }

    /// For the ticket of this number, with so long until its turn.
    pub(super) fn waiting_ms(self, wait_s: u64, number: u32) -> u64 {
        self.spread(self.stretch.of_ms(wait_s * 1_000 / PART).max(SHORTEST_MS), number)
    }

    pub(super) fn inside_ms(self, number: u32) -> u64 {
        self.spread(INSIDE_MS, number)
    }

    /// Never so long that the ticket could count as silent.
    fn longest_ms(self) -> u64 {
        self.stretch.of_ms(LONGEST_MS).min(self.waiting_ttl_ms / 3).max(1)
    }

    /// 80 % to 100 % of it by the ticket's number, so that those who joined together do not ask together for ever.
    fn spread(self, ms: u64, number: u32) -> u64 {
        let part = u64::from(number.wrapping_mul(0x9E37_79B9) >> 24);
        (ms.min(self.longest_ms()) * (1_024 + part) / 1_280).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(waiting_ttl_ms: u64, stretch: Stretch) -> Pace {
        Pace { waiting_ttl_ms, stretch }
    }

    #[test]
    fn a_busy_node_asks_for_a_third_of_the_polls_of_those_whose_turn_is_far() {
        for wait_s in [60, 120, 400] {
            let (at_ease, busy) = (at(300_000, Stretch::NONE), at(300_000, Stretch::MOST));
            assert!(busy.waiting_ms(wait_s, 7).abs_diff(at_ease.waiting_ms(wait_s, 7) * 3) <= 3, "{wait_s} s");
            assert_eq!(busy.inside_ms(7), at_ease.inside_ms(7));
        }
    }

    #[test]
    fn whoever_is_next_asks_once_a_second_however_busy_the_node_is() {
        for stretch in [Stretch::NONE, Stretch::MOST] {
            for number in 0..1_000 {
                assert!((800..=1_000).contains(&at(60_000, stretch).waiting_ms(2, number)));
            }
        }
    }

    #[test]
    fn nobody_is_told_to_be_silent() {
        for ttl_ms in [100, 3_000, 60_000, 3_600_000] {
            for stretch in [Stretch::NONE, Stretch::MOST] {
                let pace = at(ttl_ms, stretch);
                let times = [pace.before_opening_ms(), pace.inside_ms(3), pace.waiting_ms(100_000, 3)];
                assert!(times.iter().all(|ms| (1..=ttl_ms / 3).contains(ms)), "{ttl_ms}: {times:?}");
                assert!(times.iter().all(|ms| *ms <= 60_000), "a page that says nothing new for a minute looks dead");
            }
        }
    }
}
