use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The journal's time. It starts at the last entry's time or the wall clock's, whichever is later, and then advances with
/// the monotonic clock: stepping the wall clock neither stalls it nor turns it back.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    base_ms: u64,
    started: Instant,
}

impl Clock {
    /// Starts a clock that never shows a time before `last_ms`.
    pub fn starting_at(last_ms: u64) -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self { base_ms: last_ms.max(whole_ms(wall)), started: Instant::now() }
    }

    /// A clock that shows `now_ms` now: for an engine whose storage has the time.
    pub(crate) fn showing(now_ms: u64) -> Self {
        Self { base_ms: now_ms, started: Instant::now() }
    }

    /// The time now, in milliseconds since 1970 in UTC.
    pub fn now_ms(&self) -> u64 {
        self.base_ms.saturating_add(whole_ms(self.started.elapsed()))
    }
}

/// A duration that has more milliseconds than fit lies half a billion years ahead.
fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_that_is_behind_the_last_entry_is_not_followed() {
        let ahead_ms = Clock::starting_at(0).now_ms() + 86_400_000;
        let clock = Clock::starting_at(ahead_ms);
        assert!((ahead_ms..ahead_ms + 3_600_000).contains(&clock.now_ms()));
    }

    #[test]
    fn a_wall_clock_that_is_ahead_is_followed() {
        assert!(Clock::starting_at(1).now_ms() > 1_700_000_000_000);
    }

    #[test]
    fn it_advances_with_the_monotonic_clock() {
        let started = Instant::now().checked_sub(Duration::from_secs(5)).expect("the machine has been up for a while");
        assert!(Clock { base_ms: 1_000, started }.now_ms() >= 6_000);
    }
}
