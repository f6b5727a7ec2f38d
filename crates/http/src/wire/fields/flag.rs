//! Yes or no, which may be left out.

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::problem::Problem;

/// What stands where `true` or `false` should.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Flag {
    #[default]
    Missing,
    Given(bool),
    WrongType,
}

impl Flag {
    /// Whether it is so; not, where it is left out.
    pub(crate) fn is_set(self, field: &str) -> Result<bool, Problem> {
        match self {
            Self::Missing => Ok(false),
            Self::Given(is_set) => Ok(is_set),
            Self::WrongType => Err(Problem::field(field.to_owned(), format!("{field} must be true or false."))),
        }
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match <&RawValue>::deserialize(deserializer)?.get() {
            "true" => Self::Given(true),
            "false" => Self::Given(false),
            _ => Self::WrongType,
        })
    }
}
