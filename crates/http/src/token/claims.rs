//! The claims in their one canonical form. There is no general JSON here: what we did not write is not ours.

use onsale_domain::ids::{QueueId, TicketId, UserId};
use onsale_domain::queue::Owner;

/// The ticket of a token whose ticket is not there any more. It never exists: no store has this many queues.
pub const NO_TICKET: TicketId = TicketId { queue: QueueId(u16::MAX), number: u32::MAX };

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `jti`: `<queue>-<number>`.
    pub ticket: TicketId,
    /// `sub`, as a decimal string.
    pub user: UserId,
    /// `iat`: when the ticket was issued, in seconds since the Unix epoch.
    pub issued_at_s: u64,
}

impl Claims {
    /// What the ticket must have for its owner, to be this caller's.
    #[must_use]
    pub fn owner(&self) -> Owner {
        Owner::new(self.user, self.issued_at_s)
    }
}

const ISSUER: &[u8] = br#"{"iss":"onsale/"#;
/// The digits of a store's id.
const STORE_DIGITS: usize = 16;
const USER: &[u8] = br#"","sub":""#;
const TICKET: &[u8] = br#"","jti":""#;
const ISSUED_AT: &[u8] = br#"","iat":"#;
const END: &[u8] = b"}";

const HEAD_BYTES: usize = ISSUER.len() + STORE_DIGITS + USER.len();

/// What of a store's head fills whole characters of base64, whatever follows it.
pub(super) const ENCODED_HEAD_BYTES: usize = HEAD_BYTES / 3 * 3;

/// The longest claims: 20 digits each for user and time, 5 for the queue, 10 for the ticket, one hyphen.
pub(super) const BYTES_MAX: usize = HEAD_BYTES + 20 + TICKET.len() + 5 + 1 + 10 + ISSUED_AT.len() + 20 + END.len();

/// The store that issues tokens, as the claims begin with it: written once.
pub(super) struct Issuer([u8; HEAD_BYTES]);

impl Issuer {
    pub(super) fn new(store_id: u64) -> Self {
        let digits = format!("{store_id:016x}");
        let mut head = [0; HEAD_BYTES];
        let (issuer, rest) = head.split_at_mut(ISSUER.len());
        let (store, user) = rest.split_at_mut(STORE_DIGITS);
        issuer.copy_from_slice(ISSUER);
        store.copy_from_slice(digits.as_bytes());
        user.copy_from_slice(USER);
        Self(head)
    }

    /// The part of the head that every token of the store has in the same characters.
    pub(super) fn encoded_head(&self) -> &[u8] {
        &self.0[..ENCODED_HEAD_BYTES]
    }
}

/// Claims as written, on the stack.
pub(super) struct Buffer {
    bytes: [u8; BYTES_MAX],
    len: usize,
}

impl Buffer {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..][..bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn push_number(&mut self, number: u64) {
        self.push(itoa::Buffer::new().format(number).as_bytes());
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Claims {
    pub(super) fn write(&self, issuer: &Issuer) -> Buffer {
        let mut out = Buffer { bytes: [0; BYTES_MAX], len: 0 };
        out.push(&issuer.0);
        out.push_number(self.user.0);
        out.push(TICKET);
        out.push_number(u64::from(self.ticket.queue.0));
        out.push(b"-");
        out.push_number(u64::from(self.ticket.number));
        out.push(ISSUED_AT);
        out.push_number(self.issued_at_s);
        out.push(END);
        out
    }

    /// Reads what [`Claims::write`] wrote, from behind [`Issuer::encoded_head`] on; anything else, by one byte, is
    /// `None`.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        Self::read_ids(text.strip_prefix(&USER[USER.len() - (HEAD_BYTES - ENCODED_HEAD_BYTES)..])?)
    }

    fn read_ids(text: &[u8]) -> Option<Self> {
        let (user, text) = number(text)?;
        let (queue, text) = number(text.strip_prefix(TICKET)?)?;
        let (ticket, text) = number(text.strip_prefix(b"-")?)?;
        let (issued_at_s, text) = number(text.strip_prefix(ISSUED_AT)?)?;
        if text != END {
            return None;
        }
        let ticket = TicketId { queue: QueueId(u16::try_from(queue).ok()?), number: u32::try_from(ticket).ok()? };
        Some(Self { ticket, user: UserId(user), issued_at_s })
    }
}

/// A decimal number in its shortest form, and what follows it.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let (mut value, mut digits) = (0_u64, 0);
    while let Some(digit) = text.get(digits).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
        digits += 1;
    }
    let is_shortest = digits == 1 || (digits > 1 && text[0] != b'0');
    is_shortest.then(|| (value, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(queue: u16, number: u32, user: u64, issued_at_s: u64) -> Claims {
        Claims { ticket: TicketId { queue: QueueId(queue), number }, user: UserId(user), issued_at_s }
    }

    #[test]
    fn the_extremes_come_back() {
        for store_id in [0, u64::MAX] {
            let issuer = Issuer::new(store_id);
            for claims in
                [claims(0, 0, 0, 0), claims(u16::MAX, u32::MAX, u64::MAX, u64::MAX), claims(1, 99, 7, 1_700_000_000)]
            {
                let written = claims.write(&issuer);
                let tail = written.as_slice().strip_prefix(issuer.encoded_head()).unwrap();
                assert_eq!(Claims::read(tail), Some(claims));
            }
        }
    }

    #[test]
    fn only_the_canonical_form_is_read() {
        for ids in [
            r#"07","jti":"0-1","iat":5}"#,
            r#"","jti":"0-1","iat":5}"#,
            r#"7","jti":"65536-1","iat":5}"#,
            r#"7","jti":"0-4294967296","iat":5}"#,
            r#"7","jti":"0-1","iat":18446744073709551616}"#,
            r#"7","jti":"0-1","iat":5} "#,
            r#"7","jti":"0-1","iat":5,"exp":6}"#,
        ] {
            assert_eq!(Claims::read(format!("\"{ids}").as_bytes()), None, "{ids}");
        }
        assert_eq!(Claims::read(br#"7","jti":"0-1","iat":5}"#), None, "without the quote");
        for text in ["{}", ""] {
            assert_eq!(Claims::read(text.as_bytes()), None, "{text}");
        }
    }
}
