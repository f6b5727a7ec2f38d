//! A door that lets in only whom somebody has signed for: entry tokens are JWS with HS256 (RFC 7515), each good once.

use std::collections::HashSet;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous, decode};
use serde_json::Value;

use super::answer::Refusal;
use super::fault::Fault;

/// Who signs, for whom, and with what.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `aud`.
    pub audience: String,
    pub secret: String,
}

#[derive(Debug)]
pub(super) struct Door {
    fault: Option<Fault>,
    entry: Entry,
    /// The `jti` of each token that somebody came in with.
    used: HashSet<String>,
}

impl Door {
    pub(super) fn new(entry: Entry, fault: Option<Fault>) -> Self {
        Self { fault, entry, used: HashSet::new() }
    }

    /// Who comes in with this request.
    pub(super) fn enter(&mut self, body: &Value) -> Result<u64, Refusal> {
        let token = body["entryToken"].as_str().ok_or(Refusal(401, "ENTRY_TOKEN_MISSING"))?;
        let claims = self.claims(token).ok_or(Refusal(401, "ENTRY_TOKEN_INVALID"))?;
        let now_s = Timestamp::now().as_second();
        let moment_s = |name: &str| claims[name].as_i64();
        let refused = match () {
            () if claims["iss"] != *self.entry.issuer => Some("ENTRY_TOKEN_ISSUER"),
            () if claims["aud"] != *self.entry.audience => Some("ENTRY_TOKEN_AUDIENCE"),
            () if moment_s("exp").is_none_or(|at_s| at_s <= now_s) => Some("ENTRY_TOKEN_EXPIRED"),
            () if moment_s("nbf").is_some_and(|at_s| at_s > now_s) => Some("ENTRY_TOKEN_NOT_YET"),
            () => None,
        };
        if let Some(code) = refused {
            return Err(Refusal(401, code));
        }
        let (user, id) = (claims["sub"].as_str().and_then(|user| user.parse().ok()), claims["jti"].as_str());
        let (user, id): (u64, _) = user.zip(id).ok_or(Refusal(401, "ENTRY_TOKEN_INVALID"))?;
        if body["userId"].as_u64().is_some_and(|named| named != user) {
            return Err(Refusal(403, "ENTRY_TOKEN_OTHER_USER"));
        }
        match self.used.insert(id.to_owned()) {
            true => Ok(user),
            false => Err(Refusal(401, "ENTRY_TOKEN_REPLAYED")),
        }
    }

    /// What the token says, if its signature is that of whoever signs.
    fn claims(&self, token: &str) -> Option<Value> {
        if self.fault == Some(Fault::BelievesUnsignedTokens) {
            return dangerous::insecure_decode_claims(token).ok();
        }
        // The signature alone: each of the claims is refused with a code of its own.
        let mut rules = Validation::new(Algorithm::HS256);
        (rules.validate_exp, rules.validate_aud) = (false, false);
        rules.required_spec_claims.clear();
        let key = DecodingKey::from_secret(self.entry.secret.as_bytes());
        decode::<Value>(token, &key, &rules).ok().map(|token| token.claims)
    }
}
