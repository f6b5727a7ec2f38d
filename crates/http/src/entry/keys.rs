//! Keys, and the one algorithm that each is good for.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::claims::{Claims, invalid};
use crate::problem::{Code, Problem};
use crate::token::Secret;

/// No entry token is longer.
const TOKEN_BYTES_MAX: usize = 8 << 10;
/// The most keys of a set.
const KEYS_MAX: usize = 64;
/// The shortest modulus of RSA (RFC 7518, section 3.3).
const MODULUS_BYTES_MIN: usize = 256;
/// The longest: a verification takes with its square.
const MODULUS_BYTES_MAX: usize = 1_024;
/// The most tokens whose signature is remembered: some 10 MB.
const REMEMBERED_MAX: usize = 1 << 15;

/// What a token's header says. It chooses among the keys there are, and nothing else.
#[derive(Debug, Deserialize)]
pub(crate) struct Head {
    alg: String,
    #[serde(default)]
    pub(super) kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    /// Extensions that whoever reads it has to understand. There are none here.
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

impl Head {
    /// # Errors
    /// Where it is no JWS, is not signed, or wants something of its reader that this one cannot do.
    pub(super) fn of(token: &str) -> Result<Self, Problem> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(invalid(format!("The entry token is longer than {TOKEN_BYTES_MAX} bytes.")));
        }
        Self::of_any(token)
    }

    /// The same of a token of any length.
    ///
    /// # Errors
    /// As [`Head::of`].
    pub(crate) fn of_any(token: &str) -> Result<Self, Problem> {
        let head = token.split_once('.').and_then(|(head, _)| URL_SAFE_NO_PAD.decode(head).ok());
        let head: Option<Self> = head.and_then(|head| serde_json::from_slice(&head).ok());
        let head = head.ok_or_else(|| invalid("It is no JWS in its compact form."))?;
        if head.alg.eq_ignore_ascii_case("none") {
            return Err(Problem::new(Code::EntryTokenUnsigned));
        }
        if head.crit.is_some() {
            return Err(invalid("Its header names extensions (crit), and none is known here."));
        }
        Ok(head)
    }

    /// Whether the token says that it is of this kind (RFC 7515, section 4.1.9): without regard to case, and `application/` may
    /// be left out.
    pub(super) fn is_of_kind(&self, kind: &str) -> bool {
        let bare = |typ: &str| {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").map_or(typ.clone(), str::to_owned)
        };
        self.typ.as_deref().map(bare) == Some(bare(kind))
    }
}

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
    /// What tokens of public keys say whose signatures were good, by their SHA-256. It goes with its keys.
    remembered: Mutex<HashMap<[u8; 32], Arc<Claims>>>,
}

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
    validation: Validation,
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
        Self { id, algorithm, key, validation }
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
        let key = Key::new(id, Algorithm::HS256, DecodingKey::from_secret(secret));
        Self { keys: vec![key], remembered: Mutex::default() }
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
    fn find(&self, head: &Head) -> Option<&Key> {
        match (self.keys.as_slice(), &head.kid) {
            ([one], None) => Some(one),
            ([one], Some(_)) if one.id.is_none() => Some(one),
            (keys, kid) => keys.iter().find(|key| key.id.is_some() && key.id == *kid),
        }
    }

    pub(super) fn lacks(&self, head: &Head) -> bool {
        self.find(head).is_none()
    }

    /// The key that the token names, where it is for the algorithm that the token names.
    fn key_of(&self, head: &Head) -> Result<&Key, Problem> {
        let key = self.find(head).ok_or(Problem::new(Code::EntryTokenKeyUnknown))?;
        if head.alg != format!("{:?}", key.algorithm) {
            let detail = format!("The key is for {:?}, and the token says something else.", key.algorithm);
            return Err(Problem::new(Code::EntryTokenAlgorithm).with_detail(detail));
        }
        Ok(key)
    }

    /// What a token says that is no entry token, such as an identity provider's of who has signed in.
    pub(crate) fn read<T: DeserializeOwned + Clone>(&self, token: &str, head: &Head) -> Result<T, Problem> {
        self.key_of(head)?.claims(token)
    }

    /// What an authentic token says.
    pub(super) fn verify(&self, token: &str, head: &Head, kind: Option<&str>) -> Result<Arc<Claims>, Problem> {
        let key = self.key_of(head)?;
        if kind.is_some_and(|kind| !head.is_of_kind(kind)) {
            return Err(invalid("Its header has another typ than entry.typ."));
        }
        if key.algorithm == Algorithm::HS256 {
            return key.claims::<Claims>(token).map(Arc::new);
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        let known = self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if let Some(claims) = known {
            return Ok(claims);
        }
        let claims = Arc::new(key.claims::<Claims>(token)?);
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED_MAX {
            // Whoever comes again has theirs verified again.
            remembered.clear();
        }
        remembered.insert(digest, claims.clone());
        Ok(claims)
    }
}

impl Key {
    fn claims<T: DeserializeOwned + Clone>(&self, token: &str) -> Result<T, Problem> {
        let decoded = decode::<T>(token, &self.key, &self.validation);
        decoded.map(|token| token.claims).map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(_) => invalid("Its claims are not what they have to be."),
            _ => invalid("Its signature is not that of its key."),
        })
    }
}

#[cfg(test)]
mod tests {
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
        let head = |kid: Option<&str>| Head { alg: "EdDSA".into(), kid: kid.map(str::to_owned), typ: None, crit: None };
        let set =
            |keys: &[&str]| KeySet::of_jwks(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).expect("a set");
        let named = set(&[ED]);
        assert!(!named.lacks(&head(Some("a"))) && !named.lacks(&head(None)) && named.lacks(&head(Some("b"))));
        let nameless = set(&[&ED.replace(r#""kid":"a","#, "")]);
        assert!(!nameless.lacks(&head(None)) && !nameless.lacks(&head(Some("b"))));
        let two = set(&[ED, &ED.replace(r#""a""#, r#""b""#)]);
        assert!(!two.lacks(&head(Some("b"))) && two.lacks(&head(None)) && two.lacks(&head(Some("c"))));
    }
}
