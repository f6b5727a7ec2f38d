//! The pace of journal entries.

use std::time::Duration;

/// Paces the journal where a sync costs more than time: a volume that is billed or limited by its operations, a disk that
/// wears. A lone command goes out at once; it is the one behind it that waits.
#[derive(Debug)]
pub struct Interval {
    length: Duration,
    /// When the last entry was to begin.
    last: Option<Duration>,
}

impl Interval {
    pub fn new(length: Duration) -> Self {
        Self { length, last: None }
    }

    /// How long the next entry has to wait.
    pub fn left(&self, now: Duration) -> Duration {
        self.last.map_or(Duration::ZERO, |last| (last + self.length).saturating_sub(now))
    }

    /// An entry begins. One that is a little late does not delay those behind it, so that the pace is kept.
    pub fn begin(&mut self, now: Duration) {
        let due = self.last.map(|last| last + self.length);
        self.last = Some(due.filter(|&due| now.saturating_sub(due) < self.length).unwrap_or(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn the_first_goes_at_once_and_the_next_waits() {
        let start = Duration::from_secs(7);
        let mut interval = Interval::new(4 * MS);
        assert_eq!(interval.left(start), Duration::ZERO);
        interval.begin(start);
        assert_eq!(interval.left(start + MS), 3 * MS);
        assert_eq!(interval.left(start + 9 * MS), Duration::ZERO);
    }

    #[test]
    fn a_late_one_does_not_slow_the_pace_and_an_idle_time_is_not_made_up_for() {
        let start = Duration::from_secs(7);
        let mut interval = Interval::new(4 * MS);
        interval.begin(start);
        interval.begin(start + 5 * MS);
        assert_eq!(interval.left(start + 5 * MS), 3 * MS);
        interval.begin(start + 50 * MS);
        assert_eq!(interval.left(start + 50 * MS), 4 * MS);
    }

    #[test]
    fn none_at_all_never_waits() {
        let mut interval = Interval::new(Duration::ZERO);
        let now = Duration::from_secs(7);
        interval.begin(now);
        assert_eq!(interval.left(now), Duration::ZERO);
    }
}
