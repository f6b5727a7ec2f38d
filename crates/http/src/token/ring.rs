//! Signing and checking with the current key and those before it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::Mac as _;
use onsale_domain::ids::{KeyId, TicketId, UserId};
use onsale_domain::time::Time;

use super::claims::{self, Claims, Issuer};
use super::key::{Key, PREFIX_BYTES, Secret};
use crate::ticket::Signer;

/// A SHA-256 MAC in base64url.
const MAC_CHARS: usize = 43;

/// No token is longer than this.
pub const TOKEN_BYTES_MAX: usize = PREFIX_BYTES + (claims::BYTES_MAX * 4).div_ceil(3) + 1 + MAC_CHARS;

/// The keys of one store. The first signs new tickets; all of them are accepted, and sign again for the tickets
/// that they signed before.
pub struct KeyRing {
    issuer: Issuer,
    keys: Vec<Key>,
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
        let mut keys = vec![Key::new(current)];
        for secret in previous {
            let key = Key::new(secret);
            if keys.iter().all(|known| known.id != key.id) {
                keys.push(key);
            }
        }
        Self { issuer: Issuer::new(store_id), keys }
    }

    /// The key that new tickets are signed with.
    #[must_use]
    pub fn current(&self) -> KeyId {
        self.keys[0].id
    }

    /// What signs the tickets to the concert, newest first: tickets signed with any of them are authentic.
    pub(crate) fn tickets(&self) -> impl Iterator<Item = &Signer> {
        self.keys.iter().map(|key| &key.tickets)
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
        end += encode(claims.as_slice(), &mut token[end..]);
        let mac = key.mac.clone().chain_update(&token[PREFIX_BYTES..end]).finalize().into_bytes();
        token[end] = b'.';
        end += 1;
        end += encode(&mac, &mut token[end..]);
        Bytes::copy_from_slice(&token[..end])
    }

    /// The claims of the token in an `Authorization` value: raw, or after `Bearer`. Another store's token, by a key
    /// that is ours too, names its user and no ticket of ours: see [`super::FOREIGN_TICKET`].
    ///
    /// # Errors
    /// [`Error::Missing`] where the value has no credentials; [`Error::Invalid`] for anything that
    /// [`KeyRing::sign`] would not have given, here or in another store.
    pub fn verify(&self, header_value: &[u8]) -> Result<Claims, Error> {
        let token = super::credentials(header_value);
        if token.is_empty() {
            return Err(Error::Missing);
        }
        self.check(token).ok_or(Error::Invalid)
    }

    fn check(&self, token: &[u8]) -> Option<Claims> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let prefix = token.first_chunk::<PREFIX_BYTES>()?;
        let key = self.keys.iter().find(|key| key.prefix == *prefix)?;
        let (signed, mac) = token.split_at_checked(token.len().checked_sub(MAC_CHARS + 1)?)?;
        let payload = signed.get(PREFIX_BYTES..)?;
        let mut expected = [0; 32];
        // The decoder refuses padding and loose trailing bits, so a token has one spelling.
        let decoded = URL_SAFE_NO_PAD.decode_slice(mac.strip_prefix(b".")?, &mut expected).ok()?;
        key.mac.clone().chain_update(payload).verify_slice(&expected[..decoded]).ok()?;
        let mut claims = [0; claims::BYTES_MAX + 3];
        let decoded = URL_SAFE_NO_PAD.decode_slice(payload, &mut claims).ok()?;
        Claims::read(&claims[..decoded], &self.issuer)
    }
}

fn encode(bytes: &[u8], out: &mut [u8]) -> usize {
    URL_SAFE_NO_PAD.encode_slice(bytes, out).expect("TOKEN_BYTES_MAX has room for the longest claims")
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| key.id)).finish()
    }
}
