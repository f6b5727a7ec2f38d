//! A gate that stands open until its site has enough to do, then holds, and opens again.
//!
//! That is told by what comes, which is what this node is asked about, second by second; by a figure that the site says of itself; or by both. It
//! holds with the first request, or figure, beyond the threshold, and opens once every second has stayed below the lower one for a while
//! and nobody waits: who waits asks the site for nothing, so a low rate alone says little. Where people wait at a start, it held before: it
//! goes on to, as those who come now would pass them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::night::Said;

/// When a gate holds, and when it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Of the requests that come in a second.
    pub requests: Option<Band>,
    /// Of what the site says of itself.
    pub figure: Option<OfFigure>,
    /// For so long at least it has to be less, and so long it holds at least.
    pub calm: Duration,
}

/// How much is too much, and how little is little enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// It holds where there is more than this.
    pub above: u32,
    /// It may open where there is less than this.
    pub below: u32,
}

/// What a figure that a site says is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfFigure {
    pub band: Band,
    /// How long one counts.
    pub good_for: Duration,
    /// Without one that counts it holds; else it goes by the requests alone.
    pub holds_in_silence: bool,
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
    /// The second in which it was looked at first.
    begun_s: u64,
    /// The second in which it came to hold, or opened.
    since_s: u64,
    /// What the site has said last.
    said: Option<Said>,
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
    /// What the site has said last, where it counts.
    pub(crate) figure: Option<u32>,
}

/// So far the clocks of two nodes may be apart, in seconds.
const APART_S: u64 = 5;
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
        if let Some(Band { above, .. }) = self.threshold.requests
            && count >= u64::from(above)
            && !self.holds.load(Ordering::Relaxed)
            && self.hold(&mut self.machine(), now_s)
        {
            tracing::info!(site = name, above, "a gate holds: more requests come in a second than it lets through");
        }
        self.holds.load(Ordering::Relaxed)
    }

    /// What the site says goes by figures, where it is to say any.
    pub(crate) fn hears(&self) -> bool {
        self.threshold.figure.is_some()
    }

    /// The site has said something of itself, here or to another node.
    pub(crate) fn say(&self, name: &str, now_s: u64, said: Said) {
        let Some(OfFigure { band: Band { above, .. }, good_for, .. }) = self.threshold.figure else { return };
        let mut machine = self.machine();
        // What is of much later than now is of a clock that was wrong, and would be the last word for as long as it was.
        if said.at_s > now_s + APART_S {
            return;
        }
        let said = Said { at_s: said.at_s.min(now_s), ..said };
        if machine.said.is_some_and(|known| known.at_s > said.at_s && known.at_s <= now_s) {
            return;
        }
        machine.said = Some(said);
        let counts = now_s - said.at_s <= good_for.as_secs();
        if counts && said.figure > above && self.hold(&mut machine, now_s) {
            tracing::info!(
                site = name,
                figure = said.figure,
                above,
                "a gate holds: its site says that it has too much to do"
            );
        }
    }

    /// What the site has said last.
    pub(crate) fn said(&self) -> Option<Said> {
        self.machine().said
    }

    /// Whether it did not before.
    fn hold(&self, machine: &mut Machine, now_s: u64) -> bool {
        *machine = Machine { since_s: now_s, calm_from_s: None, ..*machine };
        !self.holds.swap(true, Ordering::Relaxed)
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it stands in this second.
    pub(crate) fn now(&self, name: &str, now_s: u64, waits: impl Fn() -> bool) -> Now {
        self.turn(name, now_s, waits);
        let machine = *self.machine();
        let figure = machine.figure(&self.threshold, now_s);
        Now { holds: self.holds.load(Ordering::Relaxed), rate: machine.rate, figure }
    }

    /// Begins to count this second, where another was counted, and opens the gate where it is time.
    fn turn(&self, name: &str, now_s: u64, waits: impl Fn() -> bool) {
        let now_s = now_s & COUNT;
        if self.counted.load(Ordering::Relaxed) >> 32 >= now_s {
            return;
        }
        let mut machine = self.machine();
        let counted = self.counted.load(Ordering::Relaxed);
        // Another thread may have been here meanwhile; what it has not counted yet of the second before is lost to the rate, and is little.
        if counted >> 32 >= now_s {
            return;
        }
        self.counted.store(now_s << 32, Ordering::Relaxed);
        if counted == 0 {
            machine.begun_s = now_s;
            if waits() && self.hold(&mut machine, now_s) {
                tracing::info!(site = name, "a gate holds: people wait since before this start");
                return;
            }
        }
        if machine.is_silence_too_long(&self.threshold, now_s) {
            if self.hold(&mut machine, now_s) {
                tracing::info!(site = name, "a gate holds: its site has said no figure for too long");
            }
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
        let is_calm = threshold.requests.is_none_or(|requests| count < requests.below);
        let is_busy = threshold.figure.zip(self.figure(threshold, now_s)).is_some_and(|(of, it)| it >= of.band.below);
        let calm_from_s = match (is_calm, is_next) {
            (true, _) => Some(second),
            (false, false) => Some(second + 1),
            (false, true) => None,
        };
        self.calm_from_s = match calm_from_s.filter(|_| !waits && !is_busy) {
            Some(from_s) if is_calm => self.calm_from_s.or(Some(from_s)),
            other => other,
        };
        let calm_s = threshold.calm.as_secs().max(1);
        let has_lasted = |from_s: u64| now_s.saturating_sub(from_s) >= calm_s;
        self.calm_from_s.is_some_and(has_lasted) && has_lasted(self.since_s)
    }

    /// What the site has said last, where it still counts.
    fn figure(&self, threshold: &Threshold, now_s: u64) -> Option<u32> {
        let good_for_s = threshold.figure?.good_for.as_secs();
        self.said.filter(|said| now_s.saturating_sub(said.at_s) <= good_for_s).map(|said| said.figure)
    }

    /// Whether the site is to say figures, and has said none that counts for so long that this says something.
    fn is_silence_too_long(&self, threshold: &Threshold, now_s: u64) -> bool {
        let Some(OfFigure { good_for, holds_in_silence: true, .. }) = threshold.figure else { return false };
        let since_s = self.said.map_or(self.begun_s, |said| said.at_s.max(self.begun_s));
        now_s.saturating_sub(since_s) > good_for.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUESTS: Band = Band { above: 10, below: 5 };
    const CALM: Duration = Duration::from_secs(3);
    const THRESHOLD: Threshold = Threshold { requests: Some(REQUESTS), figure: None, calm: CALM };

    /// What becomes of so many requests in a second.
    fn come(standby: &Standby, now_s: u64, requests: usize, waits: bool) -> Vec<bool> {
        (0..requests).map(|_| standby.note("shop", now_s, || waits)).collect()
    }

    #[test]
    fn it_holds_with_the_first_request_beyond_the_threshold() {
        let standby = Standby::new(THRESHOLD);
        assert_eq!(come(&standby, 100, 10, false), [false; 10]);
        assert_eq!(come(&standby, 101, 12, false), [[false; 10].as_slice(), &[true; 2]].concat());
        assert_eq!(standby.now("shop", 101, || false), Now { holds: true, rate: 10, figure: None });
        assert_eq!(standby.now("shop", 102, || false), Now { holds: true, rate: 12, figure: None });
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

    fn of_figure(holds_in_silence: bool) -> Standby {
        let band = Band { above: 80, below: 60 };
        let figure = OfFigure { band, good_for: Duration::from_secs(10), holds_in_silence };
        Standby::new(Threshold { requests: None, figure: Some(figure), calm: CALM })
    }

    fn say(standby: &Standby, at_s: u64, figure: u32) {
        standby.say("shop", at_s, Said { figure, at_s });
    }

    fn holds(standby: &Standby, now_s: u64) -> bool {
        standby.now("shop", now_s, || false).holds
    }

    #[test]
    fn it_holds_with_the_first_figure_beyond_the_threshold_until_it_has_been_low_for_long_enough() {
        let standby = of_figure(true);
        say(&standby, 100, 80);
        assert_eq!(come(&standby, 100, 100, false), [false; 100], "no number of requests is too many");
        say(&standby, 101, 81);
        assert_eq!(come(&standby, 101, 1, false), [true]);
        let figures = [70, 60, 59, 70, 59, 59, 59, 59, 81];
        let stands: Vec<_> = (102..)
            .zip(figures)
            .map(|(now_s, figure)| {
                let holds = holds(&standby, now_s);
                say(&standby, now_s, figure);
                holds
            })
            .collect();
        assert_eq!(stands, [true, true, true, true, true, true, true, false, false], "59 in each of three seconds");
        assert!(holds(&standby, 111));
    }

    #[test]
    fn silence_holds_where_it_is_to_and_ends_with_the_next_figure() {
        let closed = of_figure(true);
        assert!(!holds(&closed, 100) && !holds(&closed, 110), "a site has time to say something after a start");
        assert!(holds(&closed, 111));
        assert!(holds(&closed, 1_000));
        say(&closed, 1_000, 5);
        assert_eq!([1_001, 1_002, 1_003, 1_004].map(|now_s| holds(&closed, now_s)), [true, true, false, false]);
        assert!(!holds(&closed, 1_010) && holds(&closed, 1_011));
        // One that goes by what it knows.
        let open = of_figure(false);
        say(&open, 100, 81);
        assert!(holds(&open, 100) && holds(&open, 105) && holds(&open, 110));
        assert!(!holds(&open, 120) && !holds(&open, 1_000));
    }

    #[test]
    fn the_newest_word_counts_and_none_of_later_than_now() {
        let standby = of_figure(false);
        standby.say("shop", 100, Said { figure: 90, at_s: 106 });
        assert_eq!(standby.said(), None);
        standby.say("shop", 100, Said { figure: 90, at_s: 89 });
        assert!(!holds(&standby, 100), "too old to hold for");
        say(&standby, 100, 10);
        standby.say("shop", 100, Said { figure: 90, at_s: 95 });
        assert_eq!(standby.said(), Some(Said { figure: 10, at_s: 100 }));
        // A clock that was ahead and is not any more.
        standby.say("shop", 50, Said { figure: 20, at_s: 50 });
        assert_eq!(standby.said(), Some(Said { figure: 20, at_s: 50 }));
        assert_eq!(standby.now("shop", 51, || false).figure, Some(20));
    }

    #[test]
    fn either_is_enough_to_hold_and_both_have_to_be_low_to_open() {
        let figure = OfFigure { band: Band { above: 80, below: 60 }, good_for: CALM * 100, holds_in_silence: false };
        let standby = Standby::new(Threshold { requests: Some(REQUESTS), figure: Some(figure), calm: CALM });
        come(&standby, 100, 11, false);
        say(&standby, 100, 70);
        assert!(holds(&standby, 110), "the figure is not low");
        say(&standby, 110, 1);
        come(&standby, 111, 6, false);
        assert!(holds(&standby, 112) && holds(&standby, 114));
        assert!(!holds(&standby, 115));
    }
}
