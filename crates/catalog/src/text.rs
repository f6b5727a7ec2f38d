//! The bytes of a file as text.

use std::borrow::Cow;

use crate::problem::Problems;

/// How many UTF-16 units are looked at where a file has no mark.
const LOOKED_AT: usize = 64;

/// The text without its byte order mark. UTF-16, which spreadsheets call "Unicode text", is read too.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Problems> {
    let text = match utf16_unit(bytes) {
        Some(unit) => Cow::Owned(decode_utf16(bytes, unit)?),
        None => Cow::Borrowed(decode_utf8(bytes)?),
    };
    if text.trim().is_empty() { Err(Problems::one("", "the file is empty")) } else { Ok(text) }
}

type Unit = fn([u8; 2]) -> u16;

/// The order of bytes of a file in UTF-16: by its mark, or by the empty halves of what is ASCII, which UTF-8 never has.
fn utf16_unit(bytes: &[u8]) -> Option<Unit> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => return Some(u16::from_be_bytes),
        _ => {}
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let looked_at = &pairs[..pairs.len().min(LOOKED_AT)];
    let count = |half: usize| looked_at.iter().filter(|pair| pair[half] == 0 && pair[1 - half] != 0).count();
    let most = looked_at.len() / 2;
    match (count(0), count(1)) {
        (0, little) if little > most => Some(u16::from_le_bytes),
        (big, 0) if big > most => Some(u16::from_be_bytes),
        _ => None,
    }
}

fn decode_utf16(bytes: &[u8], unit: Unit) -> Result<String, Problems> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|&pair| unit(pair))).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned)),
        _ => Err(Problems::one("", "the file begins as UTF-16, and is broken further on; save it as UTF-8")),
    }
}

fn decode_utf8(bytes: &[u8]) -> Result<&str, Problems> {
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = lines(&bytes[..error.valid_up_to()]) + 1;
        let what = "is not UTF-8; save the file as UTF-8 (in a spreadsheet \"CSV UTF-8\": plain \"CSV\" is CP949 on a \
                    Korean computer)";
        Problems::one(format_args!("line {line}"), what)
    })
}

/// How many lines end in these bytes: by LF, by CR LF, or by CR alone, as old spreadsheets do.
pub(crate) fn lines(bytes: &[u8]) -> usize {
    let ends = |(i, &byte): (usize, &u8)| byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
    bytes.iter().enumerate().filter(|&at| ends(at)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(decode(b"\xEF\xBB\xBFabc").as_deref(), Ok("abc"));
    }

    #[test]
    fn utf16_is_read_with_a_mark_and_without() {
        let text = "concert_id,title\r\n1,첫눈🎫\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (mark, bytes) in [(b"\xFF\xFE", &little), (b"\xFE\xFF", &big)] {
            assert_eq!(decode(bytes).as_deref(), Ok(text));
            assert_eq!(decode(&[mark.as_slice(), bytes].concat()).as_deref(), Ok(text));
        }
        let broken = decode(&little[..little.len() - 1]).unwrap_err().to_string();
        assert_eq!(broken, "the file begins as UTF-16, and is broken further on; save it as UTF-8");
    }

    #[test]
    fn what_is_no_text_is_named_by_its_line() {
        let check = |bytes: &[u8], expected| {
            let told = decode(bytes).unwrap_err().to_string();
            assert!(told.starts_with(expected), "{told}");
        };
        check(b"a\nb\n\xC0\n", "line 3: is not UTF-8; save the file as UTF-8 (in a spreadsheet \"CSV UTF-8\"");
        check(b"a\rb\r\nc\r\xC0\n", "line 4: is not UTF-8");
        check(b"\xEF\xBB\xBF \n", "the file is empty");
    }
}
