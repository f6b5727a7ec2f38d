//! The same request again and again, with the tokens in turn.

use std::sync::Arc;
use std::time::Instant;

use super::Tokens;
use crate::load::{Next, Reply, Source};
use crate::request::Template;

/// One template, many tokens, one status.
#[derive(Debug)]
pub struct Repeat {
    template: Template,
    tokens: Arc<Tokens>,
    next: usize,
    /// How many more requests.
    left: u64,
    status: u16,
}

impl Repeat {
    /// Repeats without end, expecting `status`.
    pub fn new(template: Template, tokens: Arc<Tokens>, status: u16) -> Self {
        Self { template, tokens, next: 0, left: u64::MAX, status }
    }

    /// Once for each token.
    pub fn once_each(template: Template, tokens: Arc<Tokens>, status: u16) -> Self {
        let left = tokens.len() as u64;
        Self { template, tokens, next: 0, left, status }
    }
}

impl Source for Repeat {
    fn next(&mut self, _slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        if self.left == 0 {
            return Next::Done;
        }
        self.left -= 1;
        self.template.write(self.tokens.get(self.next), out);
        self.next += 1;
        Next::Send
    }

    fn left(&self) -> u64 {
        self.left
    }

    fn reply(&mut self, _slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        reply.status == self.status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_each_ends_after_the_last_token() {
        let tokens = Arc::new(Tokens::collect([&b"a"[..], b"b"]));
        let mut source = Repeat::once_each(Template::check(), tokens, 200);
        let now = Instant::now();
        let mut out = Vec::new();
        assert_eq!(source.next(0, now, &mut out), Next::Send);
        assert_eq!(source.next(0, now, &mut out), Next::Send);
        assert_eq!(source.next(0, now, &mut out), Next::Done);
        assert_eq!(out, [Template::check().with(b"a"), Template::check().with(b"b")].concat());
    }

    #[test]
    fn another_status_is_not_expected() {
        let mut source = Repeat::new(Template::check(), Arc::default(), 409);
        let reply = |status| Reply::new(status, b"");
        assert!(source.reply(0, Instant::now(), &reply(409)));
        assert!(!source.reply(0, Instant::now(), &reply(200)));
    }
}
