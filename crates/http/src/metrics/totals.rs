//! What was counted so far, for who looks at differences.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;

use serde::{Deserialize, Serialize};

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

/// [`RouteTotals`] as they are told to other nodes: what is 0 is left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RouteCounts {
    /// By `status code`.
    outcomes: BTreeMap<String, u64>,
    /// By upper bound in nanoseconds; the last bucket has none.
    latencies: BTreeMap<u64, u64>,
}

/// How a bucket is called where its number may mean another one.
fn bound_ns(bucket: usize) -> u64 {
    if bucket + 1 == BUCKETS { u64::MAX } else { (histogram::bound_s(bucket) * 1e9) as u64 }
}

fn outcome(slot: usize) -> String {
    let (status, code) = Outcome::labels(slot);
    format!("{status} {code}")
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

    pub(crate) fn counts(&self) -> RouteCounts {
        let some = |counts: &[u64]| {
            counts.iter().copied().enumerate().filter(|&(_, count)| count > 0).collect::<Vec<_>>().into_iter()
        };
        RouteCounts {
            outcomes: some(&self.outcomes).map(|(slot, count)| (outcome(slot), count)).collect(),
            latencies: some(&self.buckets).map(|(bucket, count)| (bound_ns(bucket), count)).collect(),
        }
    }

    /// What another node has counted. What this version does not know is not counted.
    pub(crate) fn of(counts: &RouteCounts) -> Self {
        let mut totals = Self::NONE;
        for (slot, count) in totals.outcomes.iter_mut().enumerate() {
            *count = counts.outcomes.get(&outcome(slot)).copied().unwrap_or(0);
        }
        for (bucket, count) in totals.buckets.iter_mut().enumerate() {
            *count = counts.latencies.get(&bound_ns(bucket)).copied().unwrap_or(0);
        }
        totals
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_understood() {
        let mut totals = RouteTotals::NONE;
        for (slot, count) in totals.outcomes.iter_mut().enumerate() {
            *count = slot as u64 % 3;
        }
        for (bucket, count) in totals.buckets.iter_mut().enumerate() {
            *count = bucket as u64 % 4;
        }
        let told = serde_json::to_string(&totals.counts()).expect("it can be written");
        let understood = RouteTotals::of(&serde_json::from_str(&told).expect("it can be read"));
        assert_eq!((understood.outcomes, understood.buckets), (totals.outcomes, totals.buckets));
    }
}
