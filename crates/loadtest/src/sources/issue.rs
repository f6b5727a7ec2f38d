//! Token issue: every request another user.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;

use super::Tokens;
use crate::load::{Next, Reply, Source};
use crate::profile::Signer;
use crate::request;

/// Issues tokens for users one after the other.
#[derive(Debug)]
pub struct Issue {
    users: Range<u64>,
    /// Who signs for them, where the door is signed.
    signer: Option<Arc<Signer>>,
    /// The tokens by user, when they are wanted; empty where a reply has not come.
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    first_user: u64,
    tokens: Vec<Box<[u8]>>,
    /// The user whose token is out, by connection.
    asked: Vec<u64>,
}

impl Issue {
    /// Only issues.
    pub fn new(users: Range<u64>) -> Self {
        Self { users, signer: None, kept: None }
    }

    /// Issues and keeps the tokens.
    pub fn keeping(users: Range<u64>) -> Self {
        let kept = Kept { first_user: users.start, tokens: Vec::new(), asked: Vec::new() };
        Self { users, signer: None, kept: Some(kept) }
    }

    /// The same, each with an entry token.
    pub(crate) fn signed_for_by(self, signer: Option<Arc<Signer>>) -> Self {
        Self { signer, ..self }
    }

    /// The tokens in the order of their users. Those not kept, or not answered, are missing.
    pub fn into_tokens(self) -> Tokens {
        let kept = self.kept.map(|kept| kept.tokens).unwrap_or_default();
        Tokens::collect(kept.iter().map(|token| &token[..]).filter(|token| !token.is_empty()))
    }
}

impl Source for Issue {
    fn next(&mut self, slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        let Some(user) = self.users.next() else { return Next::Done };
        if let Some(kept) = &mut self.kept {
            if kept.asked.len() <= slot {
                kept.asked.resize(slot + 1, 0);
            }
            kept.asked[slot] = user;
        }
        match self.signer.as_ref().and_then(|signer| signer.sign(&user.to_string()).ok()) {
            Some(entry) => request::issue_signed(&entry, out),
            None => request::issue(user, out),
        }
        Next::Send
    }

    fn reply(&mut self, slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        if reply.status != 200 {
            return false;
        }
        let Some(kept) = &mut self.kept else { return true };
        let Some(token) = token_in(reply.body) else { return false };
        let Ok(index) = usize::try_from(kept.asked[slot] - kept.first_user) else { return false };
        if kept.tokens.len() <= index {
            kept.tokens.resize_with(index + 1, Box::default);
        }
        kept.tokens[index] = token;
        true
    }

    fn keeps_body(&self) -> bool {
        self.kept.is_some()
    }
}

/// The token in the answer to a token issue.
pub fn token_in(body: &[u8]) -> Option<Box<[u8]>> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        data: Data<'a>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data<'a> {
        queue_token: &'a str,
    }
    let envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
    Some(envelope.data.queue_token.as_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &[u8]) -> Reply<'_> {
        Reply::new(200, body)
    }

    #[test]
    fn tokens_are_in_the_order_of_users_whatever_the_order_of_replies() {
        let mut source = Issue::keeping(7..9);
        let mut out = Vec::new();
        let now = Instant::now();
        assert_eq!(source.next(0, now, &mut out), Next::Send);
        assert_eq!(source.next(3, now, &mut out), Next::Send);
        assert_eq!(source.next(1, now, &mut out), Next::Done);
        assert!(source.reply(3, now, &reply(br#"{"data":{"queueToken":"eight","queuePosition":2}}"#)));
        assert!(source.reply(0, now, &reply(br#"{"data":{"queueToken":"seven"}}"#)));
        assert_eq!(source.into_tokens(), Tokens::collect([&b"seven"[..], b"eight"]));
    }

    #[test]
    fn an_answer_without_a_token_is_not_expected() {
        let mut source = Issue::keeping(1..2);
        assert_eq!(source.next(0, Instant::now(), &mut Vec::new()), Next::Send);
        assert!(!source.reply(0, Instant::now(), &reply(br#"{"data":{}}"#)));
    }
}
