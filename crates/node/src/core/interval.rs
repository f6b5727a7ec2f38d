//! The pace of journal entries.

use std::time::Duration;

/// What may hold an entry back.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Never two entries in less: for a volume that is billed or limited by its operations, a disk that wears.
    pub least: Duration,
    /// The same behind an entry of a crowd: a commit costs the core the same whatever is in it, and where many write, those
    /// that come together in this time make one of what would have been several.
    pub in_a_crowd: Duration,
    /// From how many commands on an entry is one of a crowd.
    pub crowd: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { least: Duration::ZERO, in_a_crowd: Duration::from_millis(3), crowd: 8 }
    }
}

/// Paces the entries. A lone command goes out at once; it is the one behind it that waits.
#[derive(Debug)]
pub struct Interval {
    pace: Pace,
    /// When the last entry was to begin, and the time from it to the next.
    last: Option<(Duration, Duration)>,
}

impl Interval {
    pub fn new(pace: Pace) -> Self {
        Self { pace, last: None }
    }

    /// How long the next entry has to wait.
    pub fn left(&self, now: Duration) -> Duration {
        self.last.map_or(Duration::ZERO, |(last, length)| (last + length).saturating_sub(now))
    }

    /// An entry of so many commands begins. One that is a little late does not delay those behind it, so that the pace is kept.
    pub fn begin(&mut self, now: Duration, commands: usize) {
        let due = self.last.map(|(last, length)| (last + length, length));
        let from = due.filter(|&(due, length)| now.saturating_sub(due) < length).map_or(now, |(due, _)| due);
        let Pace { least, in_a_crowd, crowd } = self.pace;
        self.last = Some((from, if commands < crowd { least } else { least.max(in_a_crowd) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn strict(least: Duration) -> Interval {
        Interval::new(Pace { least, ..Pace::default() })
    }

    #[test]
    fn the_first_goes_at_once_and_the_next_waits() {
        let start = Duration::from_secs(7);
        let mut interval = strict(4 * MS);
        assert_eq!(interval.left(start), Duration::ZERO);
        interval.begin(start, 1);
        assert_eq!(interval.left(start + MS), 3 * MS);
        assert_eq!(interval.left(start + 9 * MS), Duration::ZERO);
    }

    #[test]
    fn a_late_one_does_not_slow_the_pace_and_an_idle_time_is_not_made_up_for() {
        let start = Duration::from_secs(7);
        let mut interval = strict(4 * MS);
        interval.begin(start, 1);
        interval.begin(start + 5 * MS, 1);
        assert_eq!(interval.left(start + 5 * MS), 3 * MS);
        interval.begin(start + 50 * MS, 1);
        assert_eq!(interval.left(start + 50 * MS), 4 * MS);
    }

    #[test]
    fn none_at_all_never_waits() {
        let mut interval = strict(Duration::ZERO);
        let now = Duration::from_secs(7);
        interval.begin(now, 1);
        assert_eq!(interval.left(now), Duration::ZERO);
    }

    #[test]
    fn behind_an_entry_of_many_the_next_waits_for_company_and_behind_one_of_few_it_does_not() {
        let Pace { in_a_crowd, crowd, .. } = Pace::default();
        let mut interval = strict(Duration::ZERO);
        let start = Duration::from_secs(7);
        interval.begin(start, crowd);
        assert_eq!(interval.left(start), in_a_crowd);
        assert_eq!(interval.left(start + in_a_crowd), Duration::ZERO);
        interval.begin(start + in_a_crowd, crowd - 1);
        assert_eq!(interval.left(start + in_a_crowd), Duration::ZERO);
        let mut interval = strict(4 * MS);
        interval.begin(start, crowd);
        assert_eq!(interval.left(start), 4 * MS, "never less than was asked for");
    }
}
