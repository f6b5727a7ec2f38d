//! What a token has to say, and whom it names.

use std::borrow::Cow;
use std::time::Duration;

use onsale_domain::ids::{INTEGER_MAX, UserId};
use serde::Deserialize;

use super::Person;
use crate::problem::{Code, Problem};

/// The claims that are looked at (RFC 7519); all others are the signer's own matter.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Claims {
    iss: Option<String>,
    aud: Option<Audience>,
    exp: Option<f64>,
    nbf: Option<f64>,
    sub: Option<String>,
    queue: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Several(several) => several.iter().any(|one| one == name),
        }
    }
}

/// What a token has to say to be good here.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Who signs: the claim `iss`.
    pub issuer: String,
    /// What the token is for: one of the claim `aud`.
    pub audience: String,
    /// The header's `typ`, where it must be one.
    pub kind: Option<String>,
    /// How far the signer's clock may be from the store's time.
    pub leeway: Duration,
}

/// An entry token that is none.
pub(super) fn invalid(detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(Code::EntryTokenInvalid).with_detail(detail)
}

fn required<'c, T>(claim: Option<&'c T>, name: &'static str) -> Result<&'c T, Problem> {
    claim.ok_or_else(|| invalid(format!("It has no {name}, which is needed: iss, aud, exp, nbf and sub are.")))
}

impl Rules {
    /// Whom an authentic token names, at this moment in seconds since 1970.
    pub(super) fn person(&self, claims: &Claims, now_s: f64) -> Result<Person, Problem> {
        let (issuer, audience) = (required(claims.iss.as_ref(), "iss")?, required(claims.aud.as_ref(), "aud")?);
        let (ends, begins) = (*required(claims.exp.as_ref(), "exp")?, *required(claims.nbf.as_ref(), "nbf")?);
        let subject = required(claims.sub.as_ref(), "sub")?;
        if *issuer != self.issuer {
            return Err(Problem::new(Code::EntryTokenIssuer));
        }
        if !audience.has(&self.audience) {
            return Err(Problem::new(Code::EntryTokenAudience));
        }
        let leeway_s = self.leeway.as_secs_f64();
        if ends <= now_s - leeway_s {
            return Err(Problem::new(Code::EntryTokenExpired));
        }
        if begins > now_s + leeway_s {
            return Err(Problem::new(Code::EntryTokenNotYet));
        }
        Ok(Person { user: user(subject)?, queue: claims.queue.clone() })
    }
}

/// The user's number as it is written: the shop's for this person, and so theirs for ever.
fn user(subject: &str) -> Result<UserId, Problem> {
    let is_number = subject.bytes().all(|byte| byte.is_ascii_digit()) && !subject.starts_with('0');
    let number = if is_number { subject.parse().ok() } else { None };
    number.filter(|number| (1..=INTEGER_MAX).contains(number)).map(UserId).ok_or_else(|| {
        invalid(format!("Its sub must be the user's number, from 1 to {INTEGER_MAX}, in digits and as a string."))
    })
}
