//! Standing by while another node projects.

use std::time::{Duration, Instant};

/// After so long without a change in the tables, one that stands by takes over.
const TAKE_OVER: Duration = Duration::from_millis(1_500);
/// Or where the one that projects is so far behind, however it moves: it would have the appliers of all wait.
const LATE: Duration = Duration::from_secs(10);
const LATE_ROWS: u64 = 100_000;
/// But not sooner after it has stepped back itself, lest two that are slow take turns.
const LATE_PAUSE: Duration = Duration::from_secs(4);

/// Since when this node stands by, and since when the tables have not changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standby {
    pub(super) since: Instant,
    pub(super) moved: Instant,
}

impl Standby {
    pub(super) fn begin() -> Self {
        let now = Instant::now();
        Self { since: now, moved: now }
    }

    /// Whether this node goes on in place of the one that projects: `age` and `rows` are of what waits here.
    pub(super) fn is_over(&self, now: Instant, age: Duration, rows: u64, jitter: f64) -> bool {
        let past = |since: Instant, time: Duration| now.saturating_duration_since(since) > time.mul_f64(jitter);
        past(self.moved, TAKE_OVER) || past(self.since, LATE_PAUSE) && (age > LATE || rows > LATE_ROWS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_stops_and_one_that_is_slow_are_relieved() {
        let now = Instant::now() + Duration::from_secs(60);
        let check = |since_s: u64, moved_ms: u64, age_s: u64, rows, expected| {
            let [since, moved] = [since_s * 1_000, moved_ms].map(|ms| now - Duration::from_millis(ms));
            let standby = Standby { since, moved };
            assert_eq!(
                standby.is_over(now, Duration::from_secs(age_s), rows, 1.0),
                expected,
                "{standby:?} {age_s} {rows}"
            );
        };
        check(50, 100, 1, 10, false);
        check(50, 1_600, 2, 10, true);
        // It moves, and never enough.
        check(50, 100, 11, 10, true);
        check(50, 100, 1, 100_001, true);
        check(3, 100, 11, 100_001, false);
    }
}
