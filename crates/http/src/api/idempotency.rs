//! The `Idempotency-Key` header.

use http::HeaderMap;
use onsale_domain::idempotency::Key;
use sha2::{Digest as _, Sha256};

use crate::problem::Problem;

const NAME: &str = "idempotency-key";
const CHARACTERS_MAX: usize = 255;

/// The key, if the request has one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<Key>, Problem> {
    let mut values = headers.get_all(NAME).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let value = value.as_bytes();
    if values.next().is_some() || value.is_empty() || value.len() > CHARACTERS_MAX {
        return Err(Problem::field("Idempotency-Key", "Idempotency-Key must be given once, with 1 to 255 characters."));
    }
    let digest = Sha256::digest(value);
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    Ok(Some(Key { hash }))
}
