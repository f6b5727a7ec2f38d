//! Numbers: ids and amounts.

use std::fmt;

use onsale_domain::ids::INTEGER_MAX;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use crate::problem::{Code, Problem};

/// What stands where a number should.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::api) enum Number {
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
    pub(in crate::api) fn id(self, field: &'static str) -> Result<u64, Problem> {
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
    pub(in crate::api) fn amount(self, field: &'static str) -> Result<u64, Problem> {
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

#[cfg(test)]
mod tests {
    use super::super::parse;
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
}
