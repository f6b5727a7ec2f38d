//! The admin key.

use onsale_domain::ids::KeyId;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::key::Secret;

/// What `/v1/admin` is opened with. Only the digest is kept, so that keys of any length compare in the same time.
#[derive(Clone)]
pub struct AdminKey {
    digest: [u8; 32],
}

impl AdminKey {
    /// The key that opens the door from now on.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self { digest: Sha256::digest(secret.expose()).into() }
    }

    /// What tells this key from others: the first four bytes of its SHA-256.
    #[must_use]
    pub fn id(&self) -> KeyId {
        key_id(&self.digest)
    }

    /// Whether an `Authorization` value carries this key, after `Bearer` or alone. Takes the same time for every
    /// wrong key.
    #[must_use]
    pub fn opens_for(&self, header_value: &[u8]) -> bool {
        key_digest(header_value).ct_eq(&self.digest).into()
    }
}

/// The SHA-256 of the key that an `Authorization` value carries.
pub(crate) fn key_digest(header_value: &[u8]) -> [u8; 32] {
    Sha256::digest(super::credentials(header_value)).into()
}

/// What tells a key from others: the first four bytes of its SHA-256.
pub(crate) fn key_id(digest: &[u8; 32]) -> KeyId {
    let [a, b, c, d, ..] = *digest;
    KeyId(u32::from_be_bytes([a, b, c, d]))
}

impl std::fmt::Debug for AdminKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminKey(…)")
    }
}
