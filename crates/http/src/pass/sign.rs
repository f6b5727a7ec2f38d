//! Signing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

use super::{Claims, Pass};

/// A key pair that signs passes.
pub(crate) struct Signer {
    pair: Ed25519KeyPair,
    /// The first four bytes of the public key's SHA-256, in hexadecimal.
    pub(crate) id: String,
}

impl Signer {
    /// The pair of this seed (RFC 8032, section 5.1.5).
    pub(crate) fn new(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed");
        let digest = Sha256::digest(pair.public_key().as_ref());
        let id = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { pair, id }
    }

    pub(crate) fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The pass as a JWT: the same bytes whenever it is asked for.
    pub(crate) fn sign(&self, pass: &Pass, store: u64) -> String {
        self.jwt("JWT", &serde_json::to_string(&Claims::of(pass, store)).expect("numbers and one text"))
    }

    /// Claims as a JWT of this kind, the header's `typ`.
    pub(crate) fn jwt(&self, kind: &str, claims: &str) -> String {
        let header = format!(r#"{{"alg":"EdDSA","kid":"{}","typ":"{kind}"}}"#, self.id);
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.pair.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        token
    }
}
