//! When a message that was not delivered is tried again.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// After the first failure; twice as long after each further one.
const FIRST_MS: u64 = 1_000;
/// Never longer: a receiver that is back is to have what it missed soon.
const LONGEST_MS: u64 = 10 * 60 * 1_000;
/// A receiver asks for no more than this.
const ASKED_MAX_MS: u64 = 60 * 60 * 1_000;

/// How long to wait after so many failures. `chance` spreads those that failed together: between three and five quarters of it.
pub(super) fn wait_ms(failures: u32, chance: u32) -> u64 {
    let doublings = failures.saturating_sub(1).min(20);
    let wait_ms = (FIRST_MS << doublings).min(LONGEST_MS);
    wait_ms * 3 / 4 + wait_ms / 2 * u64::from(chance) / u64::from(u32::MAX)
}

/// How long a receiver asks to be left alone for, by its `Retry-After`: seconds, or a date.
pub(super) fn asked_ms(retry_after: &str, now_ms: u64) -> u64 {
    let text = retry_after.trim();
    let asked_ms = match text.parse::<u64>() {
        Ok(seconds) => seconds.saturating_mul(1_000),
        Err(_) => {
            let until = DateTimeParser::new().parse_timestamp(text).map_or(0, Timestamp::as_millisecond);
            u64::try_from(until).unwrap_or(0).saturating_sub(now_ms)
        }
    };
    asked_ms.min(ASKED_MAX_MS)
}

/// For how long a message is tried, unless the configuration says otherwise.
pub const FOR: Duration = Duration::from_secs(72 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_longer_each_time_and_never_for_long() {
        assert_eq!((wait_ms(1, 0), wait_ms(1, u32::MAX)), (750, 1_250));
        assert_eq!((wait_ms(2, 0), wait_ms(5, u32::MAX)), (1_500, 20_000));
        for failures in [11, 20, 1_000, u32::MAX] {
            assert_eq!((wait_ms(failures, 0), wait_ms(failures, u32::MAX)), (450_000, 750_000), "{failures}");
        }
        // Within an hour that a receiver is away it is tried a dozen times, and within three days some hundreds.
        let mut at_ms = 0;
        let tries = (1..).take_while(|&failures| {
            at_ms += wait_ms(failures, u32::MAX / 2);
            at_ms < 3_600_000
        });
        assert_eq!(tries.count(), 14);
    }

    #[test]
    fn a_receiver_is_left_alone_for_an_hour_at_most() {
        let now_ms = 1_793_000_000_000;
        for (said, expected_ms) in [
            ("7", 7_000),
            (" 0 ", 0),
            ("86400", ASKED_MAX_MS),
            ("18446744073709551615", ASKED_MAX_MS),
            ("99999999999999999999", 0),
            ("-5", 0),
            ("soon", 0),
            ("", 0),
        ] {
            assert_eq!(asked_ms(said, now_ms), expected_ms, "{said}");
        }
        let date: Timestamp = "2026-10-26T04:26:50Z".parse().expect("a time");
        let date_ms = u64::try_from(date.as_millisecond()).expect("after 1970");
        let said = "Mon, 26 Oct 2026 04:26:50 GMT";
        assert_eq!((asked_ms(said, date_ms - 9_000), asked_ms(said, date_ms + 9_000)), (9_000, 0));
    }
}
