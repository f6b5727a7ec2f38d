//! The claims in their one canonical form. There is no general JSON here: what we did not write is not ours.

use onsale_domain::ids::{QueueId, TicketId, UserId};

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

const ISSUER: &[u8] = br#"{"iss":"onsale","sub":""#;
const TICKET: &[u8] = br#"","jti":""#;
const ISSUED_AT: &[u8] = br#"","iat":"#;
const END: &[u8] = b"}";

/// The longest claims: 20 digits each for user and time, 5 for the queue, 10 for the ticket, one hyphen.
pub(super) const BYTES_MAX: usize = ISSUER.len() + 20 + TICKET.len() + 5 + 1 + 10 + ISSUED_AT.len() + 20 + END.len();

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
    pub(super) fn write(&self) -> Buffer {
        let mut out = Buffer { bytes: [0; BYTES_MAX], len: 0 };
        out.push(ISSUER);
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

    /// Reads what [`Claims::write`] wrote; anything else, by one byte, is `None`.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let (user, text) = number(text.strip_prefix(ISSUER)?)?;
        let (queue, text) = number(text.strip_prefix(TICKET)?)?;
        let (ticket, text) = number(text.strip_prefix(b"-")?)?;
        let (issued_at_s, text) = number(text.strip_prefix(ISSUED_AT)?)?;
        if text != END {
            return None;
        }
        Some(Self {
            ticket: TicketId { queue: QueueId(u16::try_from(queue).ok()?), number: u32::try_from(ticket).ok()? },
            user: UserId(user),
            issued_at_s,
        })
    }
}

/// A decimal number in its shortest form, and what follows it.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    if digits == 0 || (digits > 1 && number[0] == b'0') {
        return None;
    }
    let value =
        number.iter().try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')))?;
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(queue: u16, number: u32, user: u64, issued_at_s: u64) -> Claims {
        Claims { ticket: TicketId { queue: QueueId(queue), number }, user: UserId(user), issued_at_s }
    }

    #[test]
    fn the_extremes_come_back() {
        for claims in
            [claims(0, 0, 0, 0), claims(u16::MAX, u32::MAX, u64::MAX, u64::MAX), claims(1, 99, 7, 1_700_000_000)]
        {
            assert_eq!(Claims::read(claims.write().as_slice()), Some(claims));
        }
    }

    #[test]
    fn only_the_canonical_form_is_read() {
        for text in [
            r#"{"iss":"onsale","sub":"07","jti":"0-1","iat":5}"#,
            r#"{"iss":"onsale","sub":"","jti":"0-1","iat":5}"#,
            r#"{"iss":"onsale","sub":"7","jti":"65536-1","iat":5}"#,
            r#"{"iss":"onsale","sub":"7","jti":"0-4294967296","iat":5}"#,
            r#"{"iss":"onsale","sub":"7","jti":"0-1","iat":18446744073709551616}"#,
            r#"{"iss":"onsale","sub":"7","jti":"0-1","iat":5} "#,
            r#"{"iss":"onsale","sub":"7","jti":"0-1","iat":5,"exp":6}"#,
            r#"{"iss":"other","sub":"7","jti":"0-1","iat":5}"#,
            "{}",
            "",
        ] {
            assert_eq!(Claims::read(text.as_bytes()), None, "{text}");
        }
    }
}
