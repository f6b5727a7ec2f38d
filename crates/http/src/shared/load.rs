//! How busy this node is, and how much later those who wait are told to ask again because of it.
//!
//! When a hall sells out, most requests are polls of people whose turn is far. On a processor that is full these take the time of
//! those who are inside, whose slots are then free later: everybody waits longer so that many may ask more often.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A node is busy that uses more than this share of the processor time that it can have,
const BUSY: f64 = 0.7;
/// and has time to spare below this one. Between them nothing changes.
const AT_EASE: f64 = 0.5;
/// Of a shorter time than this nothing is said: a node that starts uses all that it can have for some milliseconds.
const LOOK_MIN: Duration = Duration::from_millis(100);
/// Stretches are counted in parts of this.
const UNIT: u32 = 1_024;
/// As rarely as that at most: a page that tells nothing new for longer looks dead.
const STRETCH_MAX: u32 = UNIT * 3;
/// A busy second adds this: four of them reach the most,
const STEP_UP: u32 = UNIT / 2;
/// and one at ease takes this away. Polls that come later make a node less busy, which must not at once bring them back.
const STEP_DOWN: u32 = UNIT / 16;

/// Looked at once a second.
#[derive(Debug)]
pub(crate) struct Load {
    seen: Mutex<(Instant, Duration)>,
    stretch: AtomicU32,
}

/// What a time until the next poll is multiplied by: from 1 to 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch(u32);

impl Stretch {
    /// Nothing is stretched.
    pub(crate) const NONE: Self = Self(UNIT);
    /// As much as a node can be busy.
    pub(crate) const MOST: Self = Self(STRETCH_MAX);

    pub(crate) fn of_ms(self, ms: u64) -> u64 {
        ms * u64::from(self.0) / u64::from(UNIT)
    }

    pub(crate) fn ratio(self) -> f64 {
        f64::from(self.0) / f64::from(UNIT)
    }

    fn after(self, busy: f64) -> Self {
        Self(if busy > BUSY {
            (self.0 + STEP_UP).min(Self::MOST.0)
        } else if busy < AT_EASE {
            (self.0 - STEP_DOWN).max(Self::NONE.0)
        } else {
            self.0
        })
    }
}

impl Default for Load {
    fn default() -> Self {
        Self { seen: Mutex::new((Instant::now(), cpu_time())), stretch: AtomicU32::new(Stretch::NONE.0) }
    }
}

impl Load {
    /// Looks at what was used since the last time.
    pub(crate) fn note(&self) {
        self.look(Instant::now(), cpu_time());
    }

    fn look(&self, now: Instant, used: Duration) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let wall = now.duration_since(seen.0);
        if wall < LOOK_MIN {
            // The next look is at this time as well.
            return;
        }
        let before = std::mem::replace(&mut *seen, (now, used)).1;
        drop(seen);
        let cores = available_parallelism().map_or(1.0, |cores| cores.get() as f64);
        let busy = used.saturating_sub(before).as_secs_f64() / (wall.as_secs_f64() * cores);
        self.stretch.store(self.stretch().after(busy).0, Ordering::Relaxed);
    }

    pub(crate) fn stretch(&self) -> Stretch {
        Stretch(self.stretch.load(Ordering::Relaxed))
    }
}

/// What the process has used so far, user and system.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(stretch: Stretch, busy: f64, seconds: usize) -> Stretch {
        (0..seconds).fold(stretch, |stretch, _| stretch.after(busy))
    }

    #[test]
    fn busy_seconds_stretch_to_three_times_and_no_further() {
        let busy = after(Stretch::NONE, 0.8, 4);
        assert_eq!((busy.of_ms(20_000), busy.ratio()), (60_000, 3.0));
        assert_eq!(after(busy, 3.0, 100), busy);
    }

    #[test]
    fn a_start_is_no_busy_second() {
        let (began, used) = (Instant::now(), Duration::from_secs(1));
        let load = Load { seen: Mutex::new((began, used)), ..Load::default() };
        let look = |after_ms, busy_ms: u64| {
            let cores = available_parallelism().expect("a number").get() as u64;
            load.look(began + Duration::from_millis(after_ms), used + Duration::from_millis(busy_ms * cores));
            load.stretch()
        };
        assert_eq!(look(5, 5), Stretch::NONE, "a few milliseconds of all cores");
        assert_eq!(look(600, 20), Stretch::NONE, "most of which were idle");
        assert_ne!(look(1_600, 1_020), Stretch::NONE, "a second of all cores");
    }

    #[test]
    fn a_node_that_is_neither_busy_nor_at_ease_stays_as_it_is() {
        let some = after(Stretch::NONE, 0.9, 2);
        assert_eq!(after(some, 0.6, 100), some);
    }

    #[test]
    fn time_to_spare_brings_polls_back_slowly_and_never_before_their_time() {
        let busy = after(Stretch::NONE, 1.0, 4);
        assert!(after(busy, 0.1, 16).of_ms(20_000) >= 40_000, "not at once");
        assert_eq!(after(busy, 0.1, 1_000), Stretch::NONE);
    }
}
