//! What a signed door costs: a join with an entry token, against one that names a number; and a check behind it, where how often
//! one may write is limited too.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

use super::waiting;
use crate::context::Context;
use crate::load::{Next, Reply, Source};
use crate::measure::{self, Round, Spread};
use crate::process::Service;
use crate::report::{Figure, Findings};
use crate::request;
use crate::sources::{Issue, Tokens, token_in};

const CONNECTIONS: usize = 512;
const ISSUER: &str = "https://shop.example";
const AUDIENCE: &str = "tickets";
/// Of a server that lives as long as the measurement.
const SECRET: &str = "a-secret-of-a-scratch-server-for-the-length-of-a-benchmark";
/// The key pair of RFC 8037, appendix A, which is nobody's.
const PRIVATE: [u8; 48] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20, 0x9d, 0x61, 0xb1,
    0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
    0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/// More than a core takes in a second: a round that uses its tokens up ends early.
const PER_SECOND_MAX: u64 = 40_000;
/// A join with an entry token takes so many times the CPU of one without, at most, where a secret has signed it.
const RATIO_MAX: f64 = 1.3;
const USERS_FIRST: u64 = 1_000_000_000;
const SIGNED: [(&str, &str); 3] = [("access.users", "signed"), ("entry.issuer", ISSUER), ("entry.audience", AUDIENCE)];
/// How often one may write: more often than the benchmark does, from its one address.
const LIMITS: [(&str, &str); 4] = [
    ("rate.client_per_minute", "100000000"),
    ("rate.client_burst", "100000000"),
    ("rate.user_per_minute", "100000000"),
    ("rate.user_burst", "100000000"),
];
const LASTS: Duration = Duration::from_secs(3_600);

/// How somebody comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Open,
    Hs256,
    Ed25519,
}

const DOORS: [Door; 3] = [Door::Open, Door::Hs256, Door::Ed25519];

impl Door {
    /// A token for this user; none where nobody asks for one.
    fn token(self, user: u64) -> Result<Option<String>> {
        let (algorithm, key) = match self {
            Self::Open => return Ok(None),
            Self::Hs256 => (Algorithm::HS256, EncodingKey::from_secret(SECRET.as_bytes())),
            Self::Ed25519 => (Algorithm::EdDSA, EncodingKey::from_ed_der(&PRIVATE)),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("this machine's clock")?.as_secs();
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": user.to_string(), "iat": now, "nbf": now, "exp": now + LASTS.as_secs(),
        });
        Ok(Some(jsonwebtoken::encode(&Header::new(algorithm), &claims, &key)?))
    }

    /// The requests of these users.
    fn source(self, users: Range<u64>) -> Result<Box<dyn Source>> {
        if self == Self::Open {
            return Ok(Box::new(Issue::new(users)));
        }
        Ok(Box::new(Signed { requests: self.requests(users)?, next: 0, kept: None }))
    }

    fn requests(self, users: Range<u64>) -> Result<Vec<Vec<u8>>> {
        let requests = users.map(|user| {
            let mut request = Vec::new();
            request::issue_signed(&self.token(user)?.unwrap_or_default(), &mut request);
            Ok(request)
        });
        requests.collect()
    }
}

/// Joins that were signed beforehand.
struct Signed {
    requests: Vec<Vec<u8>>,
    next: usize,
    /// The tokens that came back, in their order, where they are wanted.
    kept: Option<Vec<Box<[u8]>>>,
}

impl Source for Signed {
    fn next(&mut self, _slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        let Some(request) = self.requests.get(self.next) else { return Next::Done };
        out.extend_from_slice(request);
        self.next += 1;
        Next::Send
    }

    fn reply(&mut self, _slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        if let (200, Some(kept)) = (reply.status, &mut self.kept) {
            kept.extend(token_in(reply.body));
        }
        reply.status == 200
    }

    fn keeps_body(&self) -> bool {
        self.kept.is_some()
    }
}

pub(super) fn run(context: &Context) -> Result<Findings> {
    let program = context.program()?;
    let scratch = tempfile::tempdir()?;
    let keys = scratch.path().join("keys.json");
    let set =
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "1", "x": PUBLIC}]});
    std::fs::write(&keys, set.to_string()).context("the public keys")?;
    let keys = keys.to_str().context("a path that is text")?;
    let signed = SIGNED;
    let start = |more: &[(&str, &str)]| waiting::service_with(&program, more);
    let services = [
        start(&[])?,
        start(&[&signed[..], &[("entry.secret", SECRET)]].concat())?,
        start(&[&signed[..], &[("entry.keys", keys)]].concat())?,
    ];
    let mut first = USERS_FIRST;
    let mut round = |door: Door, limit: Duration| -> Result<Round> {
        let many = (limit.as_secs_f64() * PER_SECOND_MAX as f64) as u64;
        first += many;
        let service: &Service = &services[door as usize];
        measure::closed(service, CONNECTIONS, limit, &mut *door.source(first - many..first)?)
    };
    for door in DOORS {
        round(door, context.warm_up)?;
    }
    let mut micros = [const { Vec::new() }; DOORS.len()];
    for pair in 0..context.pairs {
        let mut doors = DOORS;
        doors.rotate_left(pair % DOORS.len());
        for door in doors {
            micros[door as usize].push(1e6 / round(door, context.round)?.per_cpu_second());
        }
        let [open, hs256, ed25519] = [0, 1, 2].map(|door| micros[door][pair]);
        crate::progress!("join: open {open:.1} µs, HS256 {hs256:.1} µs, Ed25519 {ed25519:.1} µs");
    }
    let bare = bare_verification(context)?;
    Ok(Findings { figures: figures(&micros, bare), ..Findings::default() })
}

/// A check at a signed door with limits, against one at an open door without.
pub(super) fn check(context: &Context) -> Result<Findings> {
    let program = context.program()?;
    let count = context.sized(100_000, 10_000);
    // The same people at both doors, as a token has its owner's number.
    let users = USERS_FIRST + 1..USERS_FIRST + count + 1;
    let open = waiting::empty_service(&program)?;
    crate::progress!("letting {count} users wait");
    measure::complete(&open, &mut Issue::new(USERS_FIRST..USERS_FIRST + 1))?;
    let mut joins = Issue::keeping(users.clone());
    measure::complete(&open, &mut joins)?;
    let open = (open, Arc::new(joins.into_tokens()));
    let settings = [&SIGNED[..], &[("entry.secret", SECRET)], &LIMITS].concat();
    let signed = waiting::service_with(&program, &settings)?;
    crate::progress!("letting {count} users wait behind a signed door");
    // As at the open one, the first gets the only place inside, and does not count.
    measure::complete(&signed, &mut *Door::Hs256.source(USERS_FIRST..USERS_FIRST + 1)?)?;
    let requests = Door::Hs256.requests(users)?;
    let mut joins = Signed { requests, next: 0, kept: Some(Vec::new()) };
    measure::complete(&signed, &mut joins)?;
    let tokens = joins.kept.unwrap_or_default();
    ensure!(tokens.len() as u64 == count, "{} of {count} joins brought a token", tokens.len());
    let tokens = Arc::new(Tokens::collect(tokens.iter().map(|token| &token[..])));
    let name = "check, signed and limited, to an open one: CPU";
    waiting::compare_checks(context, name, &[open, (signed, tokens)], ["open", "signed and limited"])
}

fn figures([open, hs256, ed25519]: &[Vec<f64>; 3], bare: f64) -> Vec<Figure> {
    let ratios = Spread::of(hs256.iter().zip(open).map(|(signed, open)| signed / open));
    let beyond = Spread::of(ed25519.iter().zip(open).map(|(signed, open)| signed - RATIO_MAX * open));
    let all = [open, hs256, ed25519].map(|each| Spread::of(each.iter().copied()).median);
    let notes = vec![
        format!("CPU of a join: {:.1} µs open, {:.1} µs with HS256, {:.1} µs with Ed25519", all[0], all[1], all[2]),
        format!("HS256 to open [{:.2}–{:.2}]", ratios.min, ratios.max),
    ];
    let public = vec![format!(
        "over 1.3 open joins [{:.1}–{:.1}]; a bare verification takes {bare:.1} µs",
        beyond.min, beyond.max
    )];
    vec![
        Figure::at_most("join, signed (HS256), to open: CPU", ratios.median, "×", RATIO_MAX, notes),
        Figure::at_most("join, signed (Ed25519), over 1.3 open", beyond.median, "µs", bare, public),
    ]
}

/// What it takes to verify such a token and to read its claims, and nothing else: the median, in µs of one core.
fn bare_verification(context: &Context) -> Result<f64> {
    let key = DecodingKey::from_ed_components(PUBLIC)?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&[AUDIENCE]);
    rules.set_issuer(&[ISSUER]);
    let count = context.sized(2_000, 200);
    let tokens = (0..count).map(|user| Ok(Door::Ed25519.token(user)?.unwrap_or_default()));
    let tokens = tokens.collect::<Result<Vec<_>>>()?;
    let mut rounds = Vec::new();
    for _ in 0..context.pairs {
        let began = own_cpu()?;
        for token in &tokens {
            let claims = jsonwebtoken::decode::<Value>(token, &key, &rules)?.claims;
            ensure!(claims["aud"] == AUDIENCE, "another token came out");
        }
        rounds.push(own_cpu()?.saturating_sub(began).as_secs_f64() * 1e6 / count as f64);
    }
    Ok(Spread::of(rounds).median)
}

/// The CPU time of this thread so far.
fn own_cpu() -> Result<Duration> {
    Ok(nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_door_costs_is_told_of_each_pair() {
        let figures = figures(&[vec![10.0, 20.0, 10.0], vec![12.0, 25.0, 14.0], vec![43.0, 60.0, 40.0]], 31.0);
        let values: Vec<_> = figures.iter().map(|figure| (figure.value, figure.limit)).collect();
        assert_eq!(values, [(1.25, 1.3), (30.0, 31.0)]);
    }

    #[test]
    fn tokens_are_what_the_public_key_says() {
        let token = Door::Ed25519.token(7).unwrap().unwrap();
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[AUDIENCE]);
        let key = DecodingKey::from_ed_components(PUBLIC).unwrap();
        assert_eq!(jsonwebtoken::decode::<Value>(&token, &key, &rules).unwrap().claims["sub"], "7");
        assert_eq!(Door::Open.token(7).unwrap(), None);
    }
}
