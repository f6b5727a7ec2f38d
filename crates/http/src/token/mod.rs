//! The queue token: a JWT (RFC 7519) signed with HS256 that says whose ticket it is and nothing that changes.

mod admin;
mod claims;
mod code;
mod document;
mod file;
mod key;
mod network;
mod people;
mod proof;
mod ring;
mod seal;
mod store;

pub use admin::AdminKey;
pub(crate) use admin::{key_digest, key_id};
pub use claims::{Claims, NO_TICKET};
pub use code::PlainCode;
pub use key::{SECRET_BYTES_MIN, Secret, SecretTooShort};
pub use people::People;
pub(crate) use proof::Unproven;
pub use ring::{Error, KeyRing, TOKEN_BYTES_MAX};
pub(crate) use seal::{SealedBy, SealedFor};
pub use store::{FILE_NAME, KeyStore, Keys, Overrides, StoreError, Vault};

/// The credentials of an `Authorization` value: what follows `Bearer`, or all of it.
///
/// The scheme is matched without regard to case (RFC 9110, section 11.1), and spaces around the credentials are
/// dropped. Empty where there are none.
pub(crate) fn credentials(header_value: &[u8]) -> &[u8] {
    let value = header_value.trim_ascii();
    match value.split_at_checked(b"bearer".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(b"bearer") => match rest.first() {
            None | Some(b' ' | b'\t') => rest.trim_ascii_start(),
            Some(_) => value,
        },
        _ => value,
    }
}
