//! Times on the wire: local strings and their RFC 3339 twins.

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use onsale_domain::time::Time;
use serde::{Serialize, Serializer};

/// The longest there is, and how much of it the others have.
const FORM: &[u8; 29] = b"0000-00-00T00:00:00.000+00:00";
const DATE_BYTES: usize = "2027-05-01".len();
const LOCAL_BYTES: usize = "2027-05-01 19:00:00".len();
const OFFSET_AT: usize = "2027-05-01T19:00:00.000".len();

/// A time as text. It lies where it is made: most answers have some, and none is worth memory of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeText {
    bytes: [u8; FORM.len()],
    length: usize,
}

impl TimeText {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// Two digits, at a place that is known where this is called.
    #[inline(always)]
    fn two(&mut self, at: usize, number: u32) {
        self.bytes[at] = b'0' + (number / 10 % 10) as u8;
        self.bytes[at + 1] = b'0' + (number % 10) as u8;
    }
}

impl Serialize for TimeText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn local(time: &ZonedDateTime) -> TimeText {
    twins(time).0
}

/// RFC 3339 to the millisecond, with the offset.
pub(crate) fn rfc3339(time: &ZonedDateTime) -> TimeText {
    let mut text = TimeText { bytes: *FORM, length: OFFSET_AT + 1 };
    let two = |number: i8| u32::from(number.unsigned_abs());
    let (year, ms) = (u32::from(time.year().unsigned_abs()), time.subsec_nanosecond().unsigned_abs() / 1_000_000);
    text.two(0, year / 100);
    text.two(2, year % 100);
    text.two(5, two(time.month()));
    text.two(8, two(time.day()));
    text.two(11, two(time.hour()));
    text.two(14, two(time.minute()));
    text.two(17, two(time.second()));
    text.bytes[20] = b'0' + (ms / 100 % 10) as u8;
    text.two(21, ms % 100);
    let offset = time.offset().seconds();
    if offset == 0 {
        text.bytes[OFFSET_AT] = b'Z';
        return text;
    }
    text.length = FORM.len();
    text.bytes[OFFSET_AT] = if offset < 0 { b'-' } else { b'+' };
    let minutes = offset.unsigned_abs() / 60;
    text.two(OFFSET_AT + 1, minutes / 60);
    text.two(OFFSET_AT + 4, minutes % 60);
    text
}

/// [`local`] and [`rfc3339`], which begins alike.
pub(crate) fn twins(time: &ZonedDateTime) -> (TimeText, TimeText) {
    let twin = rfc3339(time);
    let mut local = TimeText { bytes: twin.bytes, length: LOCAL_BYTES };
    local.bytes[DATE_BYTES] = b' ';
    (local, twin)
}

/// RFC 3339 in UTC.
pub(crate) fn utc(time: Time) -> TimeText {
    rfc3339(&onsale_node::in_zone(time, &TimeZone::UTC))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(zone: &str, ms: u64) -> (String, String) {
        let time = onsale_node::in_zone(Time(ms), &TimeZone::get(zone).expect("a known zone"));
        (local(&time).as_str().to_owned(), rfc3339(&time).as_str().to_owned())
    }
    #[test]
    fn local_and_twin_agree() {
        for (zone, ms, a, b) in [
            ("Asia/Seoul", 1_795_461_906_007, "2026-11-24 04:25:06", "2026-11-24T04:25:06.007+09:00"),
            ("UTC", 1_795_461_906_120, "2026-11-23 19:25:06", "2026-11-23T19:25:06.120Z"),
            ("America/St_Johns", 1_795_461_906_999, "2026-11-23 15:55:06", "2026-11-23T15:55:06.999-03:30"),
        ] {
            assert_eq!(written(zone, ms), (a.to_owned(), b.to_owned()));
            let time = onsale_node::in_zone(Time(ms), &TimeZone::get(zone).expect("a known zone"));
            let (local, twin) = twins(&time);
            assert_eq!((local.as_str(), twin.as_str()), (a, b));
        }
    }
}
