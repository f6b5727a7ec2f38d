//! Keys, and the one algorithm that each is good for.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, crypto, decode, decode_header};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::claims::invalid;
use super::head::Head;
use crate::problem::{Code, Problem};
use crate::token::Secret;

/// The most keys of a set.
const KEYS_MAX: usize = 64;
/// The shortest modulus of RSA (RFC 7518, section 3.3).
const MODULUS_BYTES_MIN: usize = 256;
/// The longest: a verification takes with its square.
const MODULUS_BYTES_MAX: usize = 1_024;
/// The most tokens whose signature is remembered: some 2 MB.
const REMEMBERED_MAX: usize = 1 << 15;
/// Of a MAC with SHA-256.
const MAC_BYTES: usize = 32;

/// Why a set of keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    #[error("it is no JWK set: {0}")]
    Syntax(#[from] serde_json::Error),
    #[error("key {number} {what}")]
    Key {
        /// From 1, in the order of the set.
        number: usize,
        what: &'static str,
    },
    #[error("it has no key for RS256, ES256 or EdDSA")]
    Empty,
    #[error("it has more than {KEYS_MAX} keys")]
    TooMany,
}

/// The keys that may have signed an entry token.
pub struct KeySet {
    keys: Vec<Key>,
    /// The SHA-256 of tokens of public keys whose signatures were good. It goes with its keys.
    remembered: Mutex<HashSet<[u8; 32]>>,
}

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    /// The algorithm as tokens name it.
    name: String,
    key: DecodingKey,
    validation: Validation,
    /// Prepared with the key, where that is a secret: half of the work of a short text's MAC.
    mac: Option<Hmac<Sha256>>,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.keys.iter().map(|key| (&key.id, key.algorithm));
        f.debug_list().entries(ids).finish()
    }
}

impl Key {
    fn new(id: Option<String>, algorithm: Algorithm, key: DecodingKey) -> Self {
        let mut validation = Validation::new(algorithm);
        // The claims are looked at here, by the store's time, each with a refusal of its own.
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
        Self { id, algorithm, name: format!("{algorithm:?}"), key, validation, mac: None }
    }

    /// `None` for one that is not for signatures, or of a kind that is not taken.
    fn of_jwk(jwk: &Jwk) -> Result<Option<Self>, &'static str> {
        let common = &jwk.common;
        let is_for_signatures = common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature)
            && common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        if !is_for_signatures {
            return Ok(None);
        }
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).map(|bytes| bytes.len()).ok();
        let (algorithm, name) = match &jwk.algorithm {
            AlgorithmParameters::RSA(rsa) => {
                if !decoded(&rsa.n).is_some_and(|bytes| (MODULUS_BYTES_MIN..=MODULUS_BYTES_MAX).contains(&bytes)) {
                    return Err("is of RSA, and its modulus has not 2,048 to 8,192 bits");
                }
                (Algorithm::RS256, KeyAlgorithm::RS256)
            }
            AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
                if decoded(&ec.x) != Some(32) || decoded(&ec.y) != Some(32) {
                    return Err("is of P-256, and its coordinates have not 32 bytes each");
                }
                (Algorithm::ES256, KeyAlgorithm::ES256)
            }
            AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
                if decoded(&pair.x) != Some(32) {
                    return Err("is of Ed25519, and has not 32 bytes");
                }
                (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
            }
            AlgorithmParameters::OctetKey(_) => {
                return Err("is a secret: a set has public keys alone, and entry.secret takes one for HS256");
            }
            _ => return Ok(None),
        };
        if common.key_algorithm.as_ref().is_some_and(|named| *named != name) {
            // A key says itself that it is for another algorithm (PS256, say).
            return Ok(None);
        }
        let key = DecodingKey::from_jwk(jwk).map_err(|_| "cannot be read")?;
        Ok(Some(Self::new(common.key_id.clone(), algorithm, key)))
    }
}

impl KeySet {
    pub(super) fn of_secret(secret: &Secret) -> Self {
        Self::of_bytes(None, secret.expose().as_bytes())
    }

    /// Of one secret for HS256, and the name that tokens have for it.
    pub(super) fn of_bytes(id: Option<String>, secret: &[u8]) -> Self {
        let mac = Hmac::new_from_slice(secret).expect("HMAC takes a key of any length");
        let key = Key::new(id, Algorithm::HS256, DecodingKey::from_secret(secret));
        Self { keys: vec![Key { mac: Some(mac), ..key }], remembered: Mutex::default() }
    }

    /// Of a JWK set (RFC 7517). Keys that are not for signatures, or of kinds that are not taken, are passed over.
    ///
    /// # Errors
    /// Where it is none, has a secret or a weak key, two of one name, or none to verify with.
    pub fn of_jwks(text: &[u8]) -> Result<Self, KeySetError> {
        let set: JwkSet = serde_json::from_slice(text)?;
        if set.keys.len() > KEYS_MAX {
            return Err(KeySetError::TooMany);
        }
        let mut keys: Vec<Key> = Vec::new();
        for (jwk, number) in set.keys.iter().zip(1..) {
            let failed = |what| KeySetError::Key { number, what };
            let Some(key) = Key::of_jwk(jwk).map_err(failed)? else { continue };
            if keys.iter().any(|known| known.id == key.id) {
                return Err(failed("has the kid of another one, or neither has one"));
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(KeySetError::Empty) } else { Ok(Self { keys, remembered: Mutex::default() }) }
    }

    /// The key of this name. A token that names none is of the only key, and a key without a name is of every token.
    fn find(&self, head: &Head<'_>) -> Option<&Key> {
        match (self.keys.as_slice(), head.kid.as_deref()) {
            ([one], None) => Some(one),
            ([one], Some(_)) if one.id.is_none() => Some(one),
            (keys, kid) => keys.iter().find(|key| key.id.is_some() && key.id.as_deref() == kid),
        }
    }

    pub(super) fn lacks(&self, head: &Head<'_>) -> bool {
        self.find(head).is_none()
    }

    fn unknown(&self, head: &Head<'_>) -> Problem {
        let unknown = Problem::new(Code::EntryTokenKeyUnknown);
        match (&head.kid, self.keys.len()) {
            (None, keys @ 2..) => unknown.with_detail(format!(
                "The entry token's header has no kid, and there are {keys} keys: who signs has to say in kid which one it is of."
            )),
            _ => unknown,
        }
    }

    /// The key that the token names, where it is for the algorithm that the token names.
    fn key_of(&self, head: &Head<'_>) -> Result<&Key, Problem> {
        let key = self.find(head).ok_or_else(|| self.unknown(head))?;
        if head.alg != key.name {
            let detail = format!("The key is for {}, and the token says something else.", key.name);
            return Err(Problem::new(Code::EntryTokenAlgorithm).with_detail(detail));
        }
        Ok(key)
    }

    /// What a token says that is no entry token, such as an identity provider's of who has signed in.
    pub(crate) fn read<T: DeserializeOwned + Clone>(&self, token: &str, head: &Head<'_>) -> Result<T, Problem> {
        let key = self.key_of(head)?;
        let decoded = decode::<T>(token, &key.key, &key.validation);
        decoded.map(|token| token.claims).map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(_) => invalid("Its claims are not what they have to be."),
            _ => forged(),
        })
    }

    /// What an authentic token says, in JSON.
    pub(super) fn verify(&self, token: &str, head: &Head<'_>, kind: Option<&str>) -> Result<Vec<u8>, Problem> {
        let key = self.key_of(head)?;
        if kind.is_some_and(|kind| !head.is_of_kind(kind)) {
            return Err(invalid("Its header has another typ than entry.typ."));
        }
        // What it says beside that must be what a header can say.
        if head.has_more && decode_header(token).is_err() {
            return Err(forged());
        }
        let (message, signature) = token.rsplit_once('.').ok_or_else(forged)?;
        let (_, claims) = message.split_once('.').ok_or_else(forged)?;
        let is_authentic = match &key.mac {
            Some(mac) => is_mac(mac, message, signature),
            None => self.is_known_or_good(token, || {
                crypto::verify(signature, message.as_bytes(), &key.key, key.algorithm).unwrap_or(false)
            }),
        };
        if !is_authentic {
            return Err(forged());
        }
        URL_SAFE_NO_PAD.decode(claims).map_err(|_| forged())
    }

    /// Whether the signature of a token is good, by its SHA-256 where it was looked at before.
    fn is_known_or_good(&self, token: &str, is_good: impl FnOnce() -> bool) -> bool {
        let digest: [u8; 32] = Sha256::digest(token).into();
        if self.remembered().contains(&digest) {
            return true;
        }
        if !is_good() {
            return false;
        }
        let mut remembered = self.remembered();
        if remembered.len() >= REMEMBERED_MAX {
            // Whoever comes again has theirs verified again.
            remembered.clear();
        }
        remembered.insert(digest);
        true
    }

    fn remembered(&self) -> MutexGuard<'_, HashSet<[u8; 32]>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the signature is the MAC of the message, compared in constant time.
fn is_mac(prepared: &Hmac<Sha256>, message: &str, signature: &str) -> bool {
    let mut expected = [0; MAC_BYTES];
    let length = URL_SAFE_NO_PAD.decode_slice(signature, &mut expected);
    // A shorter one is none: of the bytes beyond it nobody has said anything.
    matches!(length, Ok(MAC_BYTES)) && prepared.clone().chain_update(message).verify_slice(&expected).is_ok()
}

/// A token whose signature is not that of its key.
fn forged() -> Problem {
    invalid("Its signature is not that of its key.")
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::EncodingKey;

    use super::*;

    const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn ids(keys: &[&str]) -> Result<Vec<Option<String>>, String> {
        let set = KeySet::of_jwks(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes());
        set.map(|set| set.keys.into_iter().map(|key| key.id).collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_no_key_for_signatures_is_passed_over() {
        let others = [
            r#"{"kty":"OKP","crv":"X25519","kid":"b","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            r#"{"kty":"EC","crv":"P-384","kid":"c","x":"AA","y":"AA"}"#,
            r#"{"kty":"RSA","kid":"d","n":"AQAB","e":"AQAB","use":"enc"}"#,
            r#"{"kty":"ML","kid":"e"}"#,
        ];
        for other in others {
            assert_eq!(ids(&[ED, other]), Ok(vec![Some("a".to_owned())]), "{other}");
        }
    }

    #[test]
    fn a_set_that_could_be_taken_two_ways_is_none() {
        for (keys, what) in [
            (&[] as &[&str], "it has no key"),
            (&[ED, ED], "key 2 has the kid of another one"),
            (&[ED, r#"{"kty":"oct","kid":"b","k":"c2VjcmV0"}"#], "key 2 is a secret"),
            (&[r#"{"kty":"RSA","kid":"b","n":"AQAB","e":"AQAB"}"#], "key 1 is of RSA"),
            (&[r#"{"kty":"OKP","crv":"Ed25519","x":"AQAB"}"#], "key 1 is of Ed25519"),
            (&[r#"{"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}"#], "key 1 is of P-256"),
        ] {
            let found = ids(keys).expect_err("it should be refused");
            assert!(found.starts_with(what), "{found}");
        }
        assert!(KeySet::of_jwks(b"[]").is_err() && KeySet::of_jwks(b"{}").is_err());
    }

    #[test]
    fn a_token_has_the_key_that_it_names() {
        let head =
            |kid: Option<&'static str>| Head { alg: "EdDSA".into(), kid: kid.map(Into::into), ..Head::default() };
        let set =
            |keys: &[&str]| KeySet::of_jwks(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).expect("a set");
        let named = set(&[ED]);
        assert!(!named.lacks(&head(Some("a"))) && !named.lacks(&head(None)) && named.lacks(&head(Some("b"))));
        let nameless = set(&[&ED.replace(r#""kid":"a","#, "")]);
        assert!(!nameless.lacks(&head(None)) && !nameless.lacks(&head(Some("b"))));
        let two = set(&[ED, &ED.replace(r#""a""#, r#""b""#)]);
        assert!(!two.lacks(&head(Some("b"))) && two.lacks(&head(None)) && two.lacks(&head(Some("c"))));
        let told =
            |set: &KeySet, kid| set.key_of(&head(kid)).err().and_then(|problem| problem.detail().map(str::to_owned));
        assert!(told(&two, None).is_some_and(|detail| detail.contains("has no kid, and there are 2 keys")));
        assert_eq!((told(&two, Some("c")), told(&named, Some("b"))), (None, None), "the page of the code says it");
    }

    const SECRET: &[u8] = b"a-secret-of-these-tests-0123456789abcdef";

    fn signed(message: &str) -> String {
        let signature = crypto::sign(message.as_bytes(), &EncodingKey::from_secret(SECRET), Algorithm::HS256);
        format!("{message}.{}", signature.expect("a signature"))
    }

    fn hs256(head: &str, claims: &str) -> String {
        signed(&[head, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join("."))
    }

    /// What the token says; and nothing that the library says is forged.
    fn verified(set: &KeySet, token: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let head = Head::of(token, &mut bytes).ok()?;
        let said = set.verify(token, &head, None).ok();
        let by_library = set.read::<serde_json::Value>(token, &head).is_ok();
        assert!(by_library || said.is_none(), "{token}");
        said
    }

    #[test]
    fn what_a_secret_has_signed_is_known_and_nothing_like_it() {
        let set = KeySet::of_bytes(None, SECRET);
        let (head, claims) = (r#"{"typ":"JWT","alg":"HS256"}"#, r#"{"sub":"7","exp":1.5}"#);
        let token = hs256(head, claims);
        assert_eq!(verified(&set, &token).as_deref(), Some(claims.as_bytes()));
        let says_more = hs256(r#"{"alg":"HS256","cty":"JWT","x":{"y":[1]}}"#, claims);
        assert!(verified(&set, &says_more).is_some());
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            for byte in [b'A', b'B', b'.', b'='] {
                other[at] = byte;
                let other = String::from_utf8(other.clone()).expect("ASCII");
                assert!(other == token || verified(&set, &other).is_none(), "{other}");
            }
            assert_eq!(verified(&set, &token[..at]), None);
        }
        let (message, signature) = token.rsplit_once('.').expect("a signature");
        for other in [
            format!("{token}A"),
            format!("{token}AAAA"),
            format!("{token}="),
            format!("{token}.{signature}"),
            format!("{message}."),
            format!("{message}.{}", "A".repeat(43)),
            format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 64])),
            signed(&message.replacen('.', ".e30.", 1)),
            signed(&format!("{message}.e30")),
            signed(&format!("{message}=")),
            hs256(r#"{"alg":"HS256","jwk":5}"#, claims),
            hs256(r#"{"alg":"HS256","x5c":"no list"}"#, claims),
            hs256(r#"{"alg":"HS256","x":1e999}"#, claims),
        ] {
            assert_eq!(verified(&set, &other), None, "{other}");
        }
        assert_eq!(verified(&KeySet::of_bytes(None, b"another-secret-0123456789abcdefghij"), &token), None);
    }
}
