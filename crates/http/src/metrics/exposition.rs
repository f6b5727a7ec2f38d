//! The counts of all threads, as metrics.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Unit;

use super::histogram::{self, BUCKETS};
use super::outcome::Outcome;
use super::recorder::{Counts, Recorder, RouteCounters};

/// Requests by route.
pub(super) struct Requests {
    pub(super) routes: &'static [&'static str],
    pub(super) threads: Mutex<Vec<Arc<Counts>>>,
}

impl Requests {
    pub(super) fn new(routes: &'static [&'static str]) -> Self {
        Self { routes, threads: Mutex::default() }
    }

    pub(super) fn recorder(&self) -> Recorder {
        let counts = Arc::new(Counts::new(self.routes.len()));
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(counts.clone());
        Recorder { counts }
    }

    fn encode_outcomes(&self, encoder: &mut DescriptorEncoder<'_>, threads: &[Arc<Counts>]) -> fmt::Result {
        let help = "Requests answered, by route, HTTP status and code";
        let mut family = encoder.encode_descriptor("http_requests", help, None, MetricType::Counter)?;
        for (index, route) in self.routes.iter().enumerate() {
            for slot in 0..Outcome::SLOTS {
                let count = sum(threads, index, |counts| &counts.outcomes[slot]);
                if count == 0 {
                    continue;
                }
                let (status, code) = Outcome::labels(slot);
                let labels = [("route", *route), ("status", status.as_str()), ("code", code)];
                let none: Option<&Exemplar<NoLabelSet, f64>> = None;
                family.encode_family(&labels)?.encode_counter(&count, none)?;
            }
        }
        Ok(())
    }

    fn encode_durations(&self, encoder: &mut DescriptorEncoder<'_>, threads: &[Arc<Counts>]) -> fmt::Result {
        let help = "Time from a request's head to its response, by route";
        let (name, unit) = ("http_request_duration", Unit::Seconds);
        let mut family = encoder.encode_descriptor(name, help, Some(&unit), MetricType::Histogram)?;
        for (index, route) in self.routes.iter().enumerate() {
            let buckets: Vec<_> = (0..BUCKETS)
                .map(|bucket| (histogram::bound_s(bucket), sum(threads, index, |counts| &counts.buckets[bucket])))
                .collect();
            let count = buckets.iter().map(|(_, count)| count).sum();
            if count > 0 {
                let elapsed_s = sum(threads, index, |counts| &counts.elapsed_ns) as f64 / 1e9;
                let labels = [("route", *route)];
                family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(elapsed_s, count, &buckets, None)?;
            }
        }
        Ok(())
    }
}

fn sum(threads: &[Arc<Counts>], route: usize, counter: impl Fn(&RouteCounters) -> &AtomicU64) -> u64 {
    threads.iter().map(|counts| counter(&counts.routes[route]).load(Relaxed)).fold(0, u64::wrapping_add)
}

impl Collector for Requests {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.encode_outcomes(&mut encoder, &threads)?;
        self.encode_durations(&mut encoder, &threads)
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").field("routes", &self.routes).finish_non_exhaustive()
    }
}
