//! What a run of the generator came to.

use std::time::Duration;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

/// The longest latency that is told apart, in nanoseconds.
const LATENCY_NS_MAX: u64 = 60_000_000_000;

/// Counts and latencies of one run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) completed: u64,
    /// From the start to the last reply.
    pub(crate) elapsed: Duration,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    unexpected: u64,
    unexpected_first: Option<String>,
    /// From the intended start to the whole reply, in nanoseconds.
    latency: Histogram<u64>,
    /// How late the generator itself sent, in nanoseconds.
    lag: Histogram<u64>,
}

impl Report {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            completed: 0,
            elapsed: Duration::ZERO,
            bytes_in: 0,
            bytes_out: 0,
            unexpected: 0,
            unexpected_first: None,
            latency: Histogram::new_with_max(LATENCY_NS_MAX, 3)?,
            lag: Histogram::new_with_max(LATENCY_NS_MAX, 3)?,
        })
    }

    pub(super) fn record_lag(&mut self, lag: Duration) {
        self.lag.saturating_record(nanos(lag));
    }

    pub(super) fn record_reply(&mut self, latency: Duration) {
        self.completed += 1;
        self.latency.saturating_record(nanos(latency));
    }

    pub(super) fn record_unexpected(&mut self, status: u16, body: &[u8]) {
        self.unexpected += 1;
        if self.unexpected_first.is_none() {
            let excerpt = &body[..body.len().min(300)];
            self.unexpected_first = Some(format!("{status} {}", String::from_utf8_lossy(excerpt)));
        }
    }

    /// Passes the report on when every reply was one that was expected.
    ///
    /// # Errors
    /// Tells how many were not, and the first of them.
    pub(crate) fn checked(self) -> Result<Self> {
        ensure!(
            self.unexpected == 0,
            "{} of {} replies were not the ones expected; the first: {}",
            self.unexpected,
            self.completed,
            self.unexpected_first.as_deref().unwrap_or("unknown")
        );
        Ok(self)
    }

    /// Replies per second of wall time.
    pub(crate) fn per_second(&self) -> f64 {
        self.completed as f64 / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// The latency that this share of the replies (0 to 1) did not exceed.
    pub(crate) fn latency_at(&self, quantile: f64) -> Duration {
        Duration::from_nanos(self.latency.value_at_quantile(quantile))
    }

    /// Whether the generator kept its schedule well enough for the latencies to be the server's.
    pub(crate) fn is_on_time(&self) -> bool {
        const LAG_MAX: Duration = Duration::from_millis(1);
        Duration::from_nanos(self.lag.value_at_quantile(0.99)) <= LAG_MAX.max(self.latency_at(0.99) / 10)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unexpected_reply_fails_the_run_and_is_named() {
        let mut report = Report::new().unwrap();
        report.record_reply(Duration::from_millis(1));
        report.record_unexpected(503, b"OVERLOADED");
        let message = report.checked().unwrap_err().to_string();
        assert!(message.contains("503 OVERLOADED"), "{message}");
    }

    #[test]
    fn a_late_generator_is_not_on_time() {
        let mut report = Report::new().unwrap();
        report.record_reply(Duration::from_millis(5));
        report.record_lag(Duration::from_micros(900));
        assert!(report.is_on_time());
        for _ in 0..10 {
            report.record_lag(Duration::from_millis(2));
        }
        assert!(!report.is_on_time());
    }
}
