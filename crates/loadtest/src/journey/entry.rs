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

/// Somebody tries to come in with each of these. Users are numbers that nobody else has.
pub(super) fn try_the_door(site: &Site, signer: &Signer, mut users: impl Iterator<Item = u64>) -> Result<Tally> {
    let mut tally = Tally::new(Rule::EntryTokensChecked);
    let mut user = || users.next().unwrap_or_default();
    let hour = Duration::from_secs(3_600);
    let body = |token: &str| format!(r#"{{"entryToken":"{token}"}}"#);
    let now = Signer::now()?;
    let good = signer.sign(&user().to_string())?;
    let signed = good.rsplit_once('.').map_or("", |(signed, _)| signed);
    let claims = signed.rsplit_once('.').map_or("", |(_, claims)| claims);
    let (member, other) = (user(), user());
    let forged = signer.with_secret(b"another secret, of 32 bytes or more");
    let said = |named: u64, token: &str| format!(r#"{{"userId":{named},"entryToken":"{token}"}}"#);
    let bad = [
        ("no entry token", format!(r#"{{"userId":{}}}"#, user())),
        ("the signature of somebody else", body(&forged.sign(&user().to_string())?)),
        ("no signature", body(&format!("{UNSIGNED}.{claims}."))),
        ("claims that were changed", body(&format!("{}x.{}", signed, good.rsplit('.').next().unwrap_or_default()))),
        ("a token that has expired", body(&signer.sign_at(&user().to_string(), now.saturating_sub(2 * hour))?)),
        ("a token that is not good yet", body(&signer.sign_at(&user().to_string(), now + hour)?)),
        ("a token for another audience", body(&signer.with_audience("another").sign(&user().to_string())?)),
        ("a token of another issuer", body(&signer.with_issuer("another").sign(&user().to_string())?)),
        ("another user's number", said(other, &signer.sign(&member.to_string())?)),
    ];
    for (what, body) in &bad {
        let reply = site.call(&request::issue_of(body))?;
        let code = answer::failure(&reply.body).map(|told| told.code.to_owned()).unwrap_or_default();
        let is_refused = matches!(reply.status, 401 | 403) && code.starts_with("ENTRY_TOKEN");
        tally.judge(is_refused, || format!("{what}: answered {} {code}", reply.status));
    }
    // One that is good once.
    let body = body(&good);
    let first = site.call(&request::issue_of(&body))?;
    let second = site.call(&request::issue_of(&body))?;
    let code = answer::failure(&second.body).map(|told| told.code.to_owned()).unwrap_or_default();
    tally.judge(first.status == 200 && code == "ENTRY_TOKEN_REPLAYED", || {
        format!("a token that is good once: answered {}, and then {} {code}", first.status, second.status)
    });
    Ok(tally)
}
