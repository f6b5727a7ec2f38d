//! Who has signed in, by what the provider has signed (OpenID Connect Core 1.0, section 3.1.3.7).

use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::Settings;

/// The longest `sub`.
const SUBJECT_BYTES_MAX: usize = 255;

/// Somebody, as the provider knows them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Identity {
    pub(super) subject: String,
    claims: Map<String, Value>,
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str)
}

fn number(claims: &Map<String, Value>, name: &str) -> Option<f64> {
    claims.get(name).and_then(Value::as_f64)
}

/// Whether the token is for this client: it is the only audience, or the one to whom it was given.
fn is_for(claims: &Map<String, Value>, client: &str) -> bool {
    let is_client = |value: &Value| value.as_str() == Some(client);
    let party = claims.get("azp");
    match claims.get("aud") {
        Some(Value::Array(several)) if several.len() != 1 => {
            several.iter().any(is_client) && party.is_some_and(is_client)
        }
        Some(Value::Array(one)) => one.iter().all(is_client) && party.is_none_or(is_client),
        Some(one) => is_client(one) && party.is_none_or(is_client),
        None => false,
    }
}

impl Identity {
    /// Of a token whose signature is good. What is wrong is for the log.
    pub(super) fn of(claims: Map<String, Value>, settings: &Settings, nonce: &str, now_s: f64) -> Result<Self, String> {
        let leeway_s = settings.leeway.as_secs_f64();
        let says = |what: &str| format!("the provider's token has {what}");
        if text(&claims, "iss") != Some(&*settings.issuer) {
            return Err(says("another iss"));
        }
        if !is_for(&claims, &settings.client_id) {
            return Err(says("another aud or azp"));
        }
        if !number(&claims, "exp").is_some_and(|ends| ends > now_s - leeway_s) {
            return Err(says("no exp, or it is over: compare the clocks"));
        }
        let begins = [number(&claims, "nbf"), number(&claims, "iat")];
        if begins.into_iter().flatten().any(|begins| begins > now_s + leeway_s) {
            return Err(says("an nbf or iat that is to come: compare the clocks"));
        }
        let is_ours = text(&claims, "nonce").is_some_and(|said| said.as_bytes().ct_eq(nonce.as_bytes()).into());
        if !is_ours {
            return Err(says("another nonce"));
        }
        let subject = text(&claims, "sub").filter(|subject| (1..=SUBJECT_BYTES_MAX).contains(&subject.len()));
        let subject = subject.ok_or_else(|| says("no sub"))?.to_owned();
        Ok(Self { subject, claims })
    }

    /// With what the provider says of them elsewhere, where that is of the same person.
    pub(super) fn with(mut self, more: Map<String, Value>) -> Result<Self, &'static str> {
        if text(&more, "sub") != Some(&self.subject) {
            return Err("the provider's userinfo is of somebody else");
        }
        for (name, value) in more {
            // What is signed goes first.
            self.claims.entry(name).or_insert(value);
        }
        Ok(self)
    }

    /// Their address of mail, where the provider has seen that it is theirs.
    pub(super) fn email(&self) -> Option<&str> {
        let is_verified = matches!(self.claims.get("email_verified"), Some(Value::Bool(true)));
        text(&self.claims, "email").filter(|_| is_verified)
    }

    /// What they may be called on record, what nobody else can be first.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let said = [self.email(), text(&self.claims, "preferred_username"), text(&self.claims, "name")];
        said.into_iter().flatten().chain([&*self.subject])
    }

    /// The values of a claim: `realm_access.roles` is `roles` of `realm_access`, unless a claim is called just so.
    pub(super) fn values(&self, claim: &str) -> Vec<&str> {
        let whole = self.claims.get(claim);
        let nested = || {
            let mut steps = claim.split('.');
            let first = self.claims.get(steps.next()?)?;
            steps.try_fold(first, |value, step| value.get(step))
        };
        match whole.or_else(nested) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn settings() -> Settings {
        Settings {
            issuer: "https://id.example".into(),
            client_id: "onsale".into(),
            secret: None,
            scopes: "openid".into(),
            leeway: Duration::from_secs(30),
            stale_max: Duration::MAX,
            buyers: None,
            operators: None,
        }
    }

    fn claims() -> Value {
        json!({"iss": "https://id.example", "aud": "onsale", "sub": "ann", "exp": 1_300, "iat": 1_000, "nonce": "n"})
    }

    fn read(claims: &Value) -> Result<Identity, String> {
        Identity::of(claims.as_object().expect("claims").clone(), &settings(), "n", 1_000.0)
    }

    #[test]
    fn a_token_is_of_this_provider_for_this_client_and_this_sign_in() {
        assert_eq!(read(&claims()).expect("somebody").subject, "ann");
        for (name, value) in [
            ("iss", json!("https://id.example/")),
            ("iss", Value::Null),
            ("aud", json!("other")),
            ("aud", json!([])),
            ("aud", json!(["onsale", "other"])),
            ("aud", Value::Null),
            ("azp", json!("other")),
            ("exp", json!(969)),
            ("exp", Value::Null),
            ("exp", json!("soon")),
            ("iat", json!(1_031)),
            ("nbf", json!(1_031)),
            ("nonce", json!("m")),
            ("nonce", Value::Null),
            ("sub", json!("")),
            ("sub", json!(7)),
            ("sub", json!("x".repeat(256))),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            assert!(read(&claims).is_err(), "{name}={value}");
        }
        let mut several = claims();
        (several["aud"], several["azp"]) = (json!(["onsale", "other"]), json!("onsale"));
        assert!(read(&several).is_ok());
    }

    #[test]
    fn what_is_said_elsewhere_is_of_the_same_person_and_overrules_nothing() {
        let mut signed = claims();
        signed["groups"] = json!(["desk"]);
        let more = |value: Value| value.as_object().expect("claims").clone();
        let ann = read(&signed).expect("somebody");
        assert!(ann.clone().with(more(json!({"sub": "bob"}))).is_err());
        assert!(ann.clone().with(more(json!({}))).is_err());
        let ann = ann.with(more(json!({
            "sub": "ann", "groups": ["admin"], "email": "ann@id.example", "email_verified": true,
            "realm_access": {"roles": ["a", 1, "b"]}, "https://id.example/role": "c",
        })));
        let ann = ann.expect("the same");
        assert_eq!(ann.values("groups"), ["desk"]);
        assert_eq!(ann.values("realm_access.roles"), ["a", "b"]);
        assert_eq!(ann.values("https://id.example/role"), ["c"]);
        assert_eq!(ann.values("nothing.here"), [""; 0]);
        assert_eq!(ann.names().collect::<Vec<_>>(), ["ann@id.example", "ann"]);
    }

    #[test]
    fn mail_that_nobody_has_verified_is_nobody_s() {
        for verified in [json!(false), json!("true"), Value::Null] {
            let mut claims = claims();
            (claims["email"], claims["email_verified"]) = (json!("kim@id.example"), verified);
            assert_eq!(read(&claims).expect("somebody").email(), None);
        }
    }
}
