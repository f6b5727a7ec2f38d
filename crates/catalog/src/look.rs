//! What people see of a text, which is not always what is in it.

use unicode_normalization::UnicodeNormalization as _;

/// Whether the character makes what is written after it, or beside it on a page, run the other way (UAX #9: embeddings,
/// overrides and isolates). Scripts that run from right to left need none of them in a title.
#[must_use]
pub fn turns_text(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether there is nothing in the text that can be seen.
#[must_use]
pub fn shows_nothing(text: &str) -> bool {
    // U+2800 is a pattern of Braille without a dot.
    text.chars().all(|c| c.is_whitespace() || is_unseen(c) || c == '\u{2800}')
}

/// The same for texts that nobody can tell apart: in composed and decomposed form, as computers of different makers write
/// Korean; in full and half width; with characters that are not seen, and more spaces or fewer (UAX #15, NFKC). Capitals
/// and small letters are told apart, as rows of seats are.
pub(crate) fn seen(text: &str) -> String {
    let shown: String = text.nfkc().filter(|&c| !is_unseen(c)).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `Default_Ignorable_Code_Point` of the Unicode Character Database, version 17.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_seen_alike() {
        for (one, other) in [
            ("가", "\u{1100}\u{1161}"),
            ("12", "１２"),
            ("A", "A\u{200B}"),
            ("VIP 석", "VIP\u{A0} 석 "),
            ("café", "cafe\u{301}"),
        ] {
            assert_eq!(seen(one), seen(other), "{one:?} and {other:?}");
        }
        for (one, other) in [("A", "a"), ("1", "11"), ("A 1", "A1"), ("가", "각")] {
            assert_ne!(seen(one), seen(other), "{one:?} and {other:?}");
        }
    }

    #[test]
    fn a_text_of_what_is_not_seen_shows_nothing() {
        for text in ["", " ", "\u{200B}", "\u{3164}\u{3164}", "\u{FEFF} \u{2060}"] {
            assert!(shows_nothing(text), "{text:?}");
        }
        for text in ["A", "\u{200B}1", "👩\u{200D}👧", "한"] {
            assert!(!shows_nothing(text), "{text:?}");
        }
    }
}
