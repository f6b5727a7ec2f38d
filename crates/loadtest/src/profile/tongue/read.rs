//! What one of our own requests asks for.

use anyhow::{Context as _, Result};
use memchr::memmem;

use super::{Act, Asked, BETWEEN};

/// A request taken apart.
#[derive(Clone)]
pub(super) struct Said<'a> {
    pub(super) asked: Asked,
    /// Without the user; empty where there is none.
    pub(super) token: &'a str,
    pub(super) key: &'a str,
    /// What is shown at the door, where the request names it; else it is signed for the user.
    pub(super) entry: Option<String>,
}

/// Takes a request apart that a [`Template`](crate::request::Template) has written.
pub(super) fn read(request: &[u8]) -> Result<Said<'_>> {
    let text = std::str::from_utf8(request).context("a request that is no text")?;
    let (head, body) = text.split_once("\r\n\r\n").context("a request without an end of its head")?;
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1");
    let (endpoint, query) = first.split_once('?').unwrap_or((first, ""));
    let act = Act::ALL.into_iter().find(|act| act.endpoint() == endpoint);
    let act = act.with_context(|| format!("{endpoint} is no call that a profile can put into other words"))?;
    let (mut handle, mut key) = ("", "");
    for line in lines {
        let Some((name, value)) = line.split_once(": ") else { continue };
        match name {
            "Authorization" => handle = value,
            "Idempotency-Key" => key = value,
            _ => {}
        }
    }
    let (user, token) = match handle.split_once(BETWEEN) {
        Some((user, token)) => (user.parse().unwrap_or(0), token),
        None => (0, handle),
    };
    let number = |name: &str| number_in(body, name).unwrap_or(0);
    let asked = Asked {
        act,
        user: if matches!(act, Act::Token | Act::Register) { number("\"userId\":") } else { user },
        schedule: number_in(query, "scheduleId=").unwrap_or_else(|| number("\"scheduleId\":")),
        seats: numbers_in(body, "\"seatId\":"),
        reservation: number("\"reservationId\":"),
        amount: number("\"amount\":"),
    };
    let entry = body.split_once("\"entryToken\":\"").and_then(|(_, rest)| rest.split_once('"'));
    Ok(Said { asked, token, key, entry: entry.map(|(entry, _)| entry.to_owned()) })
}

/// All numbers behind `name`.
fn numbers_in(text: &str, name: &str) -> Vec<u64> {
    let behind = memmem::find_iter(text.as_bytes(), name.as_bytes()).map(|at| &text[at..]);
    behind.filter_map(|rest| number_in(rest, name)).collect()
}

fn number_in(text: &str, name: &str) -> Option<u64> {
    let rest = &text[memmem::find(text.as_bytes(), name.as_bytes())? + name.len()..];
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
