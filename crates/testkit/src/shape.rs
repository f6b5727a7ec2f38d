//! Exact shapes of JSON objects: no member more, none less, each of its type.

use serde_json::Value;

/// What a member may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A JSON number without a fraction, from 0 to 2^53-1.
    Integer,
    Boolean,
    Object,
    Array,
    TextOrNull,
    IntegerOrNull,
}

impl Kind {
    fn admits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.as_u64().is_some_and(|number| number < 1 << 53),
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
            Self::TextOrNull => value.is_null() || Self::Text.admits(value),
            Self::IntegerOrNull => value.is_null() || Self::Integer.admits(value),
        }
    }
}

/// # Panics
/// When `value` is not an object of exactly these members, each of its kind.
#[track_caller]
pub fn assert_shape(value: &Value, members: &[(&str, Kind)]) {
    let object = value.as_object().unwrap_or_else(|| panic!("an object was expected: {value}"));
    for (name, kind) in members {
        let member = object.get(*name).unwrap_or_else(|| panic!("there is no {name}: {value}"));
        assert!(kind.admits(member), "{name} is no {kind:?}: {value}");
    }
    let unknown: Vec<_> = object.keys().filter(|key| !members.iter().any(|(name, _)| name == key)).collect();
    assert!(unknown.is_empty(), "{unknown:?} should not be there: {value}");
}

/// # Panics
/// When `value` is not the text of an RFC 3339 instant that looks like one: date, `T`, time, offset.
#[track_caller]
pub fn assert_utc_instant(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("an RFC 3339 text was expected: {value}"));
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 20
        && [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')].iter().all(|&(at, mark)| bytes[at] == mark);
    let offset = text.ends_with('Z') || text.len() > 6 && matches!(bytes[bytes.len() - 6], b'+' | b'-');
    assert!(shaped && offset, "an RFC 3339 text was expected: {value}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_exact_shape_passes() {
        assert_shape(&json!({"a": 1, "b": null}), &[("a", Kind::Integer), ("b", Kind::TextOrNull)]);
        assert_utc_instant(&json!("2027-05-01T10:00:00Z"));
        assert_utc_instant(&json!("2027-05-01T19:00:00.25+09:00"));
    }

    #[test]
    #[should_panic(expected = "there is no b")]
    fn a_missing_member_fails() {
        assert_shape(&json!({"a": 1}), &[("a", Kind::Integer), ("b", Kind::TextOrNull)]);
    }

    #[test]
    #[should_panic(expected = "should not be there")]
    fn an_unknown_member_fails() {
        assert_shape(&json!({"a": 1, "b": 2}), &[("a", Kind::Integer)]);
    }

    #[test]
    #[should_panic(expected = "is no Integer")]
    fn a_fraction_is_no_integer() {
        assert_shape(&json!({"a": 1.5}), &[("a", Kind::Integer)]);
    }
}
