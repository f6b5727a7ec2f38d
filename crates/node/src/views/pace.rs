//! How fast a queue moves, and so how long somebody waits.

use std::sync::atomic::{AtomicU64, Ordering};

use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;

/// A wait in whole seconds: as things go, and when they go badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    pub likely_seconds: u64,
    pub most_seconds: u64,
}

/// Places that become free per second, averaged over about ten seconds and about a minute. Written by one thread.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Thousandths of a place per second.
    fast: AtomicU64,
    slow: AtomicU64,
    measured_at_ms: AtomicU64,
    measured_total: AtomicU64,
}

const MEASURE_EVERY_MS: u64 = 500;
const FAST_MS: u64 = 10_000;
const SLOW_MS: u64 = 60_000;

impl Pace {
    /// Takes note of all places that became free so far. Called after each batch, whether or not one did: so the pace of
    /// a queue that stands still fades, as while anybody waits there are several batches in each `waiting_ttl`.
    pub(super) fn note(&self, total: u64, now: Time) {
        let at = self.measured_at_ms.load(Ordering::Relaxed);
        let elapsed = now.0.saturating_sub(at);
        if at != 0 && elapsed < MEASURE_EVERY_MS {
            return;
        }
        let freed = total.saturating_sub(self.measured_total.swap(total, Ordering::Relaxed));
        self.measured_at_ms.store(now.0, Ordering::Relaxed);
        if at == 0 {
            return;
        }
        let rate = freed.saturating_mul(1_000_000) / elapsed;
        for (average, over) in [(&self.fast, FAST_MS), (&self.slow, SLOW_MS)] {
            let old = average.load(Ordering::Relaxed);
            let weight = elapsed.min(over);
            average.store((old * (over - weight) + rate * weight) / over, Ordering::Relaxed);
        }
    }

    pub(super) fn estimate(&self, position: u32, settings: &QueueSettings) -> Estimate {
        let position = u64::from(position);
        let limit = u64::from(settings.active_limit);
        // Whoever is inside may stay to the end of the session, and all of them may have come at once.
        let full_sessions = (position.div_ceil(limit) * settings.session_ttl_ms).div_ceil(1_000);
        let steady = (position * settings.session_ttl_ms).div_ceil(limit * 1_000);
        let fastest = settings.admit_per_second.map_or(0, |rate| position.div_ceil(u64::from(rate)));
        let at = |pace: u64| if pace == 0 { u64::MAX } else { (position * 1_000).div_ceil(pace) };
        let (fast, slow) = (at(self.fast.load(Ordering::Relaxed)), at(self.slow.load(Ordering::Relaxed)));
        let likely = fast.min(steady).max(fastest);
        Estimate { likely_seconds: likely, most_seconds: fast.max(slow).min(full_sessions).max(likely) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_pace_is_found_and_the_range_holds_it() {
        let pace = Pace::default();
        let settings = QueueSettings { active_limit: 10, session_ttl_ms: 600_000, ..QueueSettings::default() };
        let before = pace.estimate(600, &settings);
        assert_eq!(before.likely_seconds, 36_000, "ten slots of ten minutes: 600 wait 60 sessions at most");
        assert_eq!(pace.estimate(1, &settings), Estimate { likely_seconds: 60, most_seconds: 600 });
        for second in 1..=120 {
            pace.note(second * 100, Time(1_000_000 + second * 1_000));
        }
        let after = pace.estimate(600, &settings);
        assert!((6..=7).contains(&after.likely_seconds), "{after:?}");
        assert!(after.most_seconds >= after.likely_seconds && after.most_seconds < 12, "{after:?}");
    }

    #[test]
    fn the_pace_of_a_queue_that_stands_still_fades() {
        let pace = Pace::default();
        let settings = QueueSettings { active_limit: 10, session_ttl_ms: 600_000, ..QueueSettings::default() };
        for second in 0..=60 {
            pace.note(second * 100, Time(1_000_000 + second * 1_000));
        }
        assert!(pace.estimate(600, &settings).likely_seconds < 12);
        for second in [72, 84] {
            pace.note(6_000, Time(1_000_000 + second * 1_000));
        }
        assert_eq!(pace.estimate(600, &settings).likely_seconds, 36_000, "only the slots' own time is left");
    }

    #[test]
    fn a_rate_limit_bounds_what_is_promised() {
        let settings = QueueSettings { admit_per_second: Some(5), ..QueueSettings::default() };
        assert!(Pace::default().estimate(100, &settings).likely_seconds >= 20);
    }
}
