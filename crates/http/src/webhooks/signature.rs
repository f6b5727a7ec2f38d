//! Signing what is sent, as Standard Webhooks has it: by it a receiver knows that a message is from this store, and of now.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How long a secret of HMAC is, in bytes, and the seed of a key of Ed25519.
const SECRET_BYTES: usize = 32;

/// By what messages are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Scheme {
    /// HMAC-SHA256, with a secret that both have.
    Hmac,
    /// Ed25519: the receiver has nothing that anybody could sign with.
    Ed25519,
}

/// What signs. Its `Debug` says nothing.
pub(crate) enum Signer {
    Hmac(Vec<u8>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    /// Fresh bytes for a signer of any scheme.
    pub(crate) fn random() -> Result<[u8; SECRET_BYTES], getrandom::Error> {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(bytes)
    }

    /// `None` where the bytes are none of this scheme's.
    pub(crate) fn of(scheme: Scheme, bytes: &[u8]) -> Option<Self> {
        match scheme {
            Scheme::Hmac => Some(Self::Hmac(bytes.to_vec())),
            Scheme::Ed25519 => {
                Ed25519KeyPair::from_seed_unchecked(bytes).ok().map(|pair| Self::Ed25519(Box::new(pair)))
            }
        }
    }

    /// What the receiver verifies with: a secret where both have the same, and nobody's secret otherwise.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Hmac(secret) => format!("whsec_{}", STANDARD.encode(secret)),
            Self::Ed25519(pair) => format!("whpk_{}", STANDARD.encode(pair.public_key().as_ref())),
        }
    }

    /// One part of the header `webhook-signature`.
    fn sign(&self, content: &[&[u8]]) -> String {
        match self {
            Self::Hmac(secret) => {
                let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
                content.iter().for_each(|part| mac.update(part));
                format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
            }
            Self::Ed25519(pair) => format!("v1a,{}", STANDARD.encode(pair.sign(&content.concat()).as_ref())),
        }
    }
}

/// The header `webhook-signature`: one signature of each of those who sign just now.
pub(crate) fn header(signers: &[Signer], id: &str, timestamp_s: u64, body: &[u8]) -> String {
    let timestamp = timestamp_s.to_string();
    let content: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    signers.iter().map(|signer| signer.sign(&content)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn it_signs_as_the_specification_s_example_does() {
        // Of the specification's reference implementations.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let signer = Signer::of(Scheme::Hmac, &secret).expect("a signer");
        assert_eq!(signer.shown(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = header(&[signer], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn whoever_has_the_public_key_verifies() {
        let signer = Signer::of(Scheme::Ed25519, &[7; SECRET_BYTES]).expect("a signer");
        let public = STANDARD.decode(signer.shown().strip_prefix("whpk_").expect("a key")).expect("base64");
        let signed = header(&[signer], "1-0-00000000", 5, b"{}");
        let signature = STANDARD.decode(signed.strip_prefix("v1a,").expect("a signature")).expect("base64");
        let key = UnparsedPublicKey::new(&ED25519, public);
        assert!(key.verify(b"1-0-00000000.5.{}", &signature).is_ok());
        assert!(key.verify(b"1-0-00000000.6.{}", &signature).is_err());
        assert!(Signer::of(Scheme::Ed25519, &[7; 5]).is_none());
    }

    #[test]
    fn while_two_sign_each_has_its_part() {
        let signers = [1, 2].map(|byte| Signer::of(Scheme::Hmac, &[byte; SECRET_BYTES]).expect("a signer"));
        let both = header(&signers, "a", 1, b"b");
        let one = header(&signers[1..], "a", 1, b"b");
        assert_eq!(both.split(' ').nth(1), Some(one.as_str()));
        assert_eq!(both.split(' ').count(), 2);
    }
}
