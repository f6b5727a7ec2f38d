//! A run second by second.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;

use super::report::Watch;

/// The longest latency that a second tells apart, in microseconds.
const LATENCY_US_MAX: u64 = 60_000_000;

/// One second of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Second {
    /// Counted from 0, since the end of the warm-up.
    pub index: u64,
    pub sent: u64,
    /// Replies that came in it.
    pub completed: u64,
    pub failed: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

/// All seconds so far.
#[derive(Debug)]
pub struct Seconds {
    pub over: Vec<Second>,
    pub(crate) current: Second,
    latency_us: Histogram<u32>,
}

impl Seconds {
    pub(crate) fn new() -> Result<Self> {
        let latency_us = Histogram::new_with_max(LATENCY_US_MAX, 2)?;
        Ok(Self { over: Vec::new(), current: Second::default(), latency_us })
    }

    pub(crate) fn reply(&mut self, latency: Duration) {
        self.current.completed += 1;
        self.latency_us.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    /// It is this long since the start.
    pub(crate) fn pass(&mut self, elapsed: Duration, watch: &mut dyn Watch) {
        while elapsed.as_secs() > self.current.index {
            self.turn(watch);
        }
    }

    /// The last second, which may not be whole, is over too.
    pub(crate) fn close(&mut self, watch: &mut dyn Watch) {
        if self.current.sent + self.current.completed + self.current.failed > 0 {
            self.turn(watch);
        }
    }

    fn turn(&mut self, watch: &mut dyn Watch) {
        let at = |quantile| self.latency_us.value_at_quantile(quantile) as f64 / 1e3;
        let second = if self.latency_us.is_empty() {
            self.current
        } else {
            Second { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: self.latency_us.max() as f64 / 1e3, ..self.current }
        };
        watch.second(&second);
        self.over.push(second);
        self.current = Second { index: second.index + 1, ..Second::default() };
        self.latency_us.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_without_replies_stands_in_the_series_too() {
        let mut seconds = Seconds::new().unwrap();
        seconds.reply(Duration::from_millis(3));
        seconds.pass(Duration::from_millis(2_500), &mut ());
        seconds.reply(Duration::from_millis(7));
        seconds.close(&mut ());
        let counts: Vec<u64> = seconds.over.iter().map(|second| second.completed).collect();
        assert_eq!(counts, [1, 0, 1]);
        assert!((seconds.over[2].p99_ms - 7.0).abs() < 0.1, "{:?}", seconds.over[2]);
    }
}
