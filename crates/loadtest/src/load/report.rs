//! What a run of the generator came to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use hdrhistogram::Histogram;

use super::Reply;
use super::seconds::{Second, Seconds};
use crate::report::Step;
use crate::request;

/// The longest latency that is told apart, in nanoseconds.
const LATENCY_NS_MAX: u64 = 60_000_000_000;

/// Hears of every second that is over, and of every step.
pub trait Watch {
    fn second(&mut self, second: &Second);

    /// A step has been made.
    fn made(&mut self, _step: &Step) {}
}

impl<W: Watch + ?Sized> Watch for &mut W {
    fn second(&mut self, second: &Second) {
        (**self).second(second);
    }

    fn made(&mut self, step: &Step) {
        (**self).made(step);
    }
}

/// Nobody listens.
impl Watch for () {
    fn second(&mut self, _second: &Second) {}
}

/// Counts and latencies of one run. What was meant to start in the warm-up is not in them.
#[derive(Debug)]
pub struct Report {
    started: Option<Instant>,
    /// Measured is what is meant to start from here on.
    from: Option<Instant>,
    pub sent: u64,
    pub completed: u64,
    /// From the end of the warm-up to the last reply.
    pub elapsed: Duration,
    /// From the end of the warm-up to the end of the plan.
    pub planned: Duration,
    /// What a generator that does not sleep has spent waiting.
    pub burnt: Duration,
    /// How long the generator was kept from looking at its connections in all, warm-up included, though nothing of its own
    /// kept it.
    pub kept_from: Duration,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Replies by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Requests whose reply never came.
    pub lost: u64,
    pub unexpected: u64,
    /// Arrivals that were due and were never sent, as every connection waited for an answer.
    pub unsent: u64,
    /// Replies 200 whose body does not say success.
    pub hidden: u64,
    /// The first failure, in words: the call, and what came back.
    pub first_failure: Option<String>,
    /// The status of the first failure, where an answer came.
    pub first_status: Option<u16>,
    /// From the intended start to the whole reply, in nanoseconds.
    pub latency: Histogram<u64>,
    /// How late the generator itself sent, in nanoseconds.
    pub lag: Histogram<u64>,
    pub seconds: Seconds,
}

impl Report {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            started: None,
            from: None,
            sent: 0,
            completed: 0,
            elapsed: Duration::ZERO,
            planned: Duration::ZERO,
            burnt: Duration::ZERO,
            kept_from: Duration::ZERO,
            bytes_in: 0,
            bytes_out: 0,
            statuses: BTreeMap::new(),
            lost: 0,
            unexpected: 0,
            unsent: 0,
            hidden: 0,
            first_failure: None,
            first_status: None,
            latency: Histogram::new_with_max(LATENCY_NS_MAX, 3)?,
            lag: Histogram::new_with_max(LATENCY_NS_MAX, 3)?,
            seconds: Seconds::new()?,
        })
    }

    pub(crate) fn begin(&mut self, started: Instant, warm_up: Duration) {
        self.started = Some(started);
        self.from = Some(started + warm_up);
    }

    fn is_measured(&self, intended: Instant) -> bool {
        self.from.is_none_or(|from| intended >= from)
    }

    /// Time goes on.
    pub(crate) fn pass(&mut self, now: Instant, watch: &mut dyn Watch) {
        if let Some(from) = self.from
            && now >= from
        {
            self.seconds.pass(now - from, watch);
        }
    }

    pub(crate) fn end(&mut self, planned: Instant, watch: &mut dyn Watch) {
        if let Some(from) = self.from {
            self.planned = planned.saturating_duration_since(from);
        }
        self.seconds.close(watch);
    }

    /// A request leaves; says whether it is measured.
    pub(crate) fn sent(&mut self, intended: Instant, bytes: usize) -> bool {
        if !self.is_measured(intended) {
            return false;
        }
        self.sent += 1;
        self.bytes_out += bytes as u64;
        self.seconds.current.sent += 1;
        true
    }

    pub(crate) fn record_lag(&mut self, lag: Duration) {
        self.lag.saturating_record(nanos(lag));
    }

    pub(crate) fn replied(
        &mut self,
        intended: Instant,
        now: Instant,
        reply: &Reply<'_>,
        is_expected: bool,
        watch: &mut dyn Watch,
    ) {
        self.pass(now, watch);
        if !self.is_measured(intended) {
            return;
        }
        let latency = now.saturating_duration_since(intended);
        self.elapsed = now.saturating_duration_since(self.from.unwrap_or(now));
        self.bytes_in += reply.body_bytes;
        *self.statuses.entry(reply.status).or_default() += 1;
        self.record_reply(latency);
        self.hidden += u64::from(reply.status == 200 && !reply.is_success());
        if !is_expected {
            self.record_unexpected(reply.status);
        }
    }

    fn record_reply(&mut self, latency: Duration) {
        self.completed += 1;
        self.latency.saturating_record(nanos(latency));
        self.seconds.reply(latency);
    }

    fn record_unexpected(&mut self, status: u16) {
        self.unexpected += 1;
        self.seconds.current.failed += 1;
        if self.failed() == 1 {
            self.first_status = Some(status);
        }
    }

    pub(crate) fn lost(&mut self, intended: Instant) {
        if self.is_measured(intended) {
            self.lost += 1;
            self.seconds.current.failed += 1;
        }
    }

    /// Says what the first failure was, after it has been counted: `request` was answered with `why`, or was not.
    pub(crate) fn name_failure(&mut self, request: &[u8], why: impl FnOnce() -> String) {
        if self.first_failure.is_none() && self.failed() > 0 {
            self.first_failure = Some(format!("{}: {}", request::call_of(request), why()));
        }
    }

    /// So many arrivals were due and never sent over these connections.
    pub(crate) fn unsent(&mut self, count: u64, connections: usize) {
        self.unsent = count;
        self.seconds.current.failed += count;
        if count > 0 {
            self.first_failure.get_or_insert_with(|| {
                format!("{count} arrivals were due and never sent, as all {connections} connections waited for answers")
            });
        }
    }

    /// Passes the report on when every reply was one that was expected.
    ///
    /// # Errors
    /// [`NotAsExpected`], which tells how many were not, and the first of them.
    pub fn checked(self) -> Result<Self> {
        let failed = self.failed();
        if failed == 0 {
            return Ok(self);
        }
        let asked = self.completed + self.lost + self.unsent;
        let first = self.first_failure.unwrap_or_else(|| "unknown".to_owned());
        Err(NotAsExpected { failed, asked, first, status: self.first_status }.into())
    }

    /// Replies that were not expected, those that never came, and arrivals that were never sent.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.unexpected + self.lost + self.unsent
    }

    /// Replies per second of wall time.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        self.completed as f64 / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// The latency that this share of the replies (0 to 1) did not exceed.
    #[must_use]
    pub fn latency_at(&self, quantile: f64) -> Duration {
        Duration::from_nanos(self.latency.value_at_quantile(quantile))
    }

    /// How late the generator itself sent, p99.
    #[must_use]
    pub fn lag_p99(&self) -> Duration {
        Duration::from_nanos(self.lag.value_at_quantile(0.99))
    }

    /// The most that [`Self::lag_p99`] may be for the latencies to be the server's: a millisecond, or a tenth of the
    /// measured p99.
    #[must_use]
    pub fn lag_max(&self) -> Duration {
        const LAG_MAX: Duration = Duration::from_millis(1);
        LAG_MAX.max(self.latency_at(0.99) / 10)
    }

    /// Whether the generator kept its schedule well enough for the latencies to be the server's.
    #[must_use]
    pub fn is_on_time(&self) -> bool {
        // Of what was never sent there is no lag: a smaller part of the time is enough to have kept it from being sent.
        let part = if self.unsent > 0 { 0.05 } else { 0.2 };
        self.lag_p99() <= self.lag_max() && self.kept_from <= self.planned.mul_f64(part)
    }
}

/// Answers that are not what was asked for, where each had to be.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {asked} requests were not answered as they must be; the first: {first}")]
pub struct NotAsExpected {
    failed: u64,
    asked: u64,
    first: String,
    /// The status of the first, where it was answered.
    pub status: Option<u16>,
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
        report.record_unexpected(503);
        report.name_failure(b"GET /seats?of=1 HTTP/1.1\r\n", || "503 OVERLOADED".to_owned());
        let message = report.checked().unwrap_err().to_string();
        assert!(message.contains("GET /seats: 503 OVERLOADED"), "{message}");
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

    #[test]
    fn a_generator_that_was_kept_from_its_work_does_not_blame_the_server_for_what_it_did_not_send() {
        let mut report = Report::new().unwrap();
        report.planned = Duration::from_secs(1);
        report.kept_from = Duration::from_millis(100);
        assert!(report.is_on_time());
        report.unsent(50, 2);
        assert!(!report.is_on_time());
    }

    #[test]
    fn what_begins_in_the_warm_up_is_not_measured() {
        let mut report = Report::new().unwrap();
        let started = Instant::now();
        report.begin(started, Duration::from_secs(1));
        assert!(!report.sent(started + Duration::from_millis(999), 10));
        assert!(report.sent(started + Duration::from_secs(1), 10));
        assert_eq!((report.sent, report.bytes_out), (1, 10));
    }
}
