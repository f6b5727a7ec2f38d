//! Rounds of load against one server, and the CPU time they took from it.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::load::{self, Pace, Plan, Report, Source};
use crate::process::Subject;

/// One round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) completed: u64,
    pub(crate) wall: Duration,
    /// Of the server, until the work behind the replies was done.
    pub(crate) cpu: Duration,
}

impl Round {
    /// Requests per second of the server's CPU time.
    pub(crate) fn per_cpu_second(&self) -> f64 {
        per(self.completed, self.cpu)
    }

    /// Requests per second of wall time.
    pub(crate) fn per_second(&self) -> f64 {
        per(self.completed, self.wall)
    }

    /// How many cores the server used, on average. Well below the cores it has, the generator was the limit.
    pub(crate) fn cores_busy(&self) -> f64 {
        self.cpu.as_secs_f64() / self.wall.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

fn per(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// A round at full speed over keep-alive connections.
///
/// # Errors
/// When a reply is not the one expected, nothing was completed, or a server is gone.
pub(crate) fn closed(
    subject: &dyn Subject,
    connections: usize,
    limit: Duration,
    source: &mut dyn Source,
) -> Result<Round> {
    let plan = Plan { is_sleepless: true, ..Plan::new(subject.server().address(), connections, Pace::Closed, limit) };
    let (report, cpu) = with_cpu(subject, || load::run(&plan, source)?.checked())?;
    if report.completed == 0 {
        bail!("no request was made");
    }
    Ok(Round { completed: report.completed, wall: report.elapsed, cpu })
}

/// A round at a fixed rate, for its latencies.
///
/// # Errors
/// As `closed`.
pub(crate) fn open(
    subject: &dyn Subject,
    connections: usize,
    per_second: f64,
    limit: Duration,
    source: &mut dyn Source,
) -> Result<Report> {
    let pace = Pace::Open { per_second };
    let plan = Plan { is_sleepless: true, ..Plan::new(subject.server().address(), connections, pace, limit) };
    let report = load::run(&plan, source)?.checked()?;
    subject.settle()?;
    Ok(report)
}

/// What `work` returns, and the CPU time that the server spent on it, to the end.
///
/// # Errors
/// Those of `work`, or when the server is gone or does not come to the end.
pub(crate) fn with_cpu<T>(subject: &dyn Subject, work: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
    subject.settle()?;
    let before = subject.server().cpu()?;
    let result = work()?;
    subject.settle()?;
    Ok((result, subject.server().cpu()?.saturating_sub(before)))
}

/// Runs `source` to its end as fast as the server takes it: for setting a state up.
///
/// # Errors
/// As `closed`, and when it has not ended after ten minutes.
pub(crate) fn complete(subject: &dyn Subject, source: &mut dyn Source) -> Result<()> {
    const CONNECTIONS: usize = 256;
    const LIMIT: Duration = Duration::from_secs(600);
    let plan = Plan::new(subject.server().address(), CONNECTIONS, Pace::Closed, LIMIT);
    let report = load::run(&plan, source)?.checked()?;
    if report.elapsed >= LIMIT {
        bail!("setting up took more than {} s", LIMIT.as_secs());
    }
    subject.settle()
}

/// The median, the least and the greatest of some figures.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// # Panics
    /// When there are no figures.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        } else {
            sorted[middle]
        };
        Self { median, min: sorted[0], max: sorted[sorted.len() - 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_even_and_odd_counts() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), Spread { median: 2.0, min: 1.0, max: 3.0 });
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 3.0]), Spread { median: 2.5, min: 1.0, max: 4.0 });
    }

    #[test]
    fn a_round_counts_by_cpu_time_and_by_wall_time() {
        let round = Round { completed: 1_000, wall: Duration::from_secs(2), cpu: Duration::from_millis(500) };
        assert!((round.per_cpu_second() - 2_000.0).abs() < 1e-9);
        assert!((round.per_second() - 500.0).abs() < 1e-9);
        assert!((round.cores_busy() - 0.25).abs() < 1e-9);
    }
}
