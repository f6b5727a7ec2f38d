//! What the amounts are of. It stands beside the projection: no command sets it.

use crate::error::Error;
use crate::value::{Type, Upsert};

pub(crate) static UPSERT: Upsert = Upsert {
    table: "currency",
    columns: &[("one", Type::Integer), ("code", Type::Text), ("code_again", Type::Text)],
    key: 1,
};

/// For the first one that has a currency to give.
pub(crate) const DECIDE: &str =
    "INSERT INTO currency (one, code, code_again) VALUES (1, $1, $1) ON CONFLICT DO NOTHING";
pub(crate) const FIND: &str = "SELECT code, code_again FROM currency";

/// What is stored, where it is what was stored: a bit that has turned makes `KRW` `KPW`, which is a currency too. Programs below
/// level 5 write it once.
pub(crate) fn checked(code: Option<&[u8]>, again: Option<&[u8]>) -> Result<String, Error> {
    code.filter(|code| again.is_none_or(|again| again == *code))
        .and_then(|code| String::from_utf8(code.to_vec()).ok())
        .ok_or_else(|| Error::Corrupt { table: "currency", key: "1".to_owned(), column: "code".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_that_has_turned_is_another_currency_to_nobody() {
        assert_eq!(checked(Some(b"KRW"), Some(b"KRW")).unwrap(), "KRW");
        assert_eq!(checked(Some(b"KRW"), None).unwrap(), "KRW");
        for (code, again) in [(&b"KPW"[..], &b"KRW"[..]), (b"KRW", b"KRV"), (b"\xCBRW", b"\xCBRW")] {
            assert!(matches!(checked(Some(code), Some(again)), Err(Error::Corrupt { .. })));
        }
        assert!(checked(None, Some(b"KRW")).is_err());
    }
}
