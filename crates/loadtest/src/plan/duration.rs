//! Durations as people write them: `500ms`, `2s`, `10m`, `1h30m`.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error as _};

/// A duration, written as `2s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Deref for Span {
    type Target = Duration;

    fn deref(&self) -> &Duration {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let millis = parse(&text)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no duration such as 500ms, 2s or 10m")))?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}ms", self.0.as_millis())
    }
}

/// Milliseconds; greater units first, each at most once.
fn parse(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = text.trim();
    let mut millis: u64 = 0;
    let mut units = UNITS.into_iter();
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let end = rest[digits..].find(|letter: char| letter.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        let (_, unit_ms) = units.find(|&(unit, _)| unit == &rest[digits..end])?;
        millis = millis.checked_add(number.checked_mul(unit_ms)?)?;
        rest = &rest[end..];
    }
    (!text.trim().is_empty()).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, millis) in [("500ms", 500), ("2s", 2_000), ("10m", 600_000), ("1h30m", 5_400_000), ("1m5ms", 60_005)]
        {
            assert_eq!(parse(text), Some(millis), "{text}");
        }
        for wrong in ["", "5", "s", "5x", "5s2m", "-1s", "1.5s", "99999999999999999999s"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
