//! Instants as a catalog gives them: with an offset, or local to a schedule's zone.

use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use onsale_domain::time::Time;

/// Files beside the zones that are none: the machine's own zone, templates, and other countings of leap seconds. Browsers
/// know none of them, and what the first means differs from machine to machine.
const NO_ZONES: [&str; 4] = ["localtime", "posixrules", "Factory", "Etc/Unknown"];
const NO_ZONE_PREFIXES: [&str; 3] = ["posix/", "right/", "SystemV/"];

/// No clocks on earth have been further from UTC since 1970 (Kiritimati is ahead so far, Baker Island behind).
const AHEAD_MAX: Offset = Offset::constant(14);
const BEHIND_MAX: Offset = Offset::constant(-12);

/// A zone that has a name.
///
/// # Errors
/// What is wrong with the name.
pub(crate) fn zone(name: &str) -> Result<TimeZone, String> {
    let starts_with = |prefix: &&str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is_none =
        NO_ZONES.iter().any(|none| none.eq_ignore_ascii_case(name)) || NO_ZONE_PREFIXES.iter().any(starts_with);
    let found = TimeZone::get(name).ok().filter(|zone| !is_none && !zone.is_unknown() && zone.iana_name().is_some());
    found.ok_or_else(|| format!("must be an IANA time zone such as Asia/Seoul, but is {name:?}"))
}

/// # Errors
/// What is wrong with the text: among others, that the zone's clocks never show this time, or show it twice.
pub(crate) fn instant(text: &str, zone: &TimeZone) -> Result<Time, String> {
    let malformed = || format!("must be a date and a time such as 2027-05-01T19:00:00, but is {text:?}");
    let pieces = Pieces::parse(text).map_err(|_| malformed())?;
    let time = pieces.time().ok_or_else(malformed)?;
    if pieces.time_zone_annotation().is_some() {
        return Err("must not name a time zone; the schedule's zone field does".into());
    }
    if names_leap_second(text) {
        return Err(format!("must not be a leap second, which no schedule begins at: {text:?}"));
    }
    let local = DateTime::from_parts(pieces.date(), time);
    let timestamp = match pieces.to_numeric_offset() {
        Some(offset) if !(BEHIND_MAX..=AHEAD_MAX).contains(&offset) => {
            return Err(format!("must have an offset from -12:00 to +14:00, as clocks on earth have, but is {text:?}"));
        }
        Some(offset) => offset.to_timestamp(local).map_err(|_| malformed())?,
        None => local_to_instant(text, local, zone)?,
    };
    let ms =
        u64::try_from(timestamp.as_millisecond()).map_err(|_| format!("must not lie before 1970, but is {text:?}"))?;
    Ok(Time(ms))
}

/// A moment by itself: with an offset, or local to a zone that it names.
///
/// # Errors
/// What is wrong with the text.
pub fn absolute(text: &str) -> Result<Time, String> {
    let (local, named) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((local, name)) => (local, Some(zone(name)?)),
        None => (text, None),
    };
    let offset = Pieces::parse(local).ok().and_then(|pieces| pieces.to_numeric_offset());
    let time = instant(local, named.as_ref().unwrap_or(&TimeZone::UTC))?;
    match (offset, named) {
        (None, None) => Err(format!(
            "must have an offset or a zone, as in 2027-05-01T10:00:00+09:00 or 2027-05-01T10:00:00[Asia/Seoul], but is {text:?}"
        )),
        (Some(offset), Some(zone)) if zone.to_offset(timestamp(time)) != offset => {
            Err(format!("must have the offset that its zone has then, but is {text:?}"))
        }
        _ => Ok(time),
    }
}

/// A moment with an offset, or local to a zone: by its name.
///
/// # Errors
/// What is wrong with the text or the name.
pub fn local(text: &str, name: &str) -> Result<Time, String> {
    instant(text, &zone(name)?)
}

/// Whether it ends in second 60. The parser takes that for 59, and the file would say another moment than the store.
fn names_leap_second(text: &str) -> bool {
    let time = text.split_once(['T', 't', ' ']).map_or("", |(_, time)| time);
    let end = time.find(['+', '-', 'Z', 'z', '.', ',', ' ', '[']).unwrap_or(time.len());
    let digits: String = time[..end].chars().filter(char::is_ascii_digit).collect();
    digits.len() == 6 && digits.ends_with("60")
}

fn local_to_instant(text: &str, local: DateTime, zone: &TimeZone) -> Result<Timestamp, String> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let name = zone.iana_name().unwrap_or("this zone");
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => {
            ambiguous.unambiguous().map_err(|_| format!("is out of range: {text:?}"))
        }
        AmbiguousOffset::Gap { .. } => {
            Err(format!("{text} does not exist in {name}: the clocks are put forward over it"))
        }
        AmbiguousOffset::Fold { before, after } => Err(format!(
            "{text} happens twice in {name}, as the clocks are put back; give an offset, {text}{before} or {text}{after}"
        )),
    }
}

/// The instant in RFC 3339, local to the zone.
pub(crate) fn local_text(time: Time, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let timestamp = timestamp(time);
    timestamp.display_with_offset(zone.to_offset(timestamp)).to_string()
}

fn timestamp(time: Time) -> Timestamp {
    let since_epoch = SignedDuration::from_millis(i64::try_from(time.0).unwrap_or(i64::MAX));
    Timestamp::from_duration(since_epoch).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, name: &str) -> Result<String, String> {
        instant(text, &zone(name)?).map(|time| local_text(time, name))
    }

    #[test]
    fn local_and_absolute_times_agree() {
        let check = |text, name, expected: &str| assert_eq!(read(text, name).as_deref(), Ok(expected));
        check("2027-05-01T19:00:00", "Asia/Seoul", "2027-05-01T19:00:00+09:00");
        check("2027-05-01 19:00", "Asia/Seoul", "2027-05-01T19:00:00+09:00");
        check("2027-05-01T10:00:00Z", "Asia/Seoul", "2027-05-01T19:00:00+09:00");
        check("2027-05-01T12:00:00+02:00", "Asia/Seoul", "2027-05-01T19:00:00+09:00");
        check("2027-05-01T23:59:59.60Z", "UTC", "2027-05-01T23:59:59.6+00:00");
        check("2027-05-01T19:00:00+14:00", "Pacific/Kiritimati", "2027-05-01T19:00:00+14:00");
        check("2027-05-01T19:00:00-12:00", "Etc/GMT+12", "2027-05-01T19:00:00-12:00");
        check("2026-10-25T02:30:00+02:00", "Europe/Berlin", "2026-10-25T02:30:00+02:00");
        check("2026-10-25T02:30:00+01:00", "Europe/Berlin", "2026-10-25T02:30:00+01:00");
    }

    #[test]
    fn a_moment_by_itself_has_an_offset_or_names_its_zone() {
        let check = |text, expected: Result<&str, &str>| {
            let read = absolute(text).map(|time| local_text(time, "UTC"));
            assert_eq!(read.as_deref().map_err(String::as_str), expected, "{text}");
        };
        check("2027-05-01T10:00:00.250+09:00", Ok("2027-05-01T01:00:00.25+00:00"));
        check("2027-05-01T10:00:00[Asia/Seoul]", Ok("2027-05-01T01:00:00+00:00"));
        check("2027-05-01T10:00:00+09:00[Asia/Seoul]", Ok("2027-05-01T01:00:00+00:00"));
        check("2027-05-01T10:00:00Z", Ok("2027-05-01T10:00:00+00:00"));
        check(
            "2027-05-01T10:00:00+08:00[Asia/Seoul]",
            Err("must have the offset that its zone has then, but is \"2027-05-01T10:00:00+08:00[Asia/Seoul]\""),
        );
        check(
            "2027-05-01T10:00:00",
            Err(
                "must have an offset or a zone, as in 2027-05-01T10:00:00+09:00 or 2027-05-01T10:00:00[Asia/Seoul], but is \
                 \"2027-05-01T10:00:00\"",
            ),
        );
        check(
            "2027-05-01T10:00:00[Moon/Sea]",
            Err("must be an IANA time zone such as Asia/Seoul, but is \"Moon/Sea\""),
        );
        check("soon", Err("must be a date and a time such as 2027-05-01T19:00:00, but is \"soon\""));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        let check = |text, name, expected: &str| assert_eq!(read(text, name), Err(expected.to_owned()));
        check("tomorrow", "Asia/Seoul", "must be a date and a time such as 2027-05-01T19:00:00, but is \"tomorrow\"");
        check(
            "2027-05-01",
            "Asia/Seoul",
            "must be a date and a time such as 2027-05-01T19:00:00, but is \"2027-05-01\"",
        );
        check(
            "2027-02-30T10:00:00",
            "Asia/Seoul",
            "must be a date and a time such as 2027-05-01T19:00:00, but is \"2027-02-30T10:00:00\"",
        );
        check(
            "2027-03-28T02:30:00",
            "Europe/Berlin",
            "2027-03-28T02:30:00 does not exist in Europe/Berlin: the clocks are put forward over it",
        );
        check(
            "2026-10-25T02:30:00",
            "Europe/Berlin",
            "2026-10-25T02:30:00 happens twice in Europe/Berlin, as the clocks are put back; give an offset, \
             2026-10-25T02:30:00+02 or 2026-10-25T02:30:00+01",
        );
        check(
            "2027-05-01T19:00:00+09:00[Asia/Seoul]",
            "Asia/Seoul",
            "must not name a time zone; the schedule's zone field does",
        );
        for text in ["2027-05-01T19:00:00+25:00", "2027-05-01T19:00:00-12:01", "2027-05-01T19:00:00+14:01"] {
            let expected =
                format!("must have an offset from -12:00 to +14:00, as clocks on earth have, but is {text:?}");
            check(text, "Asia/Seoul", &expected);
        }
        for text in ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60", "20161231T235960.5+00:00", "2016-12-31 23:59:60,5"]
        {
            check(text, "UTC", &format!("must not be a leap second, which no schedule begins at: {text:?}"));
        }
        check("1969-12-31T00:00:00Z", "UTC", "must not lie before 1970, but is \"1969-12-31T00:00:00Z\"");
        for none in ["localtime", "LOCALTIME", "posixrules", "Factory", "Etc/Unknown", "right/UTC", "posix/Asia/Seoul"]
        {
            let expected = format!("must be an IANA time zone such as Asia/Seoul, but is {none:?}");
            check("2027-05-01T19:00:00", none, &expected);
        }
        check("2027-05-01T19:00:00", "Asia/Soul", "must be an IANA time zone such as Asia/Seoul, but is \"Asia/Soul\"");
    }
}
