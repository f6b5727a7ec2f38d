//! Durations as operators write them: `500ms`, `90s`, `10m`, `1h30m`.

use std::borrow::Cow;

use jiff::SignedDuration;
use jiff::fmt::friendly::{Spacing, SpanPrinter};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The form of a duration, as a regular expression (ECMA-262).
const PATTERN: &str = "^(?=.)([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?$";

const PRINTER: SpanPrinter = SpanPrinter::new().spacing(Spacing::None);

/// A duration in milliseconds, with a text form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Milliseconds(pub(crate) u64);

impl Milliseconds {
    fn parse(text: &str) -> Option<Self> {
        // The library reads more spellings than are documented here; one is enough.
        let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'h' | b'm' | b's');
        if !text.bytes().all(plain) {
            return None;
        }
        let duration: SignedDuration = text.parse().ok()?;
        u64::try_from(duration.as_millis()).ok().map(Self)
    }

    pub(crate) fn text(self) -> String {
        PRINTER.duration_to_string(&SignedDuration::from_millis(i64::try_from(self.0).unwrap_or(i64::MAX)))
    }
}

impl<'de> Deserialize<'de> for Milliseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format_args!("must be a duration such as 500ms, 90s, 10m or 1h30m, but is {text:?}"))
        })
    }
}

impl Serialize for Milliseconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl PartialSchema for Milliseconds {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(PATTERN))
            .description(Some("A duration in h, m, s and ms, the greater unit first."))
            .examples([serde_json::json!("1h30m")])
            .into()
    }
}

impl ToSchema for Milliseconds {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Duration")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_durations_agree() {
        for (text, ms, again) in [
            ("500ms", 500, "500ms"),
            ("90s", 90_000, "1m30s"),
            ("10m", 600_000, "10m"),
            ("1h30m", 5_400_000, "1h30m"),
            ("100h", 360_000_000, "100h"),
            ("0s", 0, "0s"),
            ("1s5ms", 1_005, "1s5ms"),
        ] {
            let duration = Milliseconds::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((duration.0, duration.text().as_str()), (ms, again), "{text}");
            assert_eq!(Milliseconds::parse(&duration.text()), Some(duration));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in
            ["", "5", "soon", "-1s", "10 m", "10min", "PT10M", "1.5h", "5s10m", "1d", "10M", "99999999999999999999h"]
        {
            assert_eq!(Milliseconds::parse(text), None, "{text}");
        }
    }
}
