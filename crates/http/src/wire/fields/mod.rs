//! Reading the fields of a request, so that what is wrong can be said field by field.

mod flag;
mod number;
mod text;

use std::borrow::Cow;

use serde::Deserialize;

use crate::problem::{Code, Problem};

pub(crate) use flag::Flag;
pub(crate) use number::Number;
pub(crate) use text::Text;

/// Parses a body that must be a JSON object.
pub(crate) fn parse<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Problem> {
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

/// What is wrong with the data, without what they are.
pub(super) fn data_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line").next().unwrap_or("it is something else").to_owned()
}

fn bad(detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(Code::BadRequest).with_detail(detail)
}

/// A query parameter that must be an id where it is given.
pub(crate) fn query_id(query: Option<&str>, name: &'static str) -> Result<Option<u64>, Problem> {
    let Some(value) = query_value(query, name)? else { return Ok(None) };
    // As JSON has it: neither a plus sign nor a zero before other digits.
    let is_integer = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
    let number = if is_integer { value.parse().ok() } else { None };
    number.map_or(Number::Other, Number::Whole).id(name).map(Some)
}

/// A query parameter that must be there, and an id.
pub(crate) fn required_id(query: Option<&str>, name: &'static str) -> Result<u64, Problem> {
    query_id(query, name)?.map_or_else(|| Number::Missing.id(name), Ok)
}

/// The value of a query parameter, decoded. It is refused where there are two: a proxy may have looked at the other.
pub(crate) fn query_value<'a>(query: Option<&'a str>, name: &'static str) -> Result<Option<Cow<'a, str>>, Problem> {
    let Some(query) = query else { return Ok(None) };
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let value = values.next().map(|(_, value)| value);
    match values.next() {
        None => Ok(value),
        Some(_) => Err(Problem::field(name, format!("{name} must be given once."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct One {
        #[serde(default, rename = "n")]
        _n: Number,
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
        for bad in [
            "id=",
            "id=0",
            "id=-1",
            "id=%2B1",
            "id=1.0",
            "id=x",
            "id=9007199254740992",
            "id=99999999999999999999",
            "id=01",
            "id=7&id=7",
            "id=7&id=8",
        ] {
            assert!(id(bad).is_err(), "{bad}");
        }
    }
}
