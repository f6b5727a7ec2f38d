//! Signing keys: a secret, its name, and the work that can be done once per key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use onsale_domain::ids::KeyId;
use sha2::{Digest as _, Sha256};

use crate::ticket::Signer;

/// The shortest secret that HS256 may be used with (RFC 7518, section 3.2).
pub const SECRET_BYTES_MIN: usize = 32;

/// The bytes of `<header>.`, the same for every token of a key. It is one block of SHA-256, so that a prepared HMAC has
/// hashed it already; the header has three spaces (RFC 8259, section 2) to make it that long.
pub(super) const PREFIX_BYTES: usize = 64;

/// Text that must not be shown: it has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A secret is shorter than [`SECRET_BYTES_MIN`].
#[derive(Debug, thiserror::Error)]
#[error("the secret has {bytes} bytes; it needs at least {SECRET_BYTES_MIN}")]
pub struct SecretTooShort {
    /// How many bytes the secret has.
    pub bytes: usize,
}

impl Secret {
    /// Takes over a secret from configuration. Its UTF-8 bytes are the key.
    ///
    /// # Errors
    /// Where it has fewer than [`SECRET_BYTES_MIN`] bytes.
    pub fn new(text: impl Into<String>) -> Result<Self, SecretTooShort> {
        let text = text.into();
        if text.len() < SECRET_BYTES_MIN {
            return Err(SecretTooShort { bytes: text.len() });
        }
        Ok(Self(text))
    }

    /// 256 random bits, as 43 characters.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The text itself, for the one place that has to show or store it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What the key that signs tickets is derived from a token key with.
const TICKETS: &[u8] = b"onsale: the key that signs tickets, Ed25519, 1";

/// A key that is ready to sign.
pub(super) struct Key {
    pub(super) id: KeyId,
    pub(super) prefix: [u8; PREFIX_BYTES],
    /// The HMAC, after `prefix`.
    pub(super) mac: Hmac<Sha256>,
    /// Signs the tickets to the concert: derived, so that all nodes have it and a rotation changes it too.
    pub(super) tickets: Signer,
}

impl Key {
    pub(super) fn new(secret: &Secret) -> Self {
        let bytes = secret.expose().as_bytes();
        let digest = Sha256::digest(bytes);
        let id = KeyId(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]));
        let header = format!(r#"{{"alg":"HS256", "kid":"{:08x}", "typ":"JWT" }}"#, id.0);
        let encoded = URL_SAFE_NO_PAD.encode(header);
        let mut prefix = [b'.'; PREFIX_BYTES];
        prefix[..PREFIX_BYTES - 1].copy_from_slice(encoded.as_bytes());
        let mac = Hmac::<Sha256>::new_from_slice(bytes).expect("HMAC takes a key of any length");
        let seed = mac.clone().chain_update(TICKETS).finalize().into_bytes();
        Self { id, prefix, mac: mac.chain_update(prefix), tickets: Signer::new(&seed.into()) }
    }
}
