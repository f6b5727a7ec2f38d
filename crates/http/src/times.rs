//! Times on the wire: local strings and their RFC 3339 twins.

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use onsale_domain::time::Time;

fn two(out: &mut Vec<u8>, number: i8) {
    let number = number.unsigned_abs();
    out.extend_from_slice(&[b'0' + number / 10 % 10, b'0' + number % 10]);
}

fn date(out: &mut Vec<u8>, time: &ZonedDateTime) {
    let year = time.year().unsigned_abs();
    two(out, (year / 100 % 100) as i8);
    two(out, (year % 100) as i8);
    out.push(b'-');
    two(out, time.month());
    out.push(b'-');
    two(out, time.day());
}

fn clock(out: &mut Vec<u8>, time: &ZonedDateTime) {
    two(out, time.hour());
    out.push(b':');
    two(out, time.minute());
    out.push(b':');
    two(out, time.second());
}

/// `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn local(out: &mut Vec<u8>, time: &ZonedDateTime) {
    date(out, time);
    out.push(b' ');
    clock(out, time);
}

/// RFC 3339 to the millisecond, with the offset.
pub(crate) fn rfc3339(out: &mut Vec<u8>, time: &ZonedDateTime) {
    date(out, time);
    out.push(b'T');
    clock(out, time);
    let ms = time.subsec_nanosecond() / 1_000_000;
    out.push(b'.');
    out.push(b'0' + (ms / 100) as u8);
    two(out, (ms % 100) as i8);
    let offset = time.offset().seconds();
    if offset == 0 {
        return out.push(b'Z');
    }
    out.push(if offset < 0 { b'-' } else { b'+' });
    let minutes = offset.unsigned_abs() / 60;
    two(out, (minutes / 60) as i8);
    out.push(b':');
    two(out, (minutes % 60) as i8);
}

/// RFC 3339 in UTC.
pub(crate) fn utc(out: &mut Vec<u8>, time: Time) {
    rfc3339(out, &onsale_node::local(time, &TimeZone::UTC));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(zone: &str, ms: u64) -> (String, String) {
        let time = onsale_node::local(Time(ms), &TimeZone::get(zone).expect("a known zone"));
        let (mut a, mut b) = (Vec::new(), Vec::new());
        local(&mut a, &time);
        rfc3339(&mut b, &time);
        (String::from_utf8(a).expect("ASCII"), String::from_utf8(b).expect("ASCII"))
    }

    #[test]
    fn local_and_twin_agree() {
        for (zone, ms, a, b) in [
            ("Asia/Seoul", 1_795_461_906_007, "2026-11-24 04:25:06", "2026-11-24T04:25:06.007+09:00"),
            ("UTC", 1_795_461_906_120, "2026-11-23 19:25:06", "2026-11-23T19:25:06.120Z"),
            ("America/St_Johns", 1_795_461_906_999, "2026-11-23 15:55:06", "2026-11-23T15:55:06.999-03:30"),
        ] {
            assert_eq!(written(zone, ms), (a.to_owned(), b.to_owned()));
        }
    }
}
