//! Requests that need nothing of the replies but that they are right.

use std::time::Instant;

use crate::load::{Next, Reply, Source};

/// Writes a request whenever one is due.
pub struct Steady<W> {
    write: W,
    /// Statuses that are right too, beside a success.
    also: &'static [u16],
    /// Replies with one of those.
    pub refused: u64,
    left: u64,
}

impl<W: FnMut(&mut Vec<u8>)> Steady<W> {
    /// Every reply must be a success.
    pub fn new(write: W) -> Self {
        Self { write, also: &[], refused: 0, left: u64::MAX }
    }

    /// These statuses are right too.
    #[must_use]
    pub fn allowing(self, also: &'static [u16]) -> Self {
        Self { also, ..self }
    }

    /// Ends after this many requests.
    #[must_use]
    pub fn times(self, left: u64) -> Self {
        Self { left, ..self }
    }
}

impl<W: FnMut(&mut Vec<u8>)> Source for Steady<W> {
    fn next(&mut self, _slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        if self.left == 0 {
            return Next::Done;
        }
        self.left -= 1;
        (self.write)(out);
        Next::Send
    }

    fn left(&self) -> u64 {
        self.left
    }

    fn reply(&mut self, _slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        if reply.is_success() {
            return true;
        }
        let is_right = self.also.contains(&reply.status);
        self.refused += u64::from(is_right);
        is_right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_that_does_not_say_so_is_not_expected() {
        let mut source = Steady::new(|out: &mut Vec<u8>| out.push(b'x')).allowing(&[409]);
        let now = Instant::now();
        assert!(source.reply(0, now, &Reply::new(200, br#"{"resultType":"SUCCESS","data":{}}"#)));
        assert!(!source.reply(0, now, &Reply::new(200, br#"{"resultType":"FAIL","data":{}}"#)));
        assert!(source.reply(0, now, &Reply::new(409, b"{}")));
        assert!(!source.reply(0, now, &Reply::new(500, b"{}")));
        assert_eq!(source.refused, 1);
    }
}
