//! Signing and checking with the current key and those before it.

use std::fmt;
use std::ops::Range;

use base64_simd::{AsOut as _, URL_SAFE_NO_PAD};
use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use onsale_domain::ids::{KeyId, TicketId, UserId};
use onsale_domain::time::Time;
use sha2::Sha256;

use super::claims::{self, Claims, ENCODED_HEAD_BYTES, Issuer};
use super::key::{HASHED_BYTES, HEADER_BYTES, KEY_ID, Key, PREFIX_BYTES, Secret};
use crate::pass::Signer;

/// A SHA-256 MAC in base64url.
const MAC_CHARS: usize = 43;

/// No token is longer than this.
pub const TOKEN_BYTES_MAX: usize = HEADER_BYTES + (claims::BYTES_MAX * 4).div_ceil(3) + 1 + MAC_CHARS;

/// The keys of one store. The first signs new tickets; all of them are accepted, and sign again for the tickets
/// that they signed before.
pub struct KeyRing {
    issuer: Issuer,
    pub(super) keys: Vec<Key>,
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There are no credentials.
    #[error("no queue token")]
    Missing,
    /// Forged, garbled, or signed with a key that is not ours.
    #[error("not a queue token of this store")]
    Invalid,
}

impl KeyRing {
    /// A ring of the current key and the previous ones, newest first. A key given twice counts once. `store_id` goes
    /// into every token: stores may share a key, and number their tickets alike.
    #[must_use]
    pub fn new<'a>(store_id: u64, current: &Secret, previous: impl IntoIterator<Item = &'a Secret>) -> Self {
        let issuer = Issuer::new(store_id);
        let mut keys = vec![Key::new(current, &issuer)];
        for secret in previous {
            let key = Key::new(secret, &issuer);
            if keys.iter().all(|known| known.id != key.id) {
                keys.push(key);
            }
        }
        Self { issuer, keys }
    }

    /// The key that new tickets are signed with.
    #[must_use]
    pub fn current(&self) -> KeyId {
        self.keys[0].id
    }

    /// Whether tokens that this key has signed are known.
    #[must_use]
    pub fn knows(&self, key: KeyId) -> bool {
        self.keys.iter().any(|known| known.id == key)
    }

    /// What signs passes, newest first: passes signed with any of them are authentic.
    pub(crate) fn pass_signers(&self) -> impl Iterator<Item = &Signer> {
        self.keys.iter().map(|key| &key.pass_signer)
    }

    /// What signs the passes of gates, newest first.
    pub(crate) fn gate_signers(&self) -> impl Iterator<Item = &Signer> {
        self.keys.iter().map(|key| &key.gate_signer)
    }

    /// The token of a ticket: the same bytes whenever it is asked for, as long as the ring holds `key`.
    ///
    /// Where it does not (`token.key` was changed while the ticket lived), the current key signs: the ticket is live,
    /// and its owner would be locked out until it ends.
    #[must_use]
    pub fn sign(&self, key: KeyId, ticket: TicketId, user: UserId, issued_at: Time) -> Bytes {
        let key = self.keys.iter().find(|known| known.id == key).unwrap_or(&self.keys[0]);
        let claims = Claims { ticket, user, issued_at_s: issued_at.0 / 1_000 }.write(&self.issuer);
        let mut token = [0; TOKEN_BYTES_MAX];
        token[..PREFIX_BYTES].copy_from_slice(&key.prefix);
        let mut end = PREFIX_BYTES;
        end += encode(&claims.as_slice()[ENCODED_HEAD_BYTES..], &mut token[end..]);
        let mac = key.prefix_mac.clone().chain_update(&token[HASHED_BYTES..end]).finalize().into_bytes();
        token[end] = b'.';
        end += 1;
        end += encode(&mac, &mut token[end..]);
        Bytes::copy_from_slice(&token[..end])
    }

    /// The claims of the token in an `Authorization` value: raw, or after `Bearer`. It must be of this store, also
    /// where another one has a key alike: a token of a test's store opens nothing here.
    ///
    /// # Errors
    /// [`Error::Missing`] where the value has no credentials; [`Error::Invalid`] for anything that
    /// [`KeyRing::sign`] would not have given.
    pub fn verify(&self, header_value: &[u8]) -> Result<Claims, Error> {
        let token = super::credentials(header_value);
        if token.is_empty() {
            return Err(Error::Missing);
        }
        self.check(token).ok_or(Error::Invalid)
    }

    /// Whether the token looks like one of this store that is signed with a key which the ring has not.
    #[must_use]
    pub fn lacks_key_of(&self, header_value: &[u8]) -> bool {
        let token = super::credentials(header_value);
        let Some(prefix) = token.get(..PREFIX_BYTES) else { return false };
        let alike = |part: Range<usize>| prefix[part.clone()] == self.keys[0].prefix[part];
        alike(0..KEY_ID.start) && alike(KEY_ID.end..PREFIX_BYTES) && self.keys.iter().all(|key| key.prefix != prefix)
    }

    fn check(&self, token: &[u8]) -> Option<Claims> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (signed, mac) = token.split_at_checked(token.len().checked_sub(MAC_CHARS + 1)?)?;
        let mac = mac.strip_prefix(b".")?;
        let mut claims = [0; claims::BYTES_MAX + 3];
        let key = self.keys.iter().find(|key| signed.starts_with(&key.prefix))?;
        verify(&key.prefix_mac, &signed[HASHED_BYTES..], mac)?;
        Claims::read(decode(&signed[PREFIX_BYTES..], &mut claims)?)
    }
}

/// Whether `mac` is what `prepared` gives for `text`, compared in constant time.
fn verify(prepared: &Hmac<Sha256>, text: &[u8], mac: &[u8]) -> Option<()> {
    let mut expected = [0; 32];
    let expected = decode(mac, &mut expected)?;
    prepared.clone().chain_update(text).verify_slice(expected).ok()
}

/// The decoder refuses padding and loose trailing bits, so a token has one spelling.
fn decode<'a>(text: &[u8], out: &'a mut [u8]) -> Option<&'a [u8]> {
    // It panics where there is no room.
    if text.len() * 3 / 4 > out.len() {
        return None;
    }
    Some(URL_SAFE_NO_PAD.decode(text, out.as_out()).ok()?)
}

fn encode(bytes: &[u8], out: &mut [u8]) -> usize {
    URL_SAFE_NO_PAD.encode(bytes, out.as_out()).len()
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| key.id)).finish()
    }
}
