//! The bytes of a file as text.

use crate::problem::Problems;

/// The text without its byte order mark.
pub(crate) fn decode(bytes: &[u8]) -> Result<&str, Problems> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(Problems::one("line 1", "the file is UTF-16; save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        Problems::one(format_args!("line {line}"), "is not UTF-8; save the file as UTF-8")
    })?;
    if text.trim().is_empty() { Err(Problems::one("", "the file is empty")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(decode(b"\xEF\xBB\xBFabc"), Ok("abc"));
    }

    #[test]
    fn what_is_no_text_is_named_by_its_line() {
        let check = |bytes: &[u8], expected| assert_eq!(decode(bytes).unwrap_err().to_string(), expected);
        check(b"a\nb\n\xC0\n", "line 3: is not UTF-8; save the file as UTF-8");
        check(b"\xFF\xFEa\0", "line 1: the file is UTF-16; save it as UTF-8");
        check(b"\xEF\xBB\xBF \n", "the file is empty");
    }
}
