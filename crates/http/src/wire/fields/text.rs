//! Texts that may be left out.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use crate::problem::Problem;

/// What stands where a text should.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Text<'a> {
    #[default]
    Missing,
    Given(Cow<'a, str>),
    /// `null` too: a name that is `null` by mistake must not pass for one that was left out.
    WrongType,
}

impl Text<'_> {
    /// The text, if there is one.
    pub(crate) fn optional(&self, field: &str) -> Result<Option<&str>, Problem> {
        match self {
            Self::Missing => Ok(None),
            Self::Given(text) => Ok(Some(text)),
            Self::WrongType => Err(Problem::field(field.to_owned(), format!("{field} must be a string."))),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Text<'de>, E> {
        Ok(Text::Given(Cow::Borrowed(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Text<'de>, E> {
        Ok(Text::Given(Cow::Owned(value.to_owned())))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Text<'de>, E> {
        Ok(Text::WrongType)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Text<'de>, E> {
        Ok(Text::WrongType)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Text<'de>, E> {
        Ok(Text::WrongType)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Text<'de>, E> {
        Ok(Text::WrongType)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Text<'de>, E> {
        Ok(Text::WrongType)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::WrongType)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::WrongType)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[derive(Deserialize)]
    struct One<'a> {
        #[serde(default, borrow)]
        t: Text<'a>,
    }

    #[test]
    fn whatever_stands_there_is_told_apart() {
        let given = |text| Text::Given(Cow::Borrowed(text));
        for (body, expected) in [
            ("{}", Text::Missing),
            (r#"{"t":"vip"}"#, given("vip")),
            (r#"{"t":""}"#, given("")),
            (r#"{"t":"v\u0069p"}"#, given("vip")),
            (r#"{"t":null}"#, Text::WrongType),
            (r#"{"t":5}"#, Text::WrongType),
            (r#"{"t":-5}"#, Text::WrongType),
            (r#"{"t":0.5}"#, Text::WrongType),
            (r#"{"t":true}"#, Text::WrongType),
            (r#"{"t":["vip",{"a":1}]}"#, Text::WrongType),
            (r#"{"t":{"a":[1]}}"#, Text::WrongType),
        ] {
            let found = parse::<One<'_>>(body.as_bytes()).unwrap_or_else(|problem| panic!("{body}: {problem:?}"));
            assert_eq!(found.t, expected, "{body}");
        }
    }
}
