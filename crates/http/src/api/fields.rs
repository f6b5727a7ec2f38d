//! Reading the fields of a request, so that what is wrong can be said field by field.

use std::fmt;

use onsale_domain::ids::INTEGER_MAX;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use crate::problem::{Code, Problem};

/// Parses a body that must be a JSON object.
pub(super) fn parse<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Problem> {
    match body.trim_ascii_start().first() {
        None => return Err(bad("The body is empty; a JSON object is expected.")),
        Some(b'{') => {}
        // A list would be taken for the fields in their order.
        Some(_) => return Err(bad("The body must be a JSON object.")),
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        // Nothing of the body is repeated: it may hold what a log should not.
        serde_json::error::Category::Data => bad(format!("The body must be a JSON object: {}.", data_error(&error))),
        _ => bad(format!("The body is not valid JSON, at line {}, column {}.", error.line(), error.column())),
    })
}

fn data_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line").next().unwrap_or("it is something else").to_owned()
}

fn bad(detail: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem::new(Code::BadRequest).with_detail(detail)
}

/// What stands where a number should.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Number {
    #[default]
    Missing,
    Whole(u64),
    Negative,
    /// A fraction, or beyond what a whole number can be here.
    Other,
    WrongType,
}

impl Number {
    /// An id: 1 to 2^53-1.
    pub(super) fn id(self, field: &'static str) -> Result<u64, Problem> {
        match self {
            Self::Whole(id @ 1..=INTEGER_MAX) => Ok(id),
            Self::Missing => Err(Problem::field(field, format!("{field} is missing."))),
            Self::WrongType => Err(Problem::field(field, format!("{field} must be a number."))),
            Self::Whole(_) | Self::Negative | Self::Other => {
                Err(Problem::field(field, format!("{field} must be a whole number from 1 to {INTEGER_MAX}.")))
            }
        }
    }

    /// An amount of money to move: whole and positive. The limit above is the engine's matter.
    pub(super) fn amount(self, field: &'static str) -> Result<u64, Problem> {
        match self {
            Self::Whole(amount @ 1..) => Ok(amount),
            Self::Missing => Err(Problem::field(field, format!("{field} is missing."))),
            Self::WrongType => Err(Problem::field(field, format!("{field} must be a number."))),
            Self::Whole(_) | Self::Negative | Self::Other => Err(Problem::new(Code::AmountInvalid)),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number::Whole(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number, E> {
        Ok(u64::try_from(value).map_or(Number::Negative, Number::Whole))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
        Ok(match value {
            // `1e3` and `5.0` are whole numbers in JSON as well.
            value if value >= 0.0 && value <= INTEGER_MAX as f64 && value.fract() == 0.0 => Number::Whole(value as u64),
            value if value < 0.0 => Number::Negative,
            _ => Number::Other,
        })
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Number, E> {
        Ok(Number::WrongType)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Number, E> {
        Ok(Number::WrongType)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Number, E> {
        Ok(Number::WrongType)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Number, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Number::WrongType)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Number::WrongType)
    }
}

/// A query parameter that must be an id where it is given.
pub(super) fn query_id(query: Option<&str>, name: &'static str) -> Result<Option<u64>, Problem> {
    let Some(value) = query_value(query, name) else { return Ok(None) };
    // Digits alone: what else `parse` takes (a plus sign) is no JSON integer.
    let number = if value.bytes().all(|byte| byte.is_ascii_digit()) { value.parse().ok() } else { None };
    number.map_or(Number::Other, Number::Whole).id(name).map(Some)
}

/// The first value of a query parameter, decoded.
pub(super) fn query_value<'a>(query: Option<&'a str>, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    form_urlencoded::parse(query?.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct One {
        #[serde(default)]
        n: Number,
    }

    fn number(body: &str) -> Number {
        parse::<One>(body.as_bytes()).map_or_else(|problem| panic!("{body}: {problem:?}"), |one| one.n)
    }

    #[test]
    fn whatever_stands_there_is_told_apart() {
        for (body, expected) in [
            ("{}", Number::Missing),
            (r#"{"other":[{"n":1}]}"#, Number::Missing),
            (r#"{"n":7}"#, Number::Whole(7)),
            (r#"{"n":1e3}"#, Number::Whole(1_000)),
            (r#"{"n":5.0}"#, Number::Whole(5)),
            (r#"{"n":-0.0}"#, Number::Whole(0)),
            (r#"{"n":0.5}"#, Number::Other),
            (r#"{"n":-1}"#, Number::Negative),
            (r#"{"n":-1e300}"#, Number::Negative),
            (r#"{"n":18446744073709551616}"#, Number::Other),
            (r#"{"n":null}"#, Number::WrongType),
            (r#"{"n":"7"}"#, Number::WrongType),
            (r#"{"n":[1,{"a":2}]}"#, Number::WrongType),
            (r#"{"n":{"a":[1]}}"#, Number::WrongType),
            (r#"{"n":true}"#, Number::WrongType),
        ] {
            assert_eq!(number(body), expected, "{body}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for body in ["", "[]", "7", "null", r#"{"n":1"#, r#"{"n":1}x"#, r#"{"n":1,"n":2}"#, "\u{feff}{}", r#"{"n":01}"#]
        {
            assert!(parse::<One>(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn query_ids_are_digits() {
        let id = |query| query_id(Some(query), "id");
        assert_eq!(id("a=1&id=7").ok(), Some(Some(7)));
        assert_eq!(id("a=1").ok(), Some(None));
        for bad in
            ["id=", "id=0", "id=-1", "id=%2B1", "id=1.0", "id=x", "id=9007199254740992", "id=99999999999999999999"]
        {
            assert!(id(bad).is_err(), "{bad}");
        }
    }
}
