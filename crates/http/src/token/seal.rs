//! What is kept elsewhere for this service, by a browser above all, and can be neither read nor changed there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use onsale_domain::ids::KeyId;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;

use super::key::Key;
use super::ring::KeyRing;

const KEY_ID_BYTES: usize = 4;
const SALT_BYTES: usize = 24;
/// Nothing longer is opened.
const SEALED_CHARS_MAX: usize = 8 << 10;

/// What for. What is sealed for one thing opens as no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealedFor {
    /// What is to be known again when somebody comes back from their identity provider.
    Login,
    /// An operator who has signed in.
    Session,
    /// Somebody who waits to be let in to a site.
    GateVisitor,
    /// What is exchanged for a pass to a site, once.
    GateCode,
    /// What messages to a webhook are signed with. It is kept, and not a browser's.
    Webhook,
    /// What lets some people in to a site past the line.
    GateLink,
}

impl SealedFor {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Login => b"login",
            Self::Session => b"session",
            Self::GateVisitor => b"gate visitor",
            Self::GateCode => b"gate code",
            Self::Webhook => b"webhook",
            Self::GateLink => b"gate link",
        }
    }
}

/// Whose seal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealedBy {
    /// That of the key that signs now: a rotation ends it.
    Current,
    /// That of any key of the ring.
    Any,
}

impl KeyRing {
    /// Seals a text with the key that signs now.
    ///
    /// # Errors
    /// Where the system gives no chance.
    pub(crate) fn seal(&self, what_for: SealedFor, text: &[u8]) -> Result<String, getrandom::Error> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt)?;
        let key = &self.keys[0];
        let mut sealed = text.to_vec();
        aead(key, what_for, &salt)
            .seal_in_place_append_tag(nonce(), Aad::empty(), &mut sealed)
            .expect("a cookie is shorter than what AES-GCM takes");
        Ok(URL_SAFE_NO_PAD.encode([&key.id.0.to_be_bytes()[..], &salt, &sealed].concat()))
    }

    /// The text that was sealed; `None` for anything else.
    pub(crate) fn open(&self, what_for: SealedFor, sealed: &str, by: SealedBy) -> Option<Vec<u8>> {
        if sealed.len() > SEALED_CHARS_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (id, rest) = bytes.split_first_chunk::<KEY_ID_BYTES>()?;
        let (salt, text) = rest.split_first_chunk::<SALT_BYTES>()?;
        let key = self.sign_in_key(KeyId(u32::from_be_bytes(*id)))?;
        if by == SealedBy::Current && key.id != self.current() {
            return None;
        }
        let mut text = text.to_vec();
        let length = aead(key, what_for, salt).open_in_place(nonce(), Aad::empty(), &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }

    /// The name and the secret of the key that signs for those who sign in now.
    pub(crate) fn sign_in(&self) -> (KeyId, &[u8; 32]) {
        (self.keys[0].id, &self.keys[0].sign_in)
    }

    /// The secret of an earlier one, or of this.
    pub(crate) fn sign_in_of(&self, id: KeyId) -> Option<&[u8; 32]> {
        self.sign_in_key(id).map(|key| &key.sign_in)
    }

    fn sign_in_key(&self, id: KeyId) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }
}

/// A key for one text alone: whoever has many sealed has no two under one key, so the nonce may always be the same.
fn aead(key: &Key, what_for: SealedFor, salt: &[u8; SALT_BYTES]) -> LessSafeKey {
    let mac = Hmac::<Sha256>::new_from_slice(&key.sign_in).expect("HMAC takes a key of any length");
    let key = mac.chain_update(what_for.name()).chain_update([0]).chain_update(salt).finalize().into_bytes();
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("AES-256 takes 32 bytes"))
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
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
    fn what_is_sealed_opens_for_what_it_was_sealed_and_by_this_store() {
        let ours = ring(7, &["a"]);
        let sealed = ours.seal(SealedFor::Login, b"a text").expect("chance");
        assert_ne!(sealed, ours.seal(SealedFor::Login, b"a text").expect("chance"));
        let open = |ring: &KeyRing, what_for, by| ring.open(what_for, &sealed, by);
        assert_eq!(open(&ours, SealedFor::Login, SealedBy::Current).as_deref(), Some(&b"a text"[..]));
        assert_eq!(open(&ours, SealedFor::Session, SealedBy::Any), None);
        assert_eq!(open(&ring(8, &["a"]), SealedFor::Login, SealedBy::Any), None, "another store of the same key");
        let rotated = ring(7, &["b", "a"]);
        assert!(open(&rotated, SealedFor::Login, SealedBy::Any).is_some());
        assert_eq!(open(&rotated, SealedFor::Login, SealedBy::Current), None);
        assert_eq!(open(&ring(7, &["b"]), SealedFor::Login, SealedBy::Any), None);
    }

    #[test]
    fn what_was_changed_by_one_character_does_not_open() {
        let ring = ring(7, &["a"]);
        let sealed = ring.seal(SealedFor::Session, b"admin").expect("chance");
        for at in 0..sealed.len() {
            let mut other = sealed.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            assert_eq!(ring.open(SealedFor::Session, &other, SealedBy::Any), None, "{at}");
        }
        for other in ["", "AAAA", &sealed[..sealed.len() - 4], &"A".repeat(9_000)] {
            assert_eq!(ring.open(SealedFor::Session, other, SealedBy::Any), None, "{other}");
        }
    }
}
