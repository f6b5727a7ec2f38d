//! How fast a queue moves, and so how long somebody waits.
//!
//! Who is at place `p` waits about as long as it took the last `p` to get in: what moves slowly now is told by the last few,
//! what is hours away by the last hours. Time is counted in slots (ten people inside for a second are ten seconds), so that a limit
//! that is raised, or a queue that was paused, changes the answer as it changes the wait. While nothing happens nothing changes, and a
//! silence counts once it is over. `docs/operating.md` says how often the range is right.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use onsale_domain::queue::{Queue, State};
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;

/// A wait in whole seconds: as things go, and when they go badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    pub likely_seconds: u64,
    /// Nine waits of ten are not longer; and as many are not shorter than `likely_seconds` by as much as this is longer.
    pub most_seconds: u64,
}

/// Places that were gained over the time of slots. Written by one thread.
#[derive(Debug, Default)]
pub(super) struct Pace {
    curve: ArcSwap<Curve>,
    /// Places gained that the curve does not have yet.
    unnoted: AtomicU64,
}

/// What a queue was like at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Point {
    /// How long all who were inside had been there, of each millisecond and slot.
    slot_ms: u64,
    /// How many places everybody in line had gained.
    gained: u64,
}

/// Where the queue was from the first note on: close together for what was just now, and further apart the longer ago.
#[derive(Clone, Debug, Default)]
struct Curve {
    points: Vec<Point>,
    at: Time,
    inside: u32,
}

/// Notes are taken so often at most.
const EVERY_MS: u64 = 500;
/// What lies between two batches beyond this is not a queue that stands still, but a node that did.
const AWAY_MS: u64 = 60_000;
/// The distance of two points is this part of their age.
const CLOSE: u64 = 32;
/// Of fewer places than this the time says too little.
const FEWEST: u64 = 20;
/// Before anybody has left: a visit takes so much of a session. Rather too long, as what is promised must not grow.
const VISIT: f64 = 1.0 / 3.0;
/// How much the pace itself changes while somebody waits.
const DRIFT: f64 = 0.08;
/// Nine of ten of a normal distribution are below its mean and so many standard deviations.
const NINE_OF_TEN: f64 = 1.28;

impl Pace {
    /// What can be known of a queue that was loaded: when those who were inside left, as far as they are remembered.
    pub(super) fn of(queue: &Queue) -> Self {
        let state = |number| queue.ticket(number).map(|(_, state)| state);
        let is_inside = |number: &u32| matches!(state(*number), Some(State::Progress { .. }));
        let Some(last) = (1..=queue.issued()).rev().find(is_inside) else { return Self::default() };
        let mut ends: Vec<Time> = (1..=last)
            .filter_map(|number| match state(number) {
                Some(State::Done { at } | State::Expired { at }) => Some(at),
                _ => None,
            })
            .collect();
        ends.sort_unstable();
        let mut curve = Curve::default();
        for (gained, &at) in (1..).zip(&ends) {
            curve.note(gained, queue.active(), at);
        }
        Self { curve: ArcSwap::from_pointee(curve), unnoted: AtomicU64::new(0) }
    }

    /// Takes note of so many more places that everybody has gained, and of those inside. Called after each batch, whether or not
    /// there were any: while anybody waits there are several batches in each `waiting_ttl`.
    pub(super) fn note(&self, more: u64, inside: u32, now: Time) {
        let more = self.unnoted.load(Ordering::Relaxed) + more;
        let before = self.curve.load();
        if now.ms_since(before.at) < EVERY_MS {
            self.unnoted.store(more, Ordering::Relaxed);
            return;
        }
        let mut curve = Curve::clone(&before);
        curve.note(curve.gained() + more, inside, now);
        self.curve.store(Arc::new(curve));
        self.unnoted.store(0, Ordering::Relaxed);
    }

    /// How long one at this place waits, where so many are inside.
    pub(super) fn estimate(&self, position: u32, inside: u32, settings: &QueueSettings) -> Estimate {
        let (position, limit) = (u64::from(position), u64::from(settings.active_limit));
        // Slots that are free are theirs who stand before.
        let ahead = position.saturating_sub(limit.saturating_sub(u64::from(inside))).max(1);
        let fastest = settings.admit_per_second.map_or(0, |rate| position.div_ceil(u64::from(rate)));
        let (likely, most) = self.curve.load().wait_ms(ahead, limit, settings.session_ttl_ms);
        let likely = ((likely / 1_000.0).round() as u64).max(fastest).max(1);
        Estimate { likely_seconds: likely, most_seconds: ((most / 1_000.0).ceil() as u64).max(likely) }
    }
}

impl Curve {
    fn gained(&self) -> u64 {
        self.points.last().map_or(0, |point| point.gained)
    }

    fn note(&mut self, gained: u64, inside: u32, now: Time) {
        let Some(&last) = self.points.last() else {
            self.points.push(Point { slot_ms: 0, gained });
            (self.at, self.inside) = (now, inside);
            return;
        };
        let elapsed = now.ms_since(self.at).min(AWAY_MS);
        let slot_ms = last.slot_ms + elapsed * (u64::from(self.inside) + u64::from(inside)) / 2;
        (self.at, self.inside) = (self.at.max(now), inside);
        let point = Point { slot_ms, gained };
        if point != last {
            self.points.push(point);
            self.thin();
        }
    }

    /// Drops each point whose neighbours are close enough together for how long ago they are.
    fn thin(&mut self) {
        let Some(&now) = self.points.last() else { return };
        let mut kept = 1;
        for next in 2..self.points.len() {
            let (before, after) = (self.points[kept - 1], self.points[next]);
            let age = now.slot_ms - before.slot_ms;
            if (after.slot_ms - before.slot_ms) * CLOSE > age || age < EVERY_MS {
                kept += 1;
            }
            self.points[kept] = after;
        }
        self.points.truncate(kept + 1);
    }

    /// The time of slots at which so many places had been gained.
    fn slot_ms_at(&self, gained: u64) -> f64 {
        let at = self.points.partition_point(|point| point.gained < gained);
        let Some(after) = self.points.get(at) else {
            return self.points.last().map_or(0.0, |last| last.slot_ms as f64);
        };
        let Some(before) = at.checked_sub(1).map(|at| self.points[at]) else { return after.slot_ms as f64 };
        let part = (gained - before.gained) as f64 / (after.gained - before.gained) as f64;
        before.slot_ms as f64 + part * (after.slot_ms - before.slot_ms) as f64
    }

    /// What is likely, and what nine of ten do not exceed, for one with so many ahead, themselves among them.
    fn wait_ms(&self, ahead: u64, limit: u64, session_ttl_ms: u64) -> (f64, f64) {
        let (session, ahead_f, slots) = (session_ttl_ms as f64, ahead as f64, limit as f64);
        let [first, last] = [self.points.first(), self.points.last()].map(|point| point.copied().unwrap_or_default());
        let seen = last.gained - first.gained;
        let window = seen.min(ahead.max(FEWEST));
        // How long a slot is taken by one: as it was for the last, or where as many as there are slots have not left yet, partly what
        // is assumed. Those who leave first are not like all.
        let known = (seen as f64 / slots).min(1.0);
        let assumed = (session * VISIT).max((last.slot_ms - first.slot_ms) as f64 / slots);
        let taken = (last.slot_ms as f64 - self.slot_ms_at(last.gained - window)) / window.max(1) as f64;
        let taken = if known < 1.0 { taken.min(assumed) } else { taken };
        let visit = (known * taken + (1.0 - known) * assumed).min(session);
        let likely = ahead_f * visit / slots;
        let spread = (1.0 / ahead_f + 1.0 / window.max(1) as f64 + DRIFT * DRIFT).sqrt();
        let most = likely * (1.0 + NINE_OF_TEN * spread);
        // Until then whole sessions, one after the other, are what is promised at most; that all came at once is the worst there is.
        let most = known * most + (1.0 - known) * most.max(ahead_f * session / slots);
        let worst = ahead.div_ceil(limit) as f64 * session;
        (likely.min(worst), most.min(worst))
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;

    const SESSION_MS: u64 = 600_000;

    fn settings(active_limit: u32) -> QueueSettings {
        QueueSettings { active_limit, session_ttl_ms: SESSION_MS, ..QueueSettings::default() }
    }

    /// Numbers that are the same each time.
    struct Chance(u64);

    impl Chance {
        fn unit(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 33) as f64 + 0.5) / (1_u64 << 31) as f64
        }

        /// A visit with this mean that is mostly shorter and sometimes much longer, as people's are.
        fn visit_ms(&mut self, mean_s: f64, spread: f64) -> u64 {
            let normal = (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos();
            let visit_s = 5.0 + (mean_s - 5.0) * (spread * normal - spread * spread / 2.0).exp();
            ((visit_s * 1_000.0) as u64).min(SESSION_MS)
        }
    }

    /// When slots become free, where so many people come in at once and each slot is taken again as soon as it is free.
    fn ends(limit: u32, many: usize, mut visit: impl FnMut() -> u64) -> Vec<u64> {
        let mut inside: BinaryHeap<_> = (0..limit).map(|_| Reverse(visit())).collect();
        let next = |_| {
            let Reverse(at) = inside.pop().expect("somebody inside");
            inside.push(Reverse(at + visit()));
            at
        };
        (0..many).map(next).collect()
    }

    #[derive(Debug, Default)]
    struct Told {
        all: u32,
        in_range: u32,
        in_time: u32,
        rises: u32,
    }

    /// What people in line are told on their way, against how long they waited.
    fn told(limit: u32, mean_s: f64, spread: f64, seed: u64) -> Told {
        const START: u64 = 1_000_000;
        let mut chance = Chance(seed);
        let ends = ends(limit, 30 * limit as usize, || chance.visit_ms(mean_s, spread));
        let (pace, settings) = (Pace::default(), settings(limit));
        let places: Vec<usize> = (0..20).map(|_| (chance.unit() * ends.len() as f64) as usize).collect();
        let mut before = vec![u64::MAX; places.len()];
        let (mut told, mut left, mut at) = (Told::default(), 0, 0);
        pace.note(0, limit, Time(START));
        while left < ends.len() {
            at += 700;
            let now = ends.partition_point(|&end| end <= at);
            pace.note((now - left) as u64, limit, Time(START + at));
            left = now;
            for (&place, before) in places.iter().zip(&mut before).filter(|(place, _)| **place >= left) {
                let Estimate { likely_seconds, most_seconds } =
                    pace.estimate((place + 1 - left) as u32, limit, &settings);
                let waited = (ends[place] - at).div_ceil(1_000);
                told.all += 1;
                told.in_range += u32::from(
                    (2 * likely_seconds.min(most_seconds)).saturating_sub(most_seconds + 1) <= waited
                        && waited <= most_seconds + 1,
                );
                told.in_time += u32::from(waited <= most_seconds + 1);
                told.rises += u32::from(*before != u64::MAX && likely_seconds > *before + *before / 10 + 2);
                *before = likely_seconds;
            }
        }
        told
    }

    #[test]
    fn the_range_holds_eight_waits_of_ten_and_does_not_rise() {
        for (limit, mean_s, spread) in [
            (10, 60.0, 0.6),
            (100, 60.0, 0.6),
            (100, 200.0, 0.5),
            (500, 90.0, 0.5),
            (50, 120.0, 0.15),
            (100, 40.0, 1.0),
        ] {
            for seed in 1..=3 {
                let told = told(limit, mean_s, spread, seed);
                assert!(told.in_range * 10 >= told.all * 8, "{limit} slots, visits of {mean_s} s ± {spread}: {told:?}");
                assert!(told.in_time * 10 >= told.all * 9, "{limit} slots, visits of {mean_s} s ± {spread}: {told:?}");
                assert!(told.rises == 0, "{limit} slots, visits of {mean_s} s ± {spread}: {told:?}");
            }
        }
    }

    #[test]
    fn before_anybody_has_left_whole_sessions_are_the_most_that_is_promised() {
        let pace = Pace::default();
        assert_eq!(pace.estimate(600, 10, &settings(10)), Estimate { likely_seconds: 12_000, most_seconds: 36_000 });
        assert_eq!(pace.estimate(1, 10, &settings(10)), Estimate { likely_seconds: 20, most_seconds: 60 });
        // Nine slots are free: whoever is the tenth waits for one.
        assert_eq!(pace.estimate(10, 1, &settings(10)).likely_seconds, 20);
    }

    /// Ten leave each second.
    fn moving() -> Pace {
        let pace = Pace::default();
        for second in 0..=120 {
            pace.note(10, 100, Time(1_000_000 + second * 1_000));
        }
        pace
    }

    #[test]
    fn a_silence_is_no_reason_to_promise_another_time() {
        let pace = moving();
        let before = pace.estimate(600, 100, &settings(100));
        assert_eq!(before.likely_seconds, 60);
        // Twelve seconds in which nobody leaves, as when all of them look at the same payment.
        pace.note(0, 100, Time(1_132_000));
        let after = pace.estimate(600, 100, &settings(100));
        assert!((60..=72).contains(&after.likely_seconds), "{after:?}");
        // A node that was away, or a queue in which nobody was.
        pace.note(0, 0, Time(9_000_000));
        assert!(pace.estimate(600, 100, &settings(100)).likely_seconds <= 120);
    }

    #[test]
    fn more_slots_are_a_shorter_wait_at_once_and_fewer_a_longer_one() {
        let pace = moving();
        assert_eq!(pace.estimate(600, 200, &settings(200)).likely_seconds, 30);
        assert_eq!(pace.estimate(600, 50, &settings(50)).likely_seconds, 120);
    }

    #[test]
    fn what_is_kept_of_a_day_is_little() {
        let pace = Pace::default();
        for half_second in 0..2 * 86_400 {
            pace.note(5, 100, Time(1_000_000 + half_second * 500));
        }
        let kept = pace.curve.load().points.len();
        assert!(kept < 600, "{kept} points");
        assert_eq!(pace.estimate(600_000, 100, &settings(100)).likely_seconds, 60_000);
    }

    #[test]
    fn a_rate_limit_bounds_what_is_promised() {
        let settings = QueueSettings { admit_per_second: Some(5), ..QueueSettings::default() };
        assert!(Pace::default().estimate(100, 0, &settings).likely_seconds >= 20);
    }
}
