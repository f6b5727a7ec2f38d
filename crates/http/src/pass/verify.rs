//! Verifying, and the keys to verify with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use onsale_domain::ids::{PaymentId, ReservationId, ScheduleId, SeatId};
use onsale_domain::time::Time;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Claims, Pass, Signer, issuer};

/// No pass is longer than this.
pub(crate) const PASS_BYTES_MAX: usize = 512;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

/// Whether the text has the form of a pass, whoever signed it.
pub(crate) fn is_pass(token: &str) -> bool {
    let mut parts = token.split('.');
    let header = parts.next().and_then(|header| URL_SAFE_NO_PAD.decode(header).ok());
    let is_base64 = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let has_header = header.is_some_and(|header| serde_json::from_slice::<Header>(&header).is_ok());
    has_header && parts.by_ref().take(2).filter(|part| is_base64(part)).count() == 2 && parts.next().is_none()
}

/// What a pass says, where it was signed by this store with one of these keys.
pub(crate) fn authentic<'a>(token: &str, store: u64, mut keys: impl Iterator<Item = &'a Signer>) -> Option<Pass> {
    if token.len() > PASS_BYTES_MAX {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text| URL_SAFE_NO_PAD.decode(text).ok();
    let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
    let key = keys.find(|key| key.id == header.kid && header.alg == "EdDSA")?;
    UnparsedPublicKey::new(&ED25519, key.public()).verify(signed.as_bytes(), &decode(signature)?).ok()?;
    let claims: Claims = serde_json::from_slice(&decode(claims)?).ok()?;
    (claims.iss == issuer(store)).then_some(Pass {
        reservation: ReservationId(claims.rsv),
        payment: PaymentId(claims.pay),
        schedule: ScheduleId(claims.sch),
        seat: SeatId(claims.seat),
        paid_at: Time(claims.iat.saturating_mul(1_000)),
        issue: claims.isu,
    })
}

/// The public keys of tickets, newest first: a JSON Web Key Set (RFC 7517, RFC 8037).
#[derive(Serialize, ToSchema)]
#[schema(as = TicketKeys)]
pub(crate) struct KeySet {
    keys: Vec<PublicKey>,
}

/// One public key.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketKey)]
struct PublicKey {
    #[schema(pattern = "^OKP$", example = "OKP")]
    kty: &'static str,
    #[schema(pattern = "^Ed25519$", example = "Ed25519")]
    crv: &'static str,
    /// The key's 32 bytes in base64url.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$", example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
    #[schema(pattern = "^[0-9a-f]{8}$", example = "8a3f90c1")]
    kid: String,
    #[schema(pattern = "^EdDSA$", example = "EdDSA")]
    alg: &'static str,
    #[schema(pattern = "^sig$", example = "sig")]
    r#use: &'static str,
}

impl KeySet {
    pub(crate) fn of<'a>(keys: impl Iterator<Item = &'a Signer>) -> Self {
        let public = |key: &Signer| PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            x: URL_SAFE_NO_PAD.encode(key.public()),
            kid: key.id.clone(),
            alg: "EdDSA",
            r#use: "sig",
        };
        Self { keys: keys.map(public).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASS: Pass = Pass {
        reservation: ReservationId(7),
        payment: PaymentId(5),
        schedule: ScheduleId(8),
        seat: SeatId(50_000),
        paid_at: Time(1_795_461_906_000),
        issue: 0,
    };

    #[test]
    fn what_was_signed_is_read_and_any_changed_byte_is_refused() {
        let key = Signer::new(&[7; 32]);
        let token = key.sign(&PASS, 9);
        assert_eq!(authentic(&token, 9, [&key].into_iter()), Some(PASS));
        assert_eq!(token, key.sign(&PASS, 9), "the same bytes again");
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(authentic(&changed, 9, [&key].into_iter()), None, "byte {at}");
        }
    }

    #[test]
    fn one_that_was_issued_anew_is_another_and_the_first_says_nothing_of_it() {
        let key = Signer::new(&[7; 32]);
        let (first, second) = (key.sign(&PASS, 9), key.sign(&Pass { issue: 1, ..PASS }, 9));
        let claims = |token: &str| {
            let part = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).expect("claims");
            String::from_utf8(part).expect("text")
        };
        assert!(!claims(&first).contains("isu") && claims(&second).ends_with(r#","isu":1}"#), "{}", claims(&second));
        assert_eq!(authentic(&second, 9, [&key].into_iter()), Some(Pass { issue: 1, ..PASS }));
        let most = key.sign(
            &Pass { issue: u32::MAX, seat: SeatId(1 << 53), reservation: ReservationId(1 << 53), ..PASS },
            u64::MAX,
        );
        assert!(most.len() <= PASS_BYTES_MAX, "{} bytes", most.len());
    }

    #[test]
    fn another_store_and_another_key_are_refused_and_an_older_key_is_not() {
        let (old, new) = (Signer::new(&[1; 32]), Signer::new(&[2; 32]));
        let token = old.sign(&PASS, 9);
        assert_eq!(authentic(&token, 9, [&new, &old].into_iter()), Some(PASS));
        assert_eq!(authentic(&token, 9, [&new].into_iter()), None);
        assert_eq!(authentic(&token, 10, [&old].into_iter()), None);
        for nothing in ["", ".", "..", "a.b.c", "e30.e30.", &"x".repeat(PASS_BYTES_MAX + 1)] {
            assert_eq!(authentic(nothing, 9, [&old].into_iter()), None, "{nothing}");
        }
    }

    #[test]
    fn a_standard_library_verifies_with_the_published_key() {
        let key = Signer::new(&[3; 32]);
        let set: jsonwebtoken::jwk::JwkSet =
            serde_json::from_value(serde_json::to_value(KeySet::of([&key].into_iter())).expect("JSON")).expect("a set");
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
        validation.required_spec_claims.clear();
        validation.set_issuer(&["onsale/0000000000000009"]);
        let decoding = jsonwebtoken::DecodingKey::from_jwk(&set.keys[0]).expect("a key");
        let token = jsonwebtoken::decode::<Claims>(&key.sign(&PASS, 9), &decoding, &validation).expect("authentic");
        assert_eq!((token.claims.rsv, token.claims.seat), (7, 50_000));
    }
}
