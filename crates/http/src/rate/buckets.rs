//! A bucket for each of very many, in a table of one size.
//!
//! A bucket is a moment: when it will be full again. One that is full is as good as none, so most who ask leave nothing behind.
//! Where a set of the table has no room, the bucket that is fullest gives way: a crowd of strangers makes nobody forgotten who
//! asks too much.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Figures, Rate};

/// Of those who write: together 131,072 buckets, in 2.3 MB.
pub(super) const SETS: usize = 16_384;
const BUCKETS_PER_SET: usize = 8;

const MINUTE_NS: u64 = 60_000_000_000;

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    key: u64,
    /// In nanoseconds of the owner's clock.
    full_at_ns: u64,
}

type Set = [Bucket; BUCKETS_PER_SET];

#[derive(Debug)]
pub(super) struct Buckets {
    sets: Box<[Mutex<Set>]>,
    /// Of chance: nobody can choose keys that share a set.
    hasher: RandomState,
    /// How long a bucket takes for one request to come in.
    interval_ns: u64,
    /// How long one that is empty takes to be full.
    filling_ns: u64,
    refused: AtomicU64,
    forgotten: AtomicU64,
}

impl Buckets {
    /// In this many sets.
    pub(super) fn new(rate: Rate, sets: usize) -> Self {
        let interval_ns = MINUTE_NS / u64::from(rate.per_minute.max(1));
        Self {
            sets: (0..sets).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            interval_ns,
            filling_ns: interval_ns.saturating_mul(u64::from(rate.burst.max(1))),
            refused: AtomicU64::new(0),
            forgotten: AtomicU64::new(0),
        }
    }

    /// Takes one out of the bucket of `who`, or says how long it takes until there is one.
    pub(super) fn take(&self, who: &impl Hash, now: Duration) -> Result<(), Duration> {
        let (key, now_ns) = (self.hasher.hash_one(who), ns(now));
        let mut set = self.set(key);
        let bucket = self.own(&mut set, key, now_ns);
        let full_at_ns = bucket.full_at_ns.saturating_add(self.interval_ns);
        let early_ns = full_at_ns.saturating_sub(now_ns.saturating_add(self.filling_ns));
        if early_ns > 0 {
            self.refused.fetch_add(1, Relaxed);
            return Err(Duration::from_nanos(early_ns));
        }
        bucket.full_at_ns = full_at_ns;
        Ok(())
    }

    /// Whether there is one to be taken, or how long it takes until there is. Nothing is counted.
    pub(super) fn look(&self, who: &impl Hash, now: Duration) -> Result<(), Duration> {
        let (key, now_ns) = (self.hasher.hash_one(who), ns(now));
        let set = self.set(key);
        let own = set.iter().find(|bucket| bucket.key == key && bucket.full_at_ns > now_ns);
        let full_at_ns = own.map_or(now_ns, |own| own.full_at_ns).saturating_add(self.interval_ns);
        match full_at_ns.saturating_sub(now_ns.saturating_add(self.filling_ns)) {
            0 => Ok(()),
            early_ns => {
                self.refused.fetch_add(1, Relaxed);
                Err(Duration::from_nanos(early_ns))
            }
        }
    }

    /// Takes one whether or not there is one: of many that came at the same moment, each was looked at before any was counted. A
    /// bucket owes no more than it holds.
    pub(super) fn owe(&self, who: &impl Hash, now: Duration) {
        let (key, now_ns) = (self.hasher.hash_one(who), ns(now));
        let mut set = self.set(key);
        let bucket = self.own(&mut set, key, now_ns);
        let most_ns = now_ns.saturating_add(self.filling_ns.saturating_mul(2));
        bucket.full_at_ns = bucket.full_at_ns.saturating_add(self.interval_ns).min(most_ns);
    }

    fn own<'a>(&self, set: &'a mut Set, key: u64, now_ns: u64) -> &'a mut Bucket {
        let is_own = |bucket: &Bucket| bucket.key == key && bucket.full_at_ns > now_ns;
        let place = set.iter().position(is_own).unwrap_or_else(|| {
            let fullest = (0..set.len()).min_by_key(|&place| set[place].full_at_ns).expect("a set has buckets");
            if set[fullest].full_at_ns > now_ns {
                self.forgotten.fetch_add(1, Relaxed);
            }
            set[fullest] = Bucket { key, full_at_ns: now_ns };
            fullest
        });
        &mut set[place]
    }

    /// Puts back what was just taken.
    pub(super) fn give_back(&self, who: &impl Hash, now: Duration) {
        let (key, now_ns) = (self.hasher.hash_one(who), ns(now));
        let mut set = self.set(key);
        if let Some(own) = set.iter_mut().find(|bucket| bucket.key == key && bucket.full_at_ns > now_ns) {
            own.full_at_ns = own.full_at_ns.saturating_sub(self.interval_ns);
        }
    }

    pub(super) fn figures(&self, now: Duration) -> Figures {
        let now_ns = ns(now);
        let of = |set: &Mutex<Set>| lock(set).iter().filter(|bucket| bucket.full_at_ns > now_ns).count();
        Figures {
            refused: self.refused.load(Relaxed),
            forgotten: self.forgotten.load(Relaxed),
            buckets: self.sets.iter().map(of).sum(),
            buckets_max: self.sets.len() * BUCKETS_PER_SET,
        }
    }

    fn set(&self, key: u64) -> MutexGuard<'_, Set> {
        lock(&self.sets[key as usize % self.sets.len()])
    }
}

fn lock(set: &Mutex<Set>) -> MutexGuard<'_, Set> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn so_many_at_once_and_then_as_they_come_in() {
        let buckets = Buckets::new(Rate { per_minute: 60, burst: 3 }, SETS);
        let take = |ms| buckets.take(&7, at(ms)).map_err(|wait| wait.as_millis());
        assert_eq!([take(10), take(10), take(10), take(10)], [Ok(()), Ok(()), Ok(()), Err(1_000)]);
        assert_eq!(take(510), Err(500), "to be refused costs nothing");
        assert_eq!([take(1_010), take(1_010)], [Ok(()), Err(1_000)]);
        // Full again, and no fuller.
        assert_eq!([(); 4].map(|()| take(60_000).is_ok()), [true, true, true, false]);
        let Figures { refused, buckets, .. } = buckets.figures(at(60_000));
        assert_eq!((refused, buckets), (4, 1));
    }

    #[test]
    fn the_slowest_and_the_fastest_rates_are_kept() {
        let slow = Buckets::new(Rate { per_minute: 1, burst: 1 }, SETS);
        assert_eq!([slow.take(&1, at(0)), slow.take(&1, at(30_000))], [Ok(()), Err(at(30_000))]);
        let fast = Buckets::new(Rate { per_minute: u32::MAX, burst: u32::MAX }, SETS);
        assert!((0..100_000).all(|_| fast.take(&1, at(0)).is_ok()));
    }

    #[test]
    fn what_is_owed_is_waited_for_and_no_more_than_once_over() {
        let buckets = Buckets::new(Rate { per_minute: 60, burst: 2 }, SETS);
        assert_eq!([buckets.look(&7, at(10)), buckets.look(&7, at(10))], [Ok(()), Ok(())], "to look costs nothing");
        (0..2).for_each(|_| buckets.owe(&7, at(10)));
        assert_eq!([buckets.look(&7, at(10)), buckets.look(&8, at(10))], [Err(at(1_000)), Ok(())]);
        // Of a thousand at once all were looked at before.
        (0..1_000).for_each(|_| buckets.owe(&7, at(10)));
        assert_eq!([buckets.look(&7, at(10)), buckets.look(&7, at(3_010))], [Err(at(3_000)), Ok(())]);
    }

    /// Whoever has a network of IPv6 has more addresses than any table.
    #[test]
    fn a_flood_of_strangers_takes_no_more_room_and_frees_nobody() {
        let buckets = Buckets::new(Rate { per_minute: 6, burst: 100 }, SETS);
        let now = at(1);
        assert!((0..100).all(|_| buckets.take(&"busy", now).is_ok()));
        for stranger in 0..600_000_u64 {
            assert_eq!(buckets.take(&stranger, now), Ok(()), "a stranger is not refused for the others");
        }
        assert!(buckets.take(&"busy", now).is_err());
        let Figures { forgotten, buckets: held, buckets_max, .. } = buckets.figures(now);
        assert!(held <= buckets_max && forgotten >= 600_000 - buckets_max as u64, "{held}, {forgotten}");
        assert!(std::mem::size_of::<Mutex<Set>>() * SETS <= 2_400_000);
    }
}
