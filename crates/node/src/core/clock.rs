//! Whether the clock that a store's time follows can be right, at a start and later.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use onsale_journal::Head;

use crate::stats::Stats;

const DAY_MS: u64 = 86_400_000;
/// A store may be shut for a season, and not for longer than this without a word from its operator.
const SHUT_MS_MAX: u64 = 366 * DAY_MS;
/// A clock that is so far behind the last entry is slow, and is met by and by. Further, one of the two is wrong.
const BEHIND_MS_MAX: u64 = DAY_MS;
/// A new store's clock shows a time from 2026, when this program was written, to 2100.
const SANE_MS: std::ops::Range<u64> = 1_767_225_600_000..4_102_444_800_000;
/// How far the journal's time may be from its clock before that is told.
const TOLD_MS: u64 = 2_000;

/// Checks what the clock shows at a start: the journal's time never goes back, so a start with a clock that is far ahead
/// would be for ever.
pub fn check(last: &Head, clock_ms: u64) -> Result<(), String> {
    let shows = format!("the clock that the store follows shows {}", text(clock_ms));
    if last.time_ms == 0 {
        if SANE_MS.contains(&clock_ms) {
            return Ok(());
        }
        return Err(format!("{shows}, and all that a new store keeps would be of that time"));
    }
    let written = format!("the last entry of the journal is of {}", text(last.time_ms));
    if clock_ms > last.time_ms.saturating_add(SHUT_MS_MAX) {
        return Err(format!("{shows}, and {written}: the store's time can never go back again"));
    }
    if clock_ms.saturating_add(BEHIND_MS_MAX) < last.time_ms {
        return Err(format!("{shows}, and {written}, which is later"));
    }
    if clock_ms > last.time_ms.saturating_add(DAY_MS) {
        tracing::warn!(clock = text(clock_ms), last = text(last.time_ms), "nothing was written for more than a day");
    }
    Ok(())
}

fn text(ms: u64) -> String {
    let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.map_or_else(|| format!("{ms} ms since 1970"), |time| time.to_string())
}

/// Tells once that the journal's time is not its clock's, and once that it is again.
#[derive(Debug, Default)]
pub struct Watch {
    is_apart: bool,
}

impl Watch {
    pub fn look(&mut self, ahead_ms: i64, stats: &Stats) {
        stats.clock_ahead_ms.store(ahead_ms, Ordering::Relaxed);
        let is_apart = ahead_ms.unsigned_abs() > TOLD_MS;
        if is_apart == self.is_apart {
            return;
        }
        self.is_apart = is_apart;
        if is_apart {
            tracing::error!(
                ahead_ms,
                "the clock has stepped: the store's time is not what it shows, and meets it by a tenth of the time that passes"
            );
        } else {
            tracing::info!("the store's time is the clock's again");
        }
    }
}

#[cfg(test)]
mod tests {
    use onsale_journal::Hash;

    use super::*;

    const NOW_MS: u64 = 1_800_000_000_000;

    fn at(time_ms: u64) -> Head {
        Head { seq: 1, time_ms, hash: Hash::from([0; 32]) }
    }

    #[test]
    fn a_start_with_a_clock_that_can_be_right_goes_on() {
        for clock_ms in [NOW_MS, NOW_MS + 31 * DAY_MS, NOW_MS + 365 * DAY_MS, NOW_MS - 3_600_000] {
            assert_eq!(check(&at(NOW_MS), clock_ms), Ok(()));
        }
        // 2027, 2033 and 2038, when some count of seconds or of tenths of them overflows.
        for clock_ms in [NOW_MS, 2_007_000_000_000, 2_150_000_000_000] {
            assert_eq!(check(&at(0), clock_ms), Ok(()));
            assert_eq!(check(&at(clock_ms), clock_ms), Ok(()));
        }
    }

    #[test]
    fn a_start_with_a_clock_that_cannot_be_right_is_refused_with_both_times() {
        for clock_ms in [0, NOW_MS - 2 * DAY_MS, NOW_MS + 400 * DAY_MS, 2_524_608_000_000, u64::MAX] {
            let refused = check(&at(NOW_MS), clock_ms).expect_err("a wrong clock");
            assert!(refused.contains(&text(clock_ms)) && refused.contains(&text(NOW_MS)), "{refused}");
        }
        for clock_ms in [0, 31_536_000_000, 5_869_584_000_000] {
            assert!(check(&at(0), clock_ms).is_err_and(|refused| refused.contains(&text(clock_ms))));
        }
    }
}
