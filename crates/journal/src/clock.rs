use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const NS_PER_MS: i64 = 1_000_000;
/// How much further than expected the clock that is followed may be, and be believed at once.
const SLACK_MS: u64 = 2_000;
/// Two sound clocks part by less than one part in so many.
const DRIFT: u64 = 1_000;
/// By one part in so many does the journal's time go slower, or faster, to meet the clock that it follows.
const SLEW: i64 = 10;

/// What the journal's time is at some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// The time that an entry would get, as this node knows it, in milliseconds since 1970 in UTC.
    pub now_ms: u64,
    /// How far that is ahead of the clock that it follows, as far as is known; negative where it is behind.
    pub ahead_ms: i64,
    /// What the clock that is followed showed when it was last looked at, in milliseconds since 1970.
    pub source_ms: u64,
}

/// The journal's time. It follows a clock (the machine's, or the database's) as long as that is where it is expected, by the
/// monotonic clock, from what was seen before. A clock that steps is not followed: where it is behind, the journal's time goes
/// on, a tenth slower, until the clock has come up; where it is ahead, a tenth faster. So the journal's time neither stands
/// still nor jumps by what a clock has lied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    base_ns: i64,
    since: Instant,
    /// How far the clock that is followed was ahead of the journal's time then.
    gap_ns: i64,
}

impl Clock {
    /// A start believes the clock where that is ahead, by whatever time the store was shut.
    pub(crate) fn starting(last_ms: u64, source_ms: u64, now: Instant) -> Self {
        let (last, source) = (ns(last_ms), ns(source_ms));
        Self { base_ns: last.max(source), since: now, gap_ns: source.saturating_sub(last).min(0) }
    }

    /// A start beside nodes that live goes on with the time that they count: a clock that has stepped under them looks like
    /// one that is right after a pause.
    pub(crate) fn joining(last_ms: u64, theirs_ms: u64, source_ms: u64, now: Instant) -> Self {
        let base_ns = ns(last_ms.max(theirs_ms));
        Self { base_ns, since: now, gap_ns: ns(source_ms).saturating_sub(base_ns) }
    }

    /// What it shows at `now`.
    pub(crate) fn time(&self, now: Instant) -> Time {
        Time { now_ms: self.now_ms(now), ahead_ms: self.ahead_ms(now), source_ms: self.source_ms() }
    }

    /// The time now, in milliseconds since 1970 in UTC.
    pub(crate) fn now_ms(&self, now: Instant) -> u64 {
        ms(self.now_ns(now))
    }

    fn now_ns(&self, now: Instant) -> i64 {
        let elapsed = i64::try_from(now.saturating_duration_since(self.since).as_nanos()).unwrap_or(i64::MAX);
        let slew = self.gap_ns.clamp(-elapsed / SLEW, elapsed / SLEW);
        self.base_ns.saturating_add(elapsed).saturating_add(slew)
    }

    /// How far it is ahead of the clock that it follows, as far as that is known; negative where it is behind.
    fn ahead_ms(&self, now: Instant) -> i64 {
        let elapsed = i64::try_from(now.saturating_duration_since(self.since).as_nanos()).unwrap_or(i64::MAX);
        (self.gap_ns.clamp(-elapsed / SLEW, elapsed / SLEW) - self.gap_ns) / NS_PER_MS
    }

    /// What the clock that is followed showed when it was last looked at, in milliseconds since 1970.
    fn source_ms(&self) -> u64 {
        ms(self.base_ns.saturating_add(self.gap_ns))
    }

    /// By how much the clock may be ahead of this one's time, and be believed.
    pub(crate) fn slack_ms(&self, now: Instant) -> u64 {
        let elapsed = u64::try_from(now.saturating_duration_since(self.since).as_millis()).unwrap_or(u64::MAX);
        SLACK_MS + elapsed / DRIFT
    }

    /// The time of an entry behind one of `last_ms`, where the clock shows `source_ms`.
    pub(crate) fn stamp(&self, now: Instant, last_ms: u64, source_ms: u64) -> u64 {
        let due = self.now_ms(now).max(last_ms);
        if source_ms > due.saturating_add(self.slack_ms(now)) { due } else { due.max(source_ms) }
    }

    /// An entry that was asked for when this showed `began_ms` has got the time `time_ms`; the clock showed `source_ms`
    /// at some moment in between.
    pub(crate) fn observe(&mut self, now: Instant, began_ms: u64, time_ms: u64, source_ms: u64) {
        let base_ns = self.now_ns(now).max(ns(time_ms));
        let source = ns(source_ms);
        let gap_ns = match () {
            () if source_ms < began_ms => source - ns(began_ms),
            () if source > base_ns => source - base_ns,
            () => 0,
        };
        *self = Self { base_ns, since: now, gap_ns };
    }
}

/// What the machine's clock shows, in milliseconds since 1970.
pub(crate) fn machine_ms() -> u64 {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(wall.as_millis()).unwrap_or(u64::MAX)
}

/// As nanoseconds; what lies beyond the year 2262 is as far as they reach.
fn ns(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(NS_PER_MS)
}

fn ms(ns: i64) -> u64 {
    u64::try_from(ns / NS_PER_MS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START_MS: u64 = 1_800_000_000_000;
    const HOUR_MS: u64 = 3_600_000;

    /// As it is `seconds` after it was last set.
    fn later(clock: Clock, seconds: u64) -> Clock {
        let since = clock.since.checked_sub(Duration::from_secs(seconds)).expect("the machine has been up for a while");
        Clock { since, ..clock }
    }

    /// A second passes, and an entry is stamped.
    fn append(clock: &mut Clock, last_ms: &mut u64, source_ms: u64) {
        *clock = later(*clock, 1);
        let now = Instant::now();
        let (began_ms, time_ms) = (clock.now_ms(now), clock.stamp(now, *last_ms, source_ms));
        assert!(time_ms >= *last_ms + 800, "it stands still: {last_ms}, {time_ms}");
        clock.observe(now, began_ms, time_ms, source_ms);
        *last_ms = time_ms;
    }

    /// Seconds and appends until the time is the clock's again, which is `offset_ms` away from where it was.
    fn run(offset_ms: i64, appends: u64) -> (u64, i64) {
        let (mut clock, mut last_ms) = (Clock::starting(0, START_MS, Instant::now()), START_MS);
        for second in 1..=appends {
            append(&mut clock, &mut last_ms, (START_MS + second * 1_000).saturating_add_signed(offset_ms));
        }
        (last_ms - START_MS, clock.ahead_ms(Instant::now()))
    }

    #[test]
    fn a_clock_that_steps_back_is_met_and_time_goes_on() {
        let (passed_ms, ahead_ms) = run(-60_000, 300);
        assert!((265_000..275_000).contains(&passed_ms) && (25_000..35_000).contains(&ahead_ms), "{passed_ms}");
        let (passed_ms, ahead_ms) = run(-10_000, 300);
        assert!((289_000..292_000).contains(&passed_ms) && ahead_ms.abs() < 200, "{passed_ms} {ahead_ms}");
    }

    #[test]
    fn a_clock_that_jumps_ahead_is_met_slowly() {
        for jump_ms in [HOUR_MS, 24 * HOUR_MS, 400 * 24 * HOUR_MS] {
            let (passed_ms, ahead_ms) = run(i64::try_from(jump_ms).unwrap(), 100);
            assert!((105_000..115_000).contains(&passed_ms), "{passed_ms}");
            assert!(ahead_ms < -1_000, "it is said: {ahead_ms}");
        }
    }

    #[test]
    fn a_clock_that_goes_a_little_wrong_is_followed() {
        let (passed_ms, ahead_ms) = run(1_000, 10);
        assert!((11_000..11_100).contains(&passed_ms) && ahead_ms.abs() < 100, "{passed_ms} {ahead_ms}");
    }

    /// An entry a millisecond, or several in one: the parts of a millisecond are not lost.
    #[test]
    fn many_appends_do_not_hold_it_up() {
        let mut clock = Clock::starting(START_MS, START_MS - HOUR_MS, Instant::now());
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(50) {
            let now = Instant::now();
            let (now_ms, source_ms) = (clock.now_ms(now), START_MS - HOUR_MS);
            clock.observe(now, now_ms, clock.stamp(now, 0, source_ms), source_ms);
        }
        assert!(clock.now_ms(Instant::now()) >= START_MS + 40, "{}", clock.now_ms(Instant::now()) - START_MS);
    }

    #[test]
    fn a_start_believes_a_clock_that_is_ahead_and_never_goes_back() {
        assert_eq!(
            Clock::starting(START_MS, START_MS + HOUR_MS, Instant::now()).now_ms(Instant::now()) / 60_000,
            (START_MS + HOUR_MS) / 60_000
        );
        let behind = Clock::starting(START_MS, START_MS - HOUR_MS, Instant::now());
        assert!(behind.now_ms(Instant::now()) >= START_MS);
        assert_eq!(behind.source_ms(), START_MS - HOUR_MS);
        assert!(
            (3_500_000..=3_600_000).contains(&behind.ahead_ms(Instant::now())),
            "{}",
            behind.ahead_ms(Instant::now())
        );
        assert!(machine_ms() > 1_700_000_000_000);
    }

    #[test]
    fn a_start_beside_others_counts_as_they_do_and_says_what_the_clock_shows() {
        for offset_ms in [5 * 3_600_000, -5 * 3_600_000, 400 * 86_400_000] {
            let (mut last_ms, source_ms) = (START_MS, START_MS.saturating_add_signed(offset_ms));
            let mut clock = Clock::joining(START_MS - 60_000, START_MS, source_ms, Instant::now());
            assert!((clock.ahead_ms(Instant::now()) + offset_ms).abs() < 1_000, "it is said at once");
            for second in 1..=100 {
                append(&mut clock, &mut last_ms, source_ms + second * 1_000);
            }
            assert!((89_000..111_000).contains(&(last_ms - START_MS)), "{} ms", last_ms - START_MS);
        }
    }

    /// Also where nothing is appended for hours: two clocks part by less than this.
    #[test]
    fn what_has_drifted_while_nothing_was_appended_is_followed() {
        let idle = later(Clock::starting(0, START_MS, Instant::now()), 36_000);
        let source_ms = START_MS + 36_000_000 + 20_000;
        assert_eq!(idle.stamp(Instant::now(), START_MS, source_ms), source_ms);
    }
}
