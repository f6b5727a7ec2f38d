//! The token against a standard JWT library, and against those who would forge it.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use onsale_domain::ids::{KeyId, QueueId, TicketId, UserId};
use onsale_domain::time::Time;
use onsale_http::token::{
    self, AdminKey, Claims, Error, KeyRing, KeyStore, Keys, Overrides, Secret, StoreError, TOKEN_BYTES_MAX,
};
use proptest::prelude::*;

const SECRET: &str = "a secret of at least thirty-two bytes";
const OTHER: &str = "another secret, of thirty-two bytes too";
const STORE_ID: u64 = 0x0b0c_6f2d_9a1e_4c37;
const ISSUER: &str = "onsale/0b0c6f2d9a1e4c37";
const ISSUED_AT: Time = Time(1_764_000_000_999);

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn ring() -> KeyRing {
    KeyRing::new(STORE_ID, &secret(SECRET), [])
}

fn ticket(queue: u16, number: u32) -> TicketId {
    TicketId { queue: QueueId(queue), number }
}

fn token() -> Vec<u8> {
    let ring = ring();
    ring.sign(ring.current(), ticket(3, 42), UserId(7), ISSUED_AT).to_vec()
}

#[test]
fn a_standard_library_verifies_it() {
    let token = String::from_utf8(token()).unwrap();
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["iss", "sub"]);
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let decoded = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &validation).unwrap();
    let claims = serde_json::json!({"iss": ISSUER, "sub": "7", "jti": "3-42", "iat": 1_764_000_000});
    assert_eq!(decoded.claims, claims);
    assert_eq!(decoded.header.typ.as_deref(), Some("onsale-queue+jwt"));
    let kid = format!("{:08x}", ring().current().0);
    assert_eq!(decoded.header.kid.as_deref(), Some(kid.as_str()));
    let wrong = DecodingKey::from_secret(OTHER.as_bytes());
    assert!(jsonwebtoken::decode::<serde_json::Value>(&token, &wrong, &validation).is_err());
}

#[test]
fn the_header_s_forms() {
    let ring = ring();
    let token = String::from_utf8(token()).unwrap();
    let claims = Claims { ticket: ticket(3, 42), user: UserId(7), issued_at_s: 1_764_000_000 };
    for value in [
        token.clone(),
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("BEARER   {token}  "),
        format!("  {token} "),
        format!("Bearer\t{token}"),
    ] {
        assert_eq!(ring.verify(value.as_bytes()), Ok(claims), "{value}");
    }
    for value in ["", "   ", "Bearer", "bearer  "] {
        assert_eq!(ring.verify(value.as_bytes()), Err(Error::Missing), "{value:?}");
    }
    for value in [
        format!("Basic {token}"),
        format!("Bearer{token}"),
        format!("Bearer Bearer {token}"),
        format!("{token} {token}"),
        format!("{token}."),
        format!("{token}="),
        format!("{token}A"),
        token[1..].to_owned(),
        "x".to_owned(),
        "é".to_owned(),
        "a".repeat(TOKEN_BYTES_MAX),
        "a".repeat(1_000_000),
        token.split('.').take(2).collect::<Vec<_>>().join("."),
    ] {
        assert_eq!(ring.verify(value.as_bytes()), Err(Error::Invalid), "{value:.80}");
    }
}

#[test]
fn every_changed_byte_is_refused() {
    let (ring, token) = (ring(), token());
    for index in 0..token.len() {
        for byte in 0..=u8::MAX {
            let mut forged = token.clone();
            forged[index] = byte;
            // A space at an end is not part of the token.
            if byte != token[index] && !byte.is_ascii_whitespace() {
                assert_eq!(ring.verify(&forged), Err(Error::Invalid), "byte {index} as {byte}");
            }
        }
    }
    for length in 1..token.len() {
        assert_eq!(ring.verify(&token[..length]), Err(Error::Invalid), "{length} bytes of it");
    }
}

#[test]
fn other_algorithms_and_other_claims_are_refused() {
    let (ring, key) = (ring(), EncodingKey::from_secret(SECRET.as_bytes()));
    let claims = serde_json::json!({"iss": ISSUER, "sub": "7", "jti": "3-42", "iat": 1_764_000_000});
    let kid = Some(format!("{:08x}", ring.current().0));
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let header = Header { kid: kid.clone(), ..Header::new(algorithm) };
        let foreign = jsonwebtoken::encode(&header, &claims, &key).unwrap();
        assert_eq!(ring.verify(foreign.as_bytes()), Err(Error::Invalid), "{algorithm:?}");
    }
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    assert_eq!(ring.verify(format!("{none}.{payload}.").as_bytes()), Err(Error::Invalid));
    // Our header and our key, and claims that we would not write.
    let own = String::from_utf8(token()).unwrap();
    let header = own.split('.').next().unwrap();
    for claims in [
        r#"{"sub":"7"}"#.to_owned(),
        r#"{"iss":"onsale","sub":"7","jti":"3-42","iat":5}"#.to_owned(),
        format!(r#"{{"iss":"{ISSUER}","sub":"7","jti":"3-42","iat":5,"exp":6}}"#),
        String::new(),
        "[]".to_owned(),
    ] {
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(&claims));
        let mac = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).unwrap();
        assert_eq!(ring.verify(format!("{signed}.{mac}").as_bytes()), Err(Error::Invalid), "{claims}");
    }
}

#[test]
fn a_rotated_key_goes_on_to_sign_its_own_tickets() {
    let old = ring();
    let new = KeyRing::new(STORE_ID, &secret(OTHER), [&secret(SECRET)]);
    assert_ne!(old.current(), new.current());
    assert_eq!(new.verify(&token()).map(|claims| claims.user), Ok(UserId(7)));
    let again = new.sign(old.current(), ticket(3, 42), UserId(7), ISSUED_AT);
    assert_eq!(again, token());
    let newer = new.sign(new.current(), ticket(3, 42), UserId(7), ISSUED_AT);
    assert_eq!(old.verify(&newer), Err(Error::Invalid));
}

#[test]
fn a_ticket_of_a_key_that_is_gone_is_signed_with_the_current_one() {
    let ring = ring();
    let gone = KeyId(!ring.current().0);
    let token = ring.sign(gone, ticket(3, 42), UserId(7), ISSUED_AT);
    assert_eq!(token, ring.sign(ring.current(), ticket(3, 42), UserId(7), ISSUED_AT));
    assert_eq!(ring.verify(&token).map(|claims| claims.ticket), Ok(ticket(3, 42)));
}

#[test]
fn another_store_s_token_is_none_whatever_its_key() {
    for store_id in [0, STORE_ID + 1, u64::MAX] {
        let elsewhere = KeyRing::new(store_id, &secret(SECRET), []);
        assert_eq!(elsewhere.verify(&token()), Err(Error::Invalid));
        assert_ne!(elsewhere.sign(elsewhere.current(), ticket(3, 42), UserId(7), ISSUED_AT), token());
    }
}

proptest! {
    #[test]
    fn what_is_signed_is_read_back(queue: u16, number: u32, user: u64, at_ms: u64) {
        let ring = ring();
        let sign = || ring.sign(ring.current(), ticket(queue, number), UserId(user), Time(at_ms));
        let expected = Claims { ticket: ticket(queue, number), user: UserId(user), issued_at_s: at_ms / 1_000 };
        prop_assert!(sign().len() <= TOKEN_BYTES_MAX);
        prop_assert_eq!(ring.verify(&sign()), Ok(expected));
        prop_assert_eq!(sign(), sign());
    }

    #[test]
    fn no_input_is_taken_for_a_token(bytes: Vec<u8>) {
        prop_assert!(ring().verify(&bytes).is_err());
    }
}

#[test]
fn short_secrets_are_refused() {
    let error = Secret::new("short").unwrap_err();
    assert_eq!(error.to_string(), "the secret has 5 bytes; it needs at least 32");
    assert!(!format!("{:?}", secret(SECRET)).contains("secret of"));
}

#[test]
fn the_admin_key() {
    let admin = AdminKey::new(&secret(SECRET));
    assert!(admin.opens_for(format!("Bearer {SECRET}").as_bytes()));
    assert!(admin.opens_for(SECRET.as_bytes()));
    for value in ["", "Bearer", OTHER, &SECRET[1..]] {
        assert!(!admin.opens_for(value.as_bytes()), "{value}");
    }
}

/// The key that signs for tickets of `key`.
fn signer(ring: &KeyRing, key: KeyId) -> KeyId {
    let token = ring.sign(key, ticket(0, 0), UserId(1), Time(0));
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    KeyId(u32::from_str_radix(&kid, 16).unwrap())
}

#[test]
fn keys_are_made_once_and_rotate() {
    let directory = tempfile::tempdir().unwrap();
    let store = KeyStore::in_directory(directory.path(), STORE_ID, Overrides::default());
    let first = store.load().unwrap();
    let shown = first.admin_made.expect("the admin key is shown when it is made");
    let path = directory.path().join(token::FILE_NAME);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let second = store.load().unwrap();
    assert!(second.admin_made.is_none());
    assert_eq!(second.tokens.current(), first.tokens.current());
    assert!(second.admin.opens_for(shown.expose().as_bytes()));

    let mut currents = HashSet::from([first.tokens.current()]);
    for _ in 0..3 {
        let rotated = store.rotate().unwrap();
        assert!(currents.insert(rotated.tokens.current()));
        for key in &currents {
            assert_eq!(signer(&rotated.tokens, *key), *key);
        }
    }
    let names: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [token::FILE_NAME], "nothing temporary is left");
}

fn load(directory: &tempfile::TempDir, overrides: Overrides) -> Result<Keys, StoreError> {
    KeyStore::in_directory(directory.path(), STORE_ID, overrides).load()
}

#[test]
fn configured_keys_win_and_the_file_s_stay_valid() {
    let directory = tempfile::tempdir().unwrap();
    let made = load(&directory, Overrides::default()).unwrap();
    let overrides = Overrides { admin: Some(secret(OTHER)), token: Some(secret(SECRET)) };
    let keys = load(&directory, overrides).unwrap();
    assert_eq!(keys.tokens.current(), ring().current());
    assert_eq!(signer(&keys.tokens, made.tokens.current()), made.tokens.current());
    assert!(keys.admin.opens_for(OTHER.as_bytes()));
    let shown = made.admin_made.unwrap();
    assert!(!keys.admin.opens_for(shown.expose().as_bytes()));
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    load(&directory, Overrides::default()).unwrap();
    let path = directory.path().join(token::FILE_NAME);
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = load(&directory, Overrides::default()).unwrap_err();
        assert!(matches!(error, StoreError::LoosePermissions { mode: found, .. } if found == mode), "{error}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}

#[test]
fn a_damaged_file_is_refused_and_its_keys_are_not_told() {
    let directory = tempfile::tempdir().unwrap();
    load(&directory, Overrides::default()).unwrap();
    let path = directory.path().join(token::FILE_NAME);
    for text in [
        "[admin]\nkey = \"very-secret-but-unfinished\n",
        "[admin]\nkey = \"very-secret\"\n[token]\nkey = \"very-secret\"\n",
        "admin = \"very-secret\"",
        "",
    ] {
        fs::write(&path, text).unwrap();
        let error = load(&directory, Overrides::default()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("very-secret"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "the file is left as it is");
    }
}
