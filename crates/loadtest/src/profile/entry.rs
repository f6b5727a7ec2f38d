//! Entry tokens: where a service lets in only whom a shop or an identity provider has signed for, the load test signs.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::Span;

/// How long a token is good, where the profile does not say: longer than its way takes, and no run for the next one.
const LASTS: Duration = Duration::from_secs(300);

/// How a user's entry token is signed: a JWS with HS256 (RFC 7515), which `${entry}` of `call.token` stands for. A new one is
/// signed for each call, with the user in `sub` and a `jti` of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file with the secret that the service has too; a line's end after it is not part of it. Read when the first user
    /// comes, so that `hooks.before` can have written it.
    pub secret_file: PathBuf,
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `aud`.
    pub audience: String,
    /// From the signing to `exp`.
    #[serde(default = "lasts")]
    #[schemars(with = "String")]
    pub lasts: Span,
}

fn lasts() -> Span {
    Span(LASTS)
}

impl Entry {
    /// What cannot be, with its field.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.lasts.as_secs() == 0 {
            return Err("entry.lasts: must be a second at least".to_owned());
        }
        Ok(())
    }
}

/// What a token says (RFC 7519).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: u64,
    nbf: u64,
    exp: u64,
    jti: String,
}

/// Signs, with the secret that it has read.
pub(crate) struct Signer {
    entry: Entry,
    key: EncodingKey,
}

impl std::fmt::Debug for Signer {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("entry", &self.entry).finish_non_exhaustive()
    }
}

impl Signer {
    /// # Errors
    /// When the secret cannot be read, or there is none: with the field.
    pub(crate) fn open(entry: &Entry) -> Result<Self> {
        let secret = read(&entry.secret_file).with_context(|| {
            format!("entry.secret_file: {} cannot be used for a secret", entry.secret_file.display())
        })?;
        Ok(Self { entry: entry.clone(), key: EncodingKey::from_secret(secret.as_bytes()) })
    }

    /// One whose secret this run has made, for a server that it starts.
    pub(crate) fn of(secret: &str, lasts: Duration) -> Self {
        let (issuer, audience) = ("https://load-test.example".to_owned(), "load-test".to_owned());
        let entry = Entry { secret_file: PathBuf::new(), issuer, audience, lasts: Span(lasts) };
        Self { entry, key: EncodingKey::from_secret(secret.as_bytes()) }
    }

    /// The claim `iss`.
    pub(crate) fn issuer(&self) -> &str {
        &self.entry.issuer
    }

    /// The claim `aud`.
    pub(crate) fn audience(&self) -> &str {
        &self.entry.audience
    }

    /// The same claims under another's signature.
    pub(crate) fn with_secret(&self, secret: &[u8]) -> Self {
        Self { entry: self.entry.clone(), key: EncodingKey::from_secret(secret) }
    }

    /// The same in the name of another issuer.
    pub(crate) fn with_issuer(&self, issuer: &str) -> Self {
        Self { entry: Entry { issuer: issuer.to_owned(), ..self.entry.clone() }, key: self.key.clone() }
    }

    /// The same for another audience.
    pub(crate) fn with_audience(&self, audience: &str) -> Self {
        Self { entry: Entry { audience: audience.to_owned(), ..self.entry.clone() }, key: self.key.clone() }
    }

    /// A token for this user, as the service calls them.
    ///
    /// # Errors
    /// When the clock stands before 1970.
    pub(crate) fn sign(&self, user: &str) -> Result<String> {
        self.sign_at(user, Self::now()?)
    }

    /// This machine's time, since 1970.
    ///
    /// # Errors
    /// When its clock stands before that.
    pub(crate) fn now() -> Result<Duration> {
        SystemTime::now().duration_since(UNIX_EPOCH).context("this machine's clock")
    }

    /// The same as if it were signed then.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub(crate) fn sign_at(&self, user: &str, now: Duration) -> Result<String> {
        let claims = Claims {
            iss: &self.entry.issuer,
            aud: &self.entry.audience,
            sub: user,
            iat: now.as_secs(),
            nbf: now.as_secs(),
            exp: now.as_secs() + self.entry.lasts.as_secs(),
            jti: format!("load-{user}-{}", now.as_nanos()),
        };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.key)?)
    }
}

fn read(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path)?;
    let secret = text.trim_end_matches(['\r', '\n']);
    ensure!(!secret.is_empty(), "it is empty");
    Ok(secret.to_owned())
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};
    use serde_json::Value;

    use super::*;

    fn entry(secret_file: PathBuf) -> Entry {
        Entry { secret_file, issuer: "https://shop".to_owned(), audience: "tickets".to_owned(), lasts: lasts() }
    }

    #[test]
    fn each_token_names_its_user_and_is_another() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("secret");
        std::fs::write(&file, "a secret that both have, of 32 bytes\n").unwrap();
        let signer = Signer::open(&entry(file)).unwrap();
        let key = DecodingKey::from_secret(b"a secret that both have, of 32 bytes");
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&["tickets"]);
        rules.set_issuer(&["https://shop"]);
        let claims = |token: String| decode::<Value>(token, &key, &rules).unwrap().claims;
        let (one, other) = (claims(signer.sign("m-7").unwrap()), claims(signer.sign("m-7").unwrap()));
        assert_eq!((&one["sub"], &other["sub"]), (&Value::from("m-7"), &Value::from("m-7")));
        assert_ne!(one["jti"], other["jti"]);
        assert_eq!(one["exp"].as_u64().unwrap() - one["nbf"].as_u64().unwrap(), 300);
    }

    #[test]
    fn a_secret_that_is_not_there_is_named_by_its_field() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("secret");
        let refused = |file: &Path| format!("{:#}", Signer::open(&entry(file.to_owned())).unwrap_err());
        assert!(refused(&file).contains("entry.secret_file"), "{}", refused(&file));
        std::fs::write(&file, "\n").unwrap();
        assert!(refused(&file).contains("it is empty"), "{}", refused(&file));
    }
}
