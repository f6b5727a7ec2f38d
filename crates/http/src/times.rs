//! Times on the wire: local strings and their RFC 3339 twins.

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use onsale_domain::time::Time;
use serde::{Serialize, Serializer};

/// The length of the longest: RFC 3339 to the millisecond, with an offset.
const BYTES_MAX: usize = "2027-05-01T19:00:00.000+09:00".len();
const DATE_BYTES: usize = "2027-05-01".len();
const LOCAL_BYTES: usize = "2027-05-01 19:00:00".len();

/// A time as text. It lies where it is made: most answers have some, and none is worth memory of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeText {
    bytes: [u8; BYTES_MAX],
    length: usize,
}

impl TimeText {
    const EMPTY: Self = Self { bytes: [0; BYTES_MAX], length: 0 };

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    fn two(&mut self, number: i8) {
        let number = number.unsigned_abs();
        self.push(b'0' + number / 10 % 10);
        self.push(b'0' + number % 10);
    }

    fn date(&mut self, time: &ZonedDateTime) {
        let year = time.year().unsigned_abs();
        self.two((year / 100 % 100) as i8);
        self.two((year % 100) as i8);
        self.push(b'-');
        self.two(time.month());
        self.push(b'-');
        self.two(time.day());
    }

    fn clock(&mut self, time: &ZonedDateTime) {
        self.two(time.hour());
        self.push(b':');
        self.two(time.minute());
        self.push(b':');
        self.two(time.second());
    }
}

impl Serialize for TimeText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn local(time: &ZonedDateTime) -> TimeText {
    let mut text = TimeText::EMPTY;
    text.date(time);
    text.push(b' ');
    text.clock(time);
    text
}

/// RFC 3339 to the millisecond, with the offset.
pub(crate) fn rfc3339(time: &ZonedDateTime) -> TimeText {
    let mut text = TimeText::EMPTY;
    text.date(time);
    text.push(b'T');
    text.clock(time);
    let ms = time.subsec_nanosecond() / 1_000_000;
    text.push(b'.');
    text.push(b'0' + (ms / 100) as u8);
    text.two((ms % 100) as i8);
    let offset = time.offset().seconds();
    if offset == 0 {
        text.push(b'Z');
        return text;
    }
    text.push(if offset < 0 { b'-' } else { b'+' });
    let minutes = offset.unsigned_abs() / 60;
    text.two((minutes / 60) as i8);
    text.push(b':');
    text.two((minutes % 60) as i8);
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
