//! Time that the hypervisor gave to others: it makes a generator late that is not busy, and a server slow.

use std::fs;
use std::time::Instant;

/// The length of a tick of `/proc/stat`, see `proc_stat(5)`: USER_HZ is 100 on every architecture that we run on.
pub(crate) const TICKS_PER_SECOND: f64 = 100.0;

/// Over less than this a tick says nothing.
pub(crate) const SECONDS_MIN: f64 = 0.1;

/// A moment from which it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stolen {
    since: Instant,
    ticks: Option<u64>,
}

impl Stolen {
    pub(crate) fn begin() -> Self {
        Self { since: Instant::now(), ticks: ticks(&fs::read_to_string("/proc/stat").unwrap_or_default()) }
    }

    /// Of all cores together, in cores; `None` where the kernel does not tell.
    pub(crate) fn cores(&self) -> Option<f64> {
        self.cores_until(&Self::begin())
    }

    /// [`Self::cores`] from this moment to a later one; `None` too where they are too close for the kernel's ticks.
    pub(crate) fn cores_until(&self, now: &Self) -> Option<f64> {
        let ticks = now.ticks?.saturating_sub(self.ticks?) as f64;
        let seconds = now.since.saturating_duration_since(self.since).as_secs_f64();
        (seconds >= SECONDS_MIN).then(|| ticks / TICKS_PER_SECOND / seconds)
    }
}

fn ticks(stat: &str) -> Option<u64> {
    // cpu user nice system idle iowait irq softirq steal guest guest_nice
    stat.lines().next()?.split_whitespace().nth(8)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eighth_figure_counts() {
        assert_eq!(ticks("cpu  1 2 3 4 5 6 7 88 9 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n"), Some(88));
        assert_eq!(ticks("cpu 1 2 3\n"), None);
    }
}
