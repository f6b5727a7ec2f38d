//! Payments of holds that were prepared.

use std::sync::Arc;
use std::time::Instant;

use super::Tokens;
use crate::load::{Next, Reply, Source};
use crate::request::Template;

/// Pays one hold after the other, each with its owner's token.
#[derive(Debug)]
pub struct Pay {
    tokens: Arc<Tokens>,
    reservations: Arc<[u64]>,
    next: usize,
    /// Begins again after the last one: for the floor, which answers anything.
    is_endless: bool,
}

impl Pay {
    pub fn once(tokens: Arc<Tokens>, reservations: Arc<[u64]>) -> Self {
        Self { tokens, reservations, next: 0, is_endless: false }
    }

    pub fn endless(tokens: Arc<Tokens>, reservations: Arc<[u64]>) -> Self {
        Self { is_endless: true, ..Self::once(tokens, reservations) }
    }
}

impl Source for Pay {
    fn next(&mut self, _slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        if self.next == self.reservations.len() && self.is_endless {
            self.next = 0;
        }
        let Some(&reservation) = self.reservations.get(self.next) else { return Next::Done };
        Template::pay(reservation).write(self.tokens.get(self.next), out);
        self.next += 1;
        Next::Send
    }

    fn left(&self) -> u64 {
        if self.is_endless { u64::MAX } else { (self.reservations.len() - self.next) as u64 }
    }

    fn reply(&mut self, _slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        reply.status == 200
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hold_is_paid_once_with_its_own_token() {
        let tokens = Arc::new(Tokens::collect([&b"a"[..], b"b"]));
        let mut source = Pay::once(Arc::clone(&tokens), Arc::from([5, 6]));
        let mut out = Vec::new();
        while source.next(0, Instant::now(), &mut out) == Next::Send {}
        assert_eq!(out, [Template::pay(5).with(b"a"), Template::pay(6).with(b"b")].concat());
    }
}
