//! Codes that open a queue: what people type is made plain, and only a hash of it is kept.
//!
//! The hash has a key, so that whoever has the tables alone can try no codes by themselves, however short they are. It is made of a
//! token key and of this store, as other keys are, and a campaign says of which token key.

use hmac::Mac as _;
use onsale_domain::codes::CodeDigest;
use onsale_domain::ids::KeyId;

use super::ring::KeyRing;

/// The characters of a code, beside what is left out.
const CHARS: core::ops::RangeInclusive<usize> = 4..=64;

impl KeyRing {
    /// The hash of a code of this queue, with the key that comes of this token key; `None` where the ring has not got it.
    pub(crate) fn code_digest(&self, key: KeyId, queue: &str, code: &PlainCode) -> Option<CodeDigest> {
        let key = self.keys.iter().find(|known| known.id == key)?;
        let mac = key.code_mac.clone().chain_update(queue).chain_update([0]).chain_update(&code.0);
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        hash.first_chunk().copied().map(CodeDigest)
    }
}

/// A code as it is hashed: letters and digits alone, in capitals.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct PlainCode(String);

impl PlainCode {
    /// What people type: spaces, dashes and dots count for nothing, nor do small letters and the wide ones of East Asian keyboards. `None`
    /// where there is anything else in it, or too little or too much.
    #[must_use]
    pub fn of(typed: &str) -> Option<Self> {
        let mut plain = String::new();
        for c in typed.chars() {
            let c = match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
                c => c,
            };
            match c {
                c if c.is_ascii_alphanumeric() => plain.push(c.to_ascii_uppercase()),
                '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
                c if c.is_whitespace() => {}
                _ => return None,
            }
            if plain.len() > *CHARS.end() {
                return None;
            }
        }
        CHARS.contains(&plain.len()).then_some(Self(plain))
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Secret;
    use super::*;

    fn ring(store_id: u64, keys: &[&str]) -> KeyRing {
        let keys: Vec<_> = keys.iter().map(|key| Secret::new(key.repeat(32)).expect("long enough")).collect();
        KeyRing::new(store_id, &keys[0], &keys[1..])
    }

    #[test]
    fn a_code_is_what_it_says_however_it_is_typed() {
        let plain = |typed: &str| PlainCode::of(typed).map(|code| code.0);
        for typed in ["AB12CD", "ab12cd", " ab12-cd ", "Ab12.Cd", "ab12_cd", "ＡＢ１２ＣＤ", "AB12\u{2013}CD\u{3000}"]
        {
            assert_eq!(plain(typed).as_deref(), Some("AB12CD"), "{typed}");
        }
        for wrong in ["", "abc", "a-b-c", "AB12CD!", "코드1234", "a\u{0}bcd", &"A".repeat(65)] {
            assert_eq!(plain(wrong), None, "{wrong}");
        }
        assert!(plain(&"A".repeat(64)).is_some());
    }

    #[test]
    fn a_hash_is_of_this_store_this_queue_and_this_key() {
        let ours = ring(7, &["a"]);
        let code = PlainCode::of("ABCD-EFGH").expect("a code");
        let of = |ring: &KeyRing, key, queue| ring.code_digest(key, queue, &code);
        let first = of(&ours, ours.current(), "default").expect("the ring has its key");
        let rotated = ring(7, &["b", "a"]);
        assert_eq!(of(&rotated, ours.current(), "default"), Some(first), "an old key goes on");
        assert_eq!(of(&ring(7, &["b"]), ours.current(), "default"), None);
        let others = [
            of(&rotated, rotated.current(), "default"),
            of(&ring(8, &["a"]), ours.current(), "default"),
            of(&ours, ours.current(), "vip"),
        ];
        assert!(others.iter().all(|other| other.is_some_and(|other| other != first)), "{others:?}");
    }
}
