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

/// Admissions per second, averaged over about ten seconds and about a minute. Written by one thread.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Thousandths of an admission per second.
    fast: AtomicU64,
    slow: AtomicU64,
    measured_at_ms: AtomicU64,
    measured_total: AtomicU64,
}

const MEASURE_EVERY_MS: u64 = 500;
const FAST_MS: u64 = 10_000;
const SLOW_MS: u64 = 60_000;

impl Pace {
    /// Takes note of all admissions so far. Without admissions nothing is learnt: a queue whose slots are all taken
    /// moves again when sessions end, so the pace fades only while the queue is looked at.
    pub(super) fn note(&self, total: u64, now: Time) {
        let at = self.measured_at_ms.load(Ordering::Relaxed);
        let elapsed = now.0.saturating_sub(at);
        if at != 0 && elapsed < MEASURE_EVERY_MS {
            return;
        }
        let admitted = total - self.measured_total.swap(total, Ordering::Relaxed);
        self.measured_at_ms.store(now.0, Ordering::Relaxed);
        if at == 0 {
            return;
        }
        let rate = admitted.saturating_mul(1_000_000) / elapsed;
        for (average, over) in [(&self.fast, FAST_MS), (&self.slow, SLOW_MS)] {
            let old = average.load(Ordering::Relaxed);
            let weight = elapsed.min(over);
            average.store((old * (over - weight) + rate * weight) / over, Ordering::Relaxed);
        }
    }

    pub(super) fn estimate(&self, position: u32, settings: &QueueSettings) -> Estimate {
        let position = u64::from(position);
        // If everybody inside stays to the end: the slowest that this queue can be while nobody stops it.
        let floor = (u64::from(settings.active_limit) * 1_000_000 / settings.session_ttl_ms).max(1);
        let ceiling = settings.admit_per_second.map_or(u64::MAX, |rate| u64::from(rate) * 1_000);
        let (fast, slow) = (self.fast.load(Ordering::Relaxed), self.slow.load(Ordering::Relaxed));
        let likely = fast.max(floor).min(ceiling);
        let worst = fast.min(slow).max(floor).min(ceiling);
        let seconds = |rate: u64| (position * 1_000).div_ceil(rate.max(1));
        Estimate { likely_seconds: seconds(likely), most_seconds: seconds(worst) }
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
        assert_eq!(before.likely_seconds, 37_500, "ten slots of ten minutes: 600 wait 60 sessions at most");
        for second in 1..=120 {
            pace.note(second * 100, Time(1_000_000 + second * 1_000));
        }
        let after = pace.estimate(600, &settings);
        assert!((6..=7).contains(&after.likely_seconds), "{after:?}");
        assert!(after.most_seconds >= after.likely_seconds && after.most_seconds < 12, "{after:?}");
    }

    #[test]
    fn a_rate_limit_bounds_what_is_promised() {
        let settings = QueueSettings { admit_per_second: Some(5), ..QueueSettings::default() };
        assert!(Pace::default().estimate(100, &settings).likely_seconds >= 20);
    }
}
