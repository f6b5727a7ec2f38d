//! Signing keys: a secret, its name, and the work that can be done once per key.

use std::fmt;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use onsale_domain::ids::KeyId;
use sha2::{Digest as _, Sha256};

use super::claims::{ENCODED_HEAD_BYTES, Issuer};
use crate::pass::Signer;

/// The shortest secret that HS256 may be used with (RFC 7518, section 3.2).
pub const SECRET_BYTES_MIN: usize = 32;

/// The bytes of `<header>.`, the same for every token of a key.
pub(super) const HEADER_BYTES: usize = 77;

/// The characters of the header that its key's id is spelled with, in base64.
pub(super) const KEY_ID: Range<usize> = 28..40;

/// The bytes that begin every token of a key and a store: the header, and the issuer's part of the claims.
pub(super) const PREFIX_BYTES: usize = HEADER_BYTES + (ENCODED_HEAD_BYTES * 4).div_ceil(3);

/// What of the prefix fills blocks of SHA-256: a prepared HMAC has hashed it already.
pub(super) const HASHED_BYTES: usize = PREFIX_BYTES / 64 * 64;

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
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
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

/// What the key that signs passes is derived from a token key with.
const PASSES: &[u8] = b"onsale: the key that signs tickets, Ed25519, 1";

/// What the key of those who sign in is derived from a token key with.
const SIGN_IN: &[u8] = b"onsale: the key of what those who sign in are given, 1";

/// What the key that signs passes of gates is derived from a token key with.
const GATE: &[u8] = b"onsale: the key that signs passes of gates, Ed25519, 1";

/// What the key of the hashes of codes is derived from a token key with.
const CODES: &[u8] = b"onsale: the key of the hashes of codes that open a queue, 1";

/// What the key of the challenges of work is derived from a token key with.
const PROOFS: &[u8] = b"onsale: the key of what whoever joins has to solve, 1";

/// What the key of the tags of networks is derived from a token key with.
const NETWORKS: &[u8] = b"onsale: the key of the tags of networks, 1";

/// A key that is ready to sign.
pub(super) struct Key {
    pub(super) id: KeyId,
    pub(super) prefix: [u8; PREFIX_BYTES],
    /// The HMAC, after the first [`HASHED_BYTES`] of `prefix`.
    pub(super) prefix_mac: Hmac<Sha256>,
    /// Signs passes: derived, so that all nodes have it and a rotation changes it too.
    pub(super) pass_signer: Signer,
    /// Seals what browsers keep of a sign-in, and signs what comes of it: derived as the other is, and of this store alone.
    pub(super) sign_in: [u8; 32],
    /// Signs what sites before which a gate stands are shown: no ticket to a concert can pass for it, nor what another store has
    /// signed.
    pub(super) gate_signer: Signer,
    /// Hashes codes that open a queue: derived as the others are, and of this store alone.
    pub(super) code_mac: Hmac<Sha256>,
    /// Makes what is to be solved for a new place: derived as the others are, and of this store alone.
    pub(super) proof_mac: Hmac<Sha256>,
    /// Makes the tags of networks: derived as the others are, and of this store alone.
    pub(super) network_mac: Hmac<Sha256>,
}

impl Key {
    pub(super) fn new(secret: &Secret, issuer: &Issuer) -> Self {
        let bytes = secret.expose().as_bytes();
        let digest = Sha256::digest(bytes);
        let id = KeyId(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]));
        // The type is named in full, so that no other token passes for one (RFC 8725, section 3.11).
        let header = format!(r#"{{"alg":"HS256","kid":"{:08x}","typ":"onsale-queue+jwt"}}"#, id.0);
        let encoded = [URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(issuer.encoded_head())].join(".");
        let mut prefix = [0; PREFIX_BYTES];
        prefix.copy_from_slice(encoded.as_bytes());
        let mac = Hmac::<Sha256>::new_from_slice(bytes).expect("HMAC takes a key of any length");
        let seed = mac.clone().chain_update(PASSES).finalize().into_bytes();
        let sign_in =
            mac.clone().chain_update(SIGN_IN).chain_update(issuer.encoded_head()).finalize().into_bytes().into();
        let gate = mac.clone().chain_update(GATE).chain_update(issuer.encoded_head()).finalize().into_bytes();
        let codes = mac.clone().chain_update(CODES).chain_update(issuer.encoded_head()).finalize().into_bytes();
        let code_mac = Hmac::<Sha256>::new_from_slice(&codes).expect("HMAC takes a key of any length");
        let proofs = mac.clone().chain_update(PROOFS).chain_update(issuer.encoded_head()).finalize().into_bytes();
        let proof_mac = Hmac::<Sha256>::new_from_slice(&proofs).expect("HMAC takes a key of any length");
        let networks = mac.clone().chain_update(NETWORKS).chain_update(issuer.encoded_head()).finalize().into_bytes();
        let network_mac = Hmac::<Sha256>::new_from_slice(&networks).expect("HMAC takes a key of any length");
        let prefix_mac = mac.chain_update(&prefix[..HASHED_BYTES]);
        let (pass_signer, gate_signer) = (Signer::new(&seed.into()), Signer::new(&gate.into()));
        Self { id, prefix, prefix_mac, pass_signer, sign_in, gate_signer, code_mac, proof_mac, network_mac }
    }
}
