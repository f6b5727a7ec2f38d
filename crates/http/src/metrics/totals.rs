//! What was counted so far, for who looks at differences.

use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;

use super::Metrics;
use super::histogram::{self, BUCKETS};
use super::outcome::Outcome;
use crate::problem::Code;

/// The requests to one route since the start.
#[derive(Clone, Debug)]
pub(crate) struct RouteTotals {
    outcomes: [u64; Outcome::SLOTS],
    buckets: [u64; BUCKETS],
}

impl RouteTotals {
    const NONE: Self = Self { outcomes: [0; Outcome::SLOTS], buckets: [0; BUCKETS] };

    /// What came after `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut since = self.clone();
        for (count, before) in since.outcomes.iter_mut().zip(earlier.outcomes) {
            *count = count.saturating_sub(before);
        }
        for (count, before) in since.buckets.iter_mut().zip(earlier.buckets) {
            *count = count.saturating_sub(before);
        }
        since
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (count, more) in self.outcomes.iter_mut().zip(other.outcomes) {
            *count += more;
        }
        for (count, more) in self.buckets.iter_mut().zip(other.buckets) {
            *count += more;
        }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// How many were refused with this code.
    pub(crate) fn refused(&self, code: Code) -> u64 {
        self.outcomes[Outcome::Problem(code).slot()]
    }

    /// Upper bounds in milliseconds, and counts.
    pub(crate) fn latencies_ms(&self) -> Vec<(f64, u64)> {
        self.buckets.iter().enumerate().map(|(i, &count)| (histogram::bound_s(i) * 1e3, count)).collect()
    }
}

impl Default for RouteTotals {
    fn default() -> Self {
        Self::NONE
    }
}

impl Metrics {
    /// Of every route, in the order in which [`Metrics::new`] was given them.
    pub(crate) fn totals(&self) -> Vec<(&'static str, RouteTotals)> {
        let threads = self.requests.threads.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let total = |(index, &route): (usize, &&'static str)| {
            let mut total = RouteTotals::NONE;
            for counts in &threads {
                let counts = &counts.routes[index];
                for (sum, count) in total.outcomes.iter_mut().zip(&counts.outcomes) {
                    *sum += count.load(Relaxed);
                }
                for (sum, count) in total.buckets.iter_mut().zip(&counts.buckets) {
                    *sum += count.load(Relaxed);
                }
            }
            (route, total)
        };
        self.requests.routes.iter().enumerate().map(total).collect()
    }
}
