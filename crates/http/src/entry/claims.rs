//! What a token has to say, and whom it names.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use onsale_domain::command::Entrant;
use onsale_domain::ids::{INTEGER_MAX, UserId};
use onsale_domain::queue::Tier;
use onsale_domain::time::Time;
use onsale_domain::user::SUBJECT_FIRST;
use serde::Deserialize;
use serde_path_to_error::Segment;
use sha2::{Digest as _, Sha256};

use super::Person;
use super::head::Name;
use crate::problem::{Code, Problem};

/// The longest `sub`: what OpenID Connect allows.
const SUBJECT_BYTES_MAX: usize = 255;
/// For how long tokens that were used are remembered.
const REMEMBERED_MAX: Duration = Duration::from_secs(24 * 3_600);

/// The claims that are looked at (RFC 7519); all others are the signer's own matter.
#[derive(Debug, Deserialize)]
pub(super) struct Claims<'a> {
    #[serde(borrow)]
    iss: Option<Name<'a>>,
    #[serde(borrow)]
    aud: Option<Audience<'a>>,
    exp: Option<f64>,
    nbf: Option<f64>,
    #[serde(borrow)]
    sub: Option<Name<'a>>,
    #[serde(borrow)]
    queue: Option<Name<'a>>,
    #[serde(borrow)]
    jti: Option<Name<'a>>,
    limit: Option<u32>,
    tier: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience<'a> {
    #[serde(borrow)]
    One(Name<'a>),
    Several(Vec<Name<'a>>),
}

impl Audience<'_> {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::One(Name(one)) => one == name,
            Self::Several(several) => several.iter().any(|Name(one)| one == name),
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
    /// What a `sub` of digits is.
    pub digits: Digits,
}

/// What a `sub` that has nothing but digits is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// The user's number: a shop's own.
    Number,
    /// A name like any other: some identity providers number their people, and their numbers are no shop's.
    Name,
}

/// An entry token that is none.
pub(super) fn invalid(detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(Code::EntryTokenInvalid).with_detail(detail)
}

/// The same, by the claim that is wrong.
fn claim(name: &str, detail: impl Into<Cow<'static, str>>) -> Problem {
    invalid(detail).with_field(format!("entryToken.{name}"))
}

fn required<'c, T>(said: Option<&'c T>, name: &'static str) -> Result<&'c T, Problem> {
    said.ok_or_else(|| claim(name, format!("It has no {name}, which is needed: iss, aud, exp, nbf and sub are.")))
}

/// What it says, where that is what claims can be.
fn read(said: &[u8]) -> Result<Claims<'_>, Problem> {
    // A list would be taken for the claims in their order.
    if !said.trim_ascii_start().starts_with(b"{") {
        return Err(invalid("Its claims are no JSON object."));
    }
    serde_json::from_slice(said).map_err(|_| {
        // Which of them it is has to be known only where one is wrong.
        let mut reader = serde_json::Deserializer::from_slice(said);
        let wrong = serde_path_to_error::deserialize::<_, Claims<'_>>(&mut reader).err();
        let of_object = wrong.as_ref().and_then(|error| error.path().iter().next());
        match of_object {
            Some(Segment::Map { key }) => claim(key, format!("Its {key} is not what it has to be.")),
            _ => invalid("Its claims are not what they have to be."),
        }
    })
}

impl Rules {
    /// Whom an authentic token names that says this, at this moment in seconds since 1970.
    pub(super) fn person(&self, said: &[u8], now_s: f64) -> Result<Person, Problem> {
        let claims = read(said)?;
        let (Name(issuer), audience) = (required(claims.iss.as_ref(), "iss")?, required(claims.aud.as_ref(), "aud")?);
        let (ends, begins) = (*required(claims.exp.as_ref(), "exp")?, *required(claims.nbf.as_ref(), "nbf")?);
        let Name(subject) = required(claims.sub.as_ref(), "sub")?;
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
        let once = claims.jti.as_ref().map(|Name(id)| self.once(issuer, id, ends, now_s)).transpose()?;
        if claims.limit == Some(0) {
            return Err(claim("limit", "Its limit must be a whole number of seats, from 1."));
        }
        let tier = claims.tier.as_ref().map(tier).transpose()?;
        let entrant = self.entrant(issuer, subject)?;
        let queue = claims.queue.map(|Name(queue)| queue.into_owned());
        Ok(Person { entrant, queue, once, limit: claims.limit, tier })
    }

    /// What a token that is good once is known by, and until when.
    fn once(&self, issuer: &str, id: &str, ends_s: f64, now_s: f64) -> Result<([u8; 16], Time), Problem> {
        if id.is_empty() {
            return Err(claim("jti", "Its jti is empty."));
        }
        if ends_s - now_s > REMEMBERED_MAX.as_secs_f64() {
            let what = "Its exp is more than a day ahead: with a jti it has to be remembered for as long.";
            return Err(claim("exp", what));
        }
        let mut digest = [0; 16];
        digest.copy_from_slice(&known_by(b"jti", issuer, id)[..16]);
        Ok((digest, Time(((ends_s + self.leeway.as_secs_f64()) * 1_000.0).ceil() as u64)))
    }
}

impl Rules {
    /// Who it is: the shop's number for this person, and so theirs for ever; or a name, for which the store has a number.
    pub(super) fn entrant(&self, issuer: &str, subject: &str) -> Result<Entrant, Problem> {
        let number = match self.digits {
            Digits::Number => number(subject),
            Digits::Name => None,
        };
        match number.filter(|&number| number <= INTEGER_MAX) {
            Some(number @ 1..SUBJECT_FIRST) => Ok(Entrant::User(UserId(number))),
            Some(_) => Err(claim(
                "sub",
                format!(
                    "Its sub is a number, and has to be one from 1 to {}: those above are given to people whose sub is none.",
                    SUBJECT_FIRST - 1
                ),
            )),
            None if (1..=SUBJECT_BYTES_MAX).contains(&subject.len()) => {
                Ok(Entrant::Subject(known_by(b"sub", issuer, subject)))
            }
            None => Err(claim("sub", format!("Its sub must have 1 to {SUBJECT_BYTES_MAX} bytes."))),
        }
    }
}

fn tier(said: &serde_json::Value) -> Result<Tier, Problem> {
    let tier = said.as_u64().and_then(|number| u8::try_from(number).ok()).and_then(Tier::new);
    tier.ok_or_else(|| {
        claim("tier", format!("Its tier must be a whole number from 1 to {}: 1 is before 2.", Tier::LAST))
    })
}

/// Digits as they are written: without a zero before them.
fn number(subject: &str) -> Option<u64> {
    let is_number = subject.bytes().all(|byte| byte.is_ascii_digit()) && (subject == "0" || !subject.starts_with('0'));
    if is_number { subject.parse().ok() } else { None }
}

/// What the `sub` of a token says that was found good.
pub(crate) fn subject_of(token: &str) -> Option<String> {
    let said = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    read(&said).ok()?.sub.map(|Name(subject)| subject.into_owned())
}

/// What is kept of a name: its SHA-256, with whose name it is.
pub(crate) fn known_by(kind: &[u8; 3], issuer: &str, name: &str) -> [u8; 32] {
    let length = (issuer.len() as u64).to_be_bytes();
    Sha256::new().chain_update(kind).chain_update(length).chain_update(issuer).chain_update(name).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules {
            issuer: "https://shop.example".to_owned(),
            audience: "tickets".to_owned(),
            kind: None,
            leeway: Duration::from_secs(30),
            digits: Digits::Number,
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_claim() {
        let good =
            serde_json::json!({"iss": "https://shop.example", "aud": "tickets", "exp": 2e3, "nbf": 0, "sub": "7"});
        for (name, said) in [
            ("iss", serde_json::json!(["https://shop.example"])),
            ("aud", serde_json::json!(7)),
            ("exp", serde_json::json!("soon")),
            ("exp", serde_json::Value::Null),
            ("sub", serde_json::json!(7)),
            ("sub", serde_json::json!("0")),
            ("sub", serde_json::json!("")),
            ("queue", serde_json::json!(3)),
            ("jti", serde_json::json!("")),
            ("jti", serde_json::json!(3)),
            ("limit", serde_json::json!(0)),
            ("limit", serde_json::json!(-1)),
            ("limit", serde_json::json!("4")),
            ("tier", serde_json::json!(0)),
        ] {
            let mut claims = good.clone();
            claims[name] = said;
            let problem = rules().person(claims.to_string().as_bytes(), 1_000.0).expect_err(name);
            let field = format!("entryToken.{name}");
            assert_eq!((problem.code(), problem.field_name()), (Code::EntryTokenInvalid, Some(&*field)), "{claims}");
            assert!(problem.detail().is_some_and(|detail| detail.contains(name)), "{problem:?}");
        }
    }

    #[test]
    fn claims_are_an_object_that_says_each_thing_once() {
        let rules = rules();
        let person = |said: &str| rules.person(said.as_bytes(), 1_000.0).map_err(|problem| problem.code());
        let rest = r#""aud":["other","tickets"],"exp":2e3,"nbf":999.5,"sub":"7""#;
        let good = person(&format!(r#" {{"iss":"https://shop.example","queue":"v\u0069p","jti":null,{rest}}}"#));
        let Ok(Person { entrant, queue, once, limit, tier }) = good else { panic!("{good:?}") };
        assert_eq!((entrant, queue.as_deref()), (Entrant::User(UserId(7)), Some("vip")));
        assert!(once.is_none() && limit.is_none() && tier.is_none());
        let escaped = person(&format!(r#"{{"i\u0073s":"https:\/\/shop.example",{rest}}}"#));
        assert!(escaped.is_ok(), "{escaped:?}");
        for said in [
            r#"["https://shop.example","tickets",2000,999,"7",null,null,null,null]"#.to_owned(),
            format!(r#"{{"iss":"https://shop.example","iss":"https://shop.example",{rest}}}"#),
            format!(r#"{{"iss":"https://shop.example",{rest},"sub":"8"}}"#),
            format!(r#"{{"iss":["https://shop.example"],{rest}}}"#),
            format!(r#"{{"iss":"https://shop.example",{rest}}}{{}}"#),
            String::new(),
        ] {
            assert_eq!(person(&said), Err(Code::EntryTokenInvalid), "{said}");
        }
    }
}
