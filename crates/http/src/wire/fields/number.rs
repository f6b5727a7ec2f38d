//! Numbers: ids and amounts.

use onsale_domain::ids::INTEGER_MAX;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::value::RawValue;

use crate::problem::{Code, Problem};

/// What stands where a number should.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Number {
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
    pub(crate) fn id(self, field: &str) -> Result<u64, Problem> {
        let refused = |what: &str| Err(Problem::field(field.to_owned(), format!("{field} {what}.")));
        match self {
            Self::Whole(id @ 1..=INTEGER_MAX) => Ok(id),
            Self::Missing => refused("is missing"),
            Self::WrongType => refused("must be a number"),
            Self::Whole(_) | Self::Negative | Self::Other => {
                refused(&format!("must be a whole number from 1 to {INTEGER_MAX}"))
            }
        }
    }

    /// An amount of money to move: whole and positive. The limit above is the engine's matter.
    pub(crate) fn amount(self, field: &'static str) -> Result<u64, Problem> {
        match self {
            Self::Whole(amount @ 1..) => Ok(amount),
            Self::Missing => Err(Problem::field(field, format!("{field} is missing."))),
            Self::WrongType => Err(Problem::field(field, format!("{field} must be a number."))),
            Self::Whole(_) | Self::Negative | Self::Other => Err(Problem::new(Code::AmountInvalid)),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    /// By its text: in a double a fraction may have vanished.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        let number = Self::of_text(text);
        // Beyond what JSON's readers can hold at all: the document is at fault, whatever the field is for.
        if number == Self::Other && text.parse::<f64>().is_ok_and(f64::is_infinite) {
            return Err(D::Error::custom("a number in it is out of range"));
        }
        Ok(number)
    }
}

impl Number {
    /// Of the text of a JSON value.
    fn of_text(text: &str) -> Self {
        let (text, negative) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
        if !text.starts_with(|first: char| first.is_ascii_digit()) {
            return Self::WrongType;
        }
        match whole(text) {
            Some(0) => Self::Whole(0),
            _ if negative => Self::Negative,
            Some(value) => Self::Whole(value),
            None => Self::Other,
        }
    }
}

/// The value of a JSON number without its sign, if it is a whole one that fits: `1e3` and `5.0` are whole as well.
fn whole(text: &str) -> Option<u64> {
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [integer, fraction].concat();
    let significant = digits.trim_end_matches('0');
    let value = significant.trim_start_matches('0');
    if value.is_empty() {
        return Some(0);
    }
    // An exponent that is no i32 is beyond all that a body has room for digits to make up for.
    let exponent: i32 = exponent.parse().ok()?;
    let zeros = i64::from(exponent) - fraction.len() as i64 + (digits.len() - significant.len()) as i64;
    let scale = 10_u64.checked_pow(u32::try_from(zeros).ok()?)?;
    value.parse::<u64>().ok()?.checked_mul(scale)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

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
            (r#"{"n":1.0000000000000000001}"#, Number::Other),
            (r#"{"n":0.99999999999999999999}"#, Number::Other),
            (r#"{"n":99999999.99999999999}"#, Number::Other),
            (r#"{"n":9007199254740990.6}"#, Number::Other),
            (r#"{"n":10000000000000001e-16}"#, Number::Other),
            (r#"{"n":1e-400}"#, Number::Other),
            (r#"{"n":1e-99999999999999999999}"#, Number::Other),
            (r#"{"n":0e99999999999999999999}"#, Number::Whole(0)),
            (r#"{"n":1.0000000000000000000000000}"#, Number::Whole(1)),
            (r#"{"n":0.00000000000000000001e20}"#, Number::Whole(1)),
            (r#"{"n":9007199254740991.0}"#, Number::Whole(9_007_199_254_740_991)),
            (r#"{"n":9007199254740992.0}"#, Number::Whole(9_007_199_254_740_992)),
            (r#"{"n":100e-2}"#, Number::Whole(1)),
            (r#"{"n":1.50E+1}"#, Number::Whole(15)),
            (r#"{"n":-1.0000000000000000001}"#, Number::Negative),
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
    fn what_no_reader_can_hold_is_not_json_for_us() {
        let digits = format!(r#"{{"n":{}}}"#, "9".repeat(400));
        for body in [r#"{"n":1e400}"#, r#"{"n":1e99999999999999999999}"#, &digits] {
            assert!(parse::<One>(body.as_bytes()).is_err(), "{body}");
        }
    }
}
