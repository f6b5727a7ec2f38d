//! Entry tokens of this service's own, for those who have signed in with the identity provider: what a page joins with, as with a
//! shop's.
//!
//! The provider's own token is not handed to the page: it is good for an hour and again and again, it may be longer than an entry
//! token, and it has a name and an address of mail in it that nobody here needs to know.

use std::fmt::Debug;
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use onsale_domain::ids::KeyId;
use serde::Serialize;

use super::Person;
use super::claims::{Digits, Rules};
use super::head::Head;
use super::keys::KeySet;
use crate::problem::{Code, Problem};
use crate::token::{KeyRing, Secret};

/// The header's `typ`, by which it is told from a shop's.
const KIND: &str = "onsale-entry+jwt";
/// Its `aud`.
const AUDIENCE: &str = "onsale";
/// For how long it is good, once: as long as a page tries to join before it gives up, and some.
const GOOD_FOR_S: f64 = 300.0;

/// What they say, and how that is read again.
#[derive(Debug)]
pub struct Own {
    rules: Rules,
}

#[derive(Serialize)]
struct Said<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    nbf: u64,
    exp: u64,
    jti: &'a str,
}

impl Own {
    /// For the people of this identity provider, by its issuer.
    #[must_use]
    pub fn of_people_of(issuer: &str) -> Self {
        // Nodes may be a little apart in time.
        let leeway = Duration::from_secs(5);
        let (issuer, audience, kind) = (issuer.to_owned(), AUDIENCE.to_owned(), Some(KIND.to_owned()));
        Self { rules: Rules { issuer, audience, kind, leeway, digits: Digits::Name } }
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(super) fn has_signed(head: &Head<'_>) -> bool {
        head.is_of_kind(KIND)
    }

    /// A token for the provider's `sub`, good once and for five minutes from now on, in seconds since 1970.
    ///
    /// # Errors
    /// Where the system gives no chance.
    pub(crate) fn sign(&self, subject: &str, tokens: &KeyRing, now_s: f64) -> Result<String, Problem> {
        let failed = |error: &dyn Debug| {
            tracing::error!(?error, "an entry token cannot be signed");
            Problem::new(Code::Unavailable)
        };
        let id = Secret::random().map_err(|error| failed(&error))?;
        let (key, secret) = tokens.sign_in();
        let mut header = Header::new(Algorithm::HS256);
        (header.typ, header.kid) = (Some(KIND.to_owned()), Some(format!("{:08x}", key.0)));
        let (nbf, exp) = (now_s as u64, (now_s + GOOD_FOR_S) as u64);
        let said = Said { iss: &self.rules.issuer, sub: subject, aud: AUDIENCE, nbf, exp, jti: id.expose() };
        encode(&header, &said, &EncodingKey::from_secret(secret)).map_err(|error| failed(&error))
    }

    pub(super) fn person(&self, token: &str, head: &Head<'_>, tokens: &KeyRing, now_s: f64) -> Result<Person, Problem> {
        let id = head.kid.as_deref().and_then(|id| u32::from_str_radix(id, 16).ok()).map(KeyId);
        let secret = id.and_then(|id| tokens.sign_in_of(id)).ok_or(Problem::new(Code::EntryTokenKeyUnknown))?;
        let keys = KeySet::of_bytes(head.kid.as_deref().map(str::to_owned), secret);
        self.rules.person(&keys.verify(token, head, None)?, now_s)
    }
}

#[cfg(test)]
mod tests {
    use onsale_domain::command::Entrant;

    use super::*;

    fn ring(store_id: u64, key: char) -> KeyRing {
        KeyRing::new(store_id, &Secret::new(key.to_string().repeat(32)).expect("long enough"), &[])
    }

    #[test]
    fn a_token_names_the_provider_s_person_once_for_five_minutes() {
        let (own, ours) = (Own::of_people_of("https://id.example"), ring(7, 'a'));
        let token = own.sign("4711", &ours, 1_000.0).expect("a token");
        let read = |own: &Own, ring: &KeyRing, now_s| {
            let mut bytes = Vec::new();
            let head = Head::of(&token, &mut bytes).expect("a head");
            assert!(Own::has_signed(&head));
            own.person(&token, &head, ring, now_s)
        };
        let person = read(&own, &ours, 1_001.0).expect("a person");
        assert!(matches!(person.entrant, Entrant::Subject(_)), "digits are a name, too");
        assert!(person.once.is_some() && person.limit.is_none() && person.queue.is_none());
        assert_eq!(read(&own, &ours, 1_000.0).expect("a person"), person, "what it is known by");
        let code = |read: Result<Person, Problem>| read.expect_err("it should be refused").code();
        assert_eq!(code(read(&own, &ours, 1_306.0)), Code::EntryTokenExpired);
        assert_eq!(code(read(&own, &ring(8, 'a'), 1_001.0)), Code::EntryTokenInvalid, "another store");
        assert_eq!(code(read(&own, &ring(7, 'b'), 1_001.0)), Code::EntryTokenKeyUnknown);
        let other = Own::of_people_of("https://other.example");
        assert_eq!(code(read(&other, &ours, 1_001.0)), Code::EntryTokenIssuer, "the provider of before");
    }
}
