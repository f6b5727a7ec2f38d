//! A gate that stands open until more comes than its site serves, then holds, and opens again.
//!
//! What comes is what this node is asked about, second by second. It holds with the first request beyond the threshold, and opens once every second has
//! stayed below the lower one for a while and nobody waits: who waits asks the site for nothing, so a low rate alone says little. Where people
//! wait at a start, it held before: it goes on to, as those who come now would pass them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// When a gate holds, and when it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// It holds while more requests than this come in a second.
    pub above: u32,
    /// It may open once fewer than this come in each second.
    pub below: u32,
    /// For so long at least they have to, and so long it holds at least.
    pub calm: Duration,
}

/// The standby of a site's gate on this node.
#[derive(Debug)]
pub struct Standby {
    threshold: Threshold,
    /// The second that is counted, and behind it, in 32 bits, the requests in it.
    counted: AtomicU64,
    holds: AtomicBool,
    machine: Mutex<Machine>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Machine {
    /// The second in which it came to hold, or opened.
    since_s: u64,
    /// The first second from which on all were calm and nobody waited.
    calm_from_s: Option<u64>,
    /// The requests of the last whole second.
    rate: u32,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    pub(crate) holds: bool,
    pub(crate) rate: u32,
}

const COUNT: u64 = u32::MAX as u64;

impl Standby {
    /// One that stands open.
    #[must_use]
    pub fn new(threshold: Threshold) -> Self {
        Self { threshold, counted: AtomicU64::new(0), holds: AtomicBool::new(false), machine: Mutex::default() }
    }

    /// A request for what is behind the gate has come in this second: whether it has to have a pass.
    pub(crate) fn note(&self, name: &str, now_s: u64, waits: impl Fn() -> bool) -> bool {
        self.turn(name, now_s, waits);
        let count = self.counted.fetch_add(1, Ordering::Relaxed) & COUNT;
        if count >= u64::from(self.threshold.above) && !self.holds.load(Ordering::Relaxed) {
            let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
            *machine = Machine { since_s: now_s, calm_from_s: None, ..*machine };
            if !self.holds.swap(true, Ordering::Relaxed) {
                tracing::info!(
                    site = name,
                    above = self.threshold.above,
                    "a gate holds: more requests come in a second than it lets through"
                );
            }
        }
        self.holds.load(Ordering::Relaxed)
    }

    /// How it stands in this second.
    pub(crate) fn now(&self, name: &str, now_s: u64, waits: impl Fn() -> bool) -> Now {
        self.turn(name, now_s, waits);
        let rate = self.machine.lock().unwrap_or_else(PoisonError::into_inner).rate;
        Now { holds: self.holds.load(Ordering::Relaxed), rate }
    }

    /// Begins to count this second, where another was counted, and opens the gate where it is time.
    fn turn(&self, name: &str, now_s: u64, waits: impl Fn() -> bool) {
        let now_s = now_s & COUNT;
        if self.counted.load(Ordering::Relaxed) >> 32 >= now_s {
            return;
        }
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = self.counted.load(Ordering::Relaxed);
        // Another thread may have been here meanwhile; what it has not counted yet of the second before is lost to the rate, and is little.
        if counted >> 32 >= now_s {
            return;
        }
        self.counted.store(now_s << 32, Ordering::Relaxed);
        if counted == 0 && waits() {
            machine.since_s = now_s;
            self.holds.store(true, Ordering::Relaxed);
            tracing::info!(site = name, "a gate holds: people wait since before this start");
            return;
        }
        let holds = self.holds.load(Ordering::Relaxed);
        if machine.turn(&self.threshold, (counted >> 32, (counted & COUNT) as u32), now_s, holds && waits()) && holds {
            *machine = Machine { since_s: now_s, calm_from_s: None, ..*machine };
            self.holds.store(false, Ordering::Relaxed);
            tracing::info!(site = name, "a gate stands open again: few come, and nobody waits");
        }
    }
}

impl Machine {
    /// Takes up the second that was counted, and that there were none in those after it. Whether it is time to open.
    fn turn(&mut self, threshold: &Threshold, (second, count): (u64, u32), now_s: u64, waits: bool) -> bool {
        let is_next = now_s == second + 1;
        self.rate = if is_next { count } else { 0 };
        let calm_from_s = match (count < threshold.below, is_next) {
            (true, _) => Some(second),
            (false, false) => Some(second + 1),
            (false, true) => None,
        };
        self.calm_from_s = match calm_from_s.filter(|_| !waits) {
            Some(from_s) if count < threshold.below => self.calm_from_s.or(Some(from_s)),
            other => other,
        };
        let calm_s = threshold.calm.as_secs().max(1);
        let has_lasted = |from_s: u64| now_s.saturating_sub(from_s) >= calm_s;
        self.calm_from_s.is_some_and(has_lasted) && has_lasted(self.since_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLD: Threshold = Threshold { above: 10, below: 5, calm: Duration::from_secs(3) };

    /// What becomes of so many requests in a second.
    fn come(standby: &Standby, now_s: u64, requests: usize, waits: bool) -> Vec<bool> {
        (0..requests).map(|_| standby.note("shop", now_s, || waits)).collect()
    }

    #[test]
    fn it_holds_with_the_first_request_beyond_the_threshold() {
        let standby = Standby::new(THRESHOLD);
        assert_eq!(come(&standby, 100, 10, false), [false; 10]);
        assert_eq!(come(&standby, 101, 12, false), [[false; 10].as_slice(), &[true; 2]].concat());
        assert_eq!(standby.now("shop", 101, || false), Now { holds: true, rate: 10 });
        assert_eq!(standby.now("shop", 102, || false), Now { holds: true, rate: 12 });
    }

    #[test]
    fn it_opens_once_few_have_come_for_long_enough_and_nobody_waits() {
        let opens = |seconds: &[(usize, bool)]| {
            let standby = Standby::new(THRESHOLD);
            come(&standby, 100, 11, false);
            let each = (101..).zip(seconds);
            each.map(|(now_s, &(requests, waits))| {
                let holds = standby.now("shop", now_s, || waits).holds;
                come(&standby, now_s, requests, waits);
                !holds
            })
            .collect::<Vec<_>>()
        };
        let (no, yes) = (false, true);
        // The second that is looked at is the one before.
        assert_eq!(opens(&[(4, no), (4, no), (4, no), (4, no), (4, no)]), [no, no, no, yes, yes]);
        assert_eq!(opens(&[(4, no), (5, no), (4, no), (4, no), (4, no), (4, no)]), [no, no, no, no, no, yes]);
        assert_eq!(opens(&[(0, no), (0, yes), (0, yes), (0, yes), (0, no), (0, no), (0, no)])[..4], [no; 4]);
        assert_eq!(opens(&[(0, yes); 20]), [no; 20]);
        // Open again, it holds as before.
        let standby = Standby::new(THRESHOLD);
        come(&standby, 100, 11, false);
        assert!(!standby.now("shop", 1_000, || false).holds, "seconds in which nothing came are calm");
        assert_eq!(come(&standby, 1_000, 11, false)[9..], [false, true]);
    }

    #[test]
    fn where_people_wait_at_the_start_it_holds_until_none_does_and_few_come() {
        let opens = |seconds: &[bool]| {
            let standby = Standby::new(THRESHOLD);
            let each = (100..).zip(seconds).map(|(now_s, &waits)| !standby.now("shop", now_s, || waits).holds);
            each.collect::<Vec<_>>()
        };
        let (no, yes) = (false, true);
        assert_eq!(opens(&[yes, no, no, no, no]), [no, no, no, yes, yes]);
        assert_eq!(opens(&[yes; 20]), [no; 20]);
        assert_eq!(opens(&[no, yes, yes]), [yes; 3], "who joins while it stands open closes nothing");
    }

    #[test]
    fn a_clock_that_goes_back_counts_on() {
        let standby = Standby::new(THRESHOLD);
        come(&standby, 100, 5, false);
        assert_eq!(come(&standby, 99, 6, false), [false, false, false, false, false, true]);
    }
}
