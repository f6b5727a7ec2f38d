//! The door of a sale that lets in only whom somebody has signed for: it is tried with what is no good.

use std::time::Duration;

use anyhow::Result;

use crate::answer;
use crate::audit::{Rule, Tally};
use crate::profile::Signer;
use crate::request;
use crate::site::Site;

/// `{"alg":"none","typ":"JWT"}`
const UNSIGNED: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";

/// Somebody tries to come in with each of these. Users are numbers that nobody else has. `None` where the door is not signed.
pub(super) fn try_the_door(site: &Site, users: impl Iterator<Item = u64>) -> Option<Result<Tally>> {
    match (site.signer(), &site.profile().entry) {
        (Some(signer), _) => Some(try_with(site, signer, users)),
        (None, Some(entry)) => Some(Signer::open(entry).and_then(|signer| try_with(site, &signer, users))),
        (None, None) => None,
    }
}

fn try_with(site: &Site, signer: &Signer, users: impl Iterator<Item = u64>) -> Result<Tally> {
    let mut tally = Tally::new(Rule::EntryTokensChecked);
    let is_foreign = site.endpoint().is_foreign();
    let users: Vec<u64> = users.take(9).collect();
    let called = |nth: usize| site.endpoint().user(users[nth]);
    let hour = Duration::from_secs(3_600);
    let now = Signer::now()?;
    let good = signer.sign(&called(0))?;
    let (signed, signature) = good.rsplit_once('.').unwrap_or_default();
    let claims = signed.rsplit_once('.').map_or("", |(_, claims)| claims);
    let forged = signer.with_secret(b"another secret, of 32 bytes or more");
    let bad = [
        ("no entry token", 1, String::new()),
        ("no signature", 0, format!("{UNSIGNED}.{claims}.")),
        ("claims that were changed", 0, format!("{signed}x.{signature}")),
        ("the signature of somebody else", 2, forged.sign(&called(2))?),
        ("a token that has expired", 3, signer.sign_at(&called(3), now.saturating_sub(2 * hour))?),
        ("a token that is not good yet", 4, signer.sign_at(&called(4), now + hour)?),
        ("a token for another audience", 5, signer.with_audience("another").sign(&called(5))?),
        ("a token of another issuer", 6, signer.with_issuer("another").sign(&called(6))?),
    ];
    let named = |nth: usize, token: &str| format!(r#"{{"userId":{},"entryToken":"{token}"}}"#, users[nth]);
    let bodies = bad.iter().map(|(what, nth, token)| match (is_foreign, token.is_empty()) {
        // A profile fills in whom its service wants to be told.
        (true, _) => (*what, named(*nth, token)),
        (false, true) => (*what, format!(r#"{{"userId":{}}}"#, users[*nth])),
        (false, false) => (*what, shown(token)),
    });
    let another = ("another user's number", named(8, &signer.sign(&called(7))?));
    // Not every service is told a number beside the token.
    for (what, body) in bodies.chain((!is_foreign).then_some(another)) {
        let reply = site.call(&request::issue_of(&body))?;
        let code = answer::failure(&reply.body).map(|told| told.code.to_owned()).unwrap_or_default();
        // How others call what they refuse is their own matter.
        let is_refused = match is_foreign {
            true => (400..500).contains(&reply.status),
            false => matches!(reply.status, 401 | 403) && code.starts_with("ENTRY_TOKEN"),
        };
        tally.judge(is_refused, || format!("{what}: answered {} {code}", reply.status));
    }
    if is_foreign {
        return Ok(tally);
    }
    // One that is good once.
    let body = shown(&good);
    let first = site.call(&request::issue_of(&body))?;
    let second = site.call(&request::issue_of(&body))?;
    let code = answer::failure(&second.body).map(|told| told.code.to_owned()).unwrap_or_default();
    tally.judge(first.status == 200 && code == "ENTRY_TOKEN_REPLAYED", || {
        format!("a token that is good once: answered {}, and then {} {code}", first.status, second.status)
    });
    Ok(tally)
}

/// The body of a call that shows a token and says nothing else.
fn shown(token: &str) -> String {
    format!(r#"{{"entryToken":"{token}"}}"#)
}
