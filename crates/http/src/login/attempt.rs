//! A sign-in that was begun, and what has to be known again when it ends.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{Came, Side};
use crate::cookie::{self, SameSite};
use crate::token::{SealedBy, SealedFor, Secret};

const COOKIE: &str = "onsale-login";
/// How long somebody may take at the provider.
const GOOD_FOR: Duration = Duration::from_secs(600);
/// The most that a browser has under way: in as many tabs. The oldest gives way.
const AT_ONCE_MAX: usize = 4;

/// Where a buyer wants to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Goal {
    pub(crate) queue: Option<String>,
    pub(crate) concert: Option<u64>,
}

impl Goal {
    /// The buyer's page, with all that it has to know behind `#`, which no browser sends anywhere.
    pub(super) fn address(&self, parts: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parts);
        if let Some(queue) = &self.queue {
            query.append_pair("queue", queue);
        }
        if let Some(concert) = self.concert {
            query.append_pair("concert", &concert.to_string());
        }
        format!("/#{}", query.finish())
    }
}

/// One that was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Attempt {
    side: Side,
    /// Comes back with the browser: whoever has it not has begun nothing here.
    pub(super) state: String,
    /// Comes back in the provider's token: it was made for this sign-in.
    pub(super) nonce: String,
    /// Shows the provider that who asks for the token is who sent the browser (RFC 7636).
    pub(super) verifier: String,
    begun_s: f64,
    pub(super) goal: Goal,
}

impl Attempt {
    pub(super) fn begin(side: Side, goal: Goal, now_s: f64) -> Result<Self, getrandom::Error> {
        let random = || Secret::random().map(|secret| secret.expose().to_owned());
        Ok(Self { side, state: random()?, nonce: random()?, verifier: random()?, begun_s: now_s, goal })
    }

    /// What the provider is told of the verifier.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    pub(super) fn is_over(&self, now_s: f64) -> bool {
        now_s - self.begun_s > GOOD_FOR.as_secs_f64()
    }
}

/// Those of a browser.
#[derive(Debug)]
pub(super) struct Attempts {
    under_way: Vec<Attempt>,
    is_https: bool,
}

impl Attempts {
    /// Those that the browser's cookie has. One that is none, or another's, has none.
    pub(super) fn of(came: &Came<'_>, is_https: bool) -> Self {
        let sealed = cookie::get(came.headers, COOKIE, is_https);
        let text = sealed.and_then(|sealed| came.tokens.load().open(SealedFor::Login, sealed, SealedBy::Any));
        let under_way = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { under_way, is_https }
    }

    pub(super) fn add(&mut self, attempt: Attempt) {
        self.under_way.push(attempt);
        let more = self.under_way.len().saturating_sub(AT_ONCE_MAX);
        self.under_way.drain(..more);
    }

    /// The one of this state, which is one of them no more: nobody comes back twice.
    pub(super) fn take(&mut self, side: Side, state: Option<&str>) -> Option<Attempt> {
        let state = state?;
        let is_it =
            |attempt: &Attempt| attempt.side == side && bool::from(attempt.state.as_bytes().ct_eq(state.as_bytes()));
        let at = self.under_way.iter().position(is_it)?;
        Some(self.under_way.remove(at))
    }

    /// What the browser is to keep from now on.
    pub(super) fn cookie(&self, came: &Came<'_>) -> Result<String, getrandom::Error> {
        let set = |value: &str, lives| cookie::set(COOKIE, value, self.is_https, SameSite::Lax, lives);
        if self.under_way.is_empty() {
            return Ok(set("", Duration::ZERO));
        }
        let text = serde_json::to_vec(&self.under_way).expect("it is made of what JSON has");
        Ok(set(&came.tokens.load().seal(SealedFor::Login, &text)?, GOOD_FOR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_too_many_gives_way_and_none_is_taken_twice() {
        let mut attempts = Attempts { under_way: Vec::new(), is_https: false };
        let mut states = Vec::new();
        for _ in 0..=AT_ONCE_MAX {
            let attempt = Attempt::begin(Side::Buyer, Goal::default(), 0.0).expect("chance");
            states.push(attempt.state.clone());
            attempts.add(attempt);
        }
        let mut take = |side, state: &str| attempts.take(side, Some(state)).is_some();
        assert!(!take(Side::Buyer, &states[0]));
        assert!(!take(Side::Operator, &states[1]), "begun by a buyer");
        assert!(take(Side::Buyer, &states[1]) && !take(Side::Buyer, &states[1]));
        assert!(take(Side::Buyer, &states[4]));
        assert!(attempts.take(Side::Buyer, None).is_none());
    }

    #[test]
    fn the_address_escapes_what_it_is_given() {
        let goal = Goal { queue: Some("vip".into()), concert: Some(3) };
        assert_eq!(goal.address(&[("entry", "a.b&c")]), "/#entry=a.b%26c&queue=vip&concert=3");
        assert_eq!(Goal::default().address(&[("login", "denied")]), "/#login=denied");
    }
}
