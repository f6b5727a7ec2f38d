//! What stands behind the `?` of an address.

use crate::problem::Problem;

/// A whole number of the query, `default` where it is left out.
pub(crate) fn number(
    name: &'static str,
    text: Option<&str>,
    (min, max): (u64, u64),
    default: u64,
) -> Result<u64, Problem> {
    let Some(text) = text else { return Ok(default) };
    let number = if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None };
    number
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| Problem::field(name, format!("{name} must be a whole number from {min} to {max}.")))
}
