//! When requests are due.

use std::time::{Duration, Instant};

/// The grid that arrivals are meant to start on. It bounds the generator's own cost at high rates.
const TICK: Duration = Duration::from_micros(100);

/// How requests arrive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Each connection sends its next request when it has its reply: for capacity.
    Closed,
    /// Arrivals follow a fixed schedule whatever the server does: for latency.
    Open { per_second: f64 },
}

/// The schedule of arrivals of one run.
#[derive(Debug)]
pub(super) struct Pacer {
    pace: Pace,
    started: Instant,
    taken: u64,
}

impl Pacer {
    pub(super) fn new(pace: Pace, started: Instant) -> Self {
        Self { pace, started, taken: 0 }
    }

    /// When the next request is meant to start; `None` as soon as a connection is free.
    pub(super) fn intended(&self) -> Option<Instant> {
        match self.pace {
            Pace::Closed => None,
            Pace::Open { per_second } => {
                let due = Duration::from_secs_f64(self.taken as f64 / per_second);
                // Arrivals come in ticks, so that one wake-up serves all of a tick.
                let ticks = due.as_nanos().div_ceil(TICK.as_nanos());
                Some(self.started + TICK * u32::try_from(ticks).unwrap_or(u32::MAX))
            }
        }
    }

    /// The next request has started.
    pub(super) fn take(&mut self) {
        self.taken += 1;
    }

    /// How many were meant to start from `from` on and before `until`, and have not.
    pub(super) fn due(&self, until: Instant, from: Instant) -> u64 {
        let mut later = Self { pace: self.pace, started: self.started, taken: self.taken };
        let mut due = 0;
        while let Some(intended) = later.intended().filter(|&intended| intended < until) {
            due += u64::from(intended >= from);
            later.take();
        }
        due
    }

    /// How many have.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_schedule_does_not_wait_for_anybody() {
        let started = Instant::now();
        let mut pacer = Pacer::new(Pace::Open { per_second: 1_000.0 }, started);
        for _ in 0..500 {
            pacer.take();
        }
        assert_eq!(pacer.intended(), Some(started + Duration::from_millis(500)));
    }

    #[test]
    fn arrivals_that_were_due_and_not_taken_are_counted() {
        let started = Instant::now();
        let mut pacer = Pacer::new(Pace::Open { per_second: 1_000.0 }, started);
        let at = |ms| started + Duration::from_millis(ms);
        assert_eq!(pacer.due(at(500), at(100)), 400);
        for _ in 0..300 {
            pacer.take();
        }
        assert_eq!((pacer.due(at(500), at(100)), pacer.due(at(300), at(100))), (200, 0));
        assert_eq!(Pacer::new(Pace::Closed, started).due(at(500), started), 0);
    }

    #[test]
    fn a_closed_schedule_has_no_times() {
        assert_eq!(Pacer::new(Pace::Closed, Instant::now()).intended(), None);
    }
}
