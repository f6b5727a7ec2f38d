//! Standing by while another node projects.

use std::time::Duration;

/// When one that stands by goes on in place of the one that projects. Values that may be drawn for a test.
#[derive(Clone, Copy, Debug)]
pub struct Knobs {
    /// After so long without a change in the tables.
    pub take_over: Duration,
    /// Or where the one that projects is so far behind, however it moves: it would have the appliers of all wait.
    pub late: Duration,
    pub late_rows: u64,
    /// But not sooner after it has stepped back itself, lest two that are slow take turns.
    pub late_pause: Duration,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            take_over: Duration::from_millis(1_500),
            late: Duration::from_secs(10),
            late_rows: 100_000,
            late_pause: Duration::from_secs(4),
        }
    }
}

/// Since when this node stands by, and since when the tables have not changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standby {
    pub(super) since: Duration,
    pub(super) moved: Duration,
}

impl Standby {
    pub(super) fn begin(now: Duration) -> Self {
        Self { since: now, moved: now }
    }

    /// Whether this node goes on in place of the one that projects: `age` and `rows` are of what waits here.
    pub(super) fn is_over(&self, knobs: &Knobs, now: Duration, age: Duration, rows: u64, jitter: f64) -> bool {
        let past = |since: Duration, time: Duration| now.saturating_sub(since) > time.mul_f64(jitter);
        past(self.moved, knobs.take_over)
            || past(self.since, knobs.late_pause) && (age > knobs.late || rows > knobs.late_rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_stops_and_one_that_is_slow_are_relieved() {
        let now = Duration::from_secs(60);
        let check = |since_s: u64, moved_ms: u64, age_s: u64, rows, expected| {
            let [since, moved] = [since_s * 1_000, moved_ms].map(|ms| now - Duration::from_millis(ms));
            let standby = Standby { since, moved };
            assert_eq!(
                standby.is_over(&Knobs::default(), now, Duration::from_secs(age_s), rows, 1.0),
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
