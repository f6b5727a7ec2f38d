//! A name for a request that was refused, by which its client and the log speak of the same one.

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, AtomicUsize};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header that answers have it in.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Where it is looked for in requests, in this order.
const GIVEN: [HeaderName; 2] = [REQUEST_ID, HeaderName::from_static("x-request-id")];

/// The longest that is taken from others, in bytes.
const BYTES_MAX: usize = 64;

/// What the client or a proxy before it called the request, where that is a word that can go into a log; else a new name.
pub(crate) fn of(headers: &HeaderMap) -> HeaderValue {
    given(headers).cloned().unwrap_or_else(made)
}

/// Likewise, where the client or a proxy called it something.
pub(crate) fn given(headers: &HeaderMap) -> Option<&HeaderValue> {
    GIVEN.iter().find_map(|name| headers.get(name)).filter(|given| is_word(given.as_bytes()))
}

/// The same of a request that nobody has taken apart, as far as it was read.
pub(crate) fn of_head(head: &[u8]) -> HeaderValue {
    let fields = head.split(|&byte| byte == b'\n').skip(1).take_while(|line| !line.trim_ascii().is_empty());
    let given = |name: &HeaderName| {
        fields.clone().find_map(|line| {
            let at = line.iter().position(|&byte| byte == b':')?;
            line[..at].eq_ignore_ascii_case(name.as_str().as_bytes()).then(|| line[at + 1..].trim_ascii())
        })
    };
    let given = GIVEN.iter().find_map(given).filter(|given| is_word(given));
    given.and_then(|given| HeaderValue::from_bytes(given).ok()).unwrap_or_else(made)
}

fn is_word(text: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=BYTES_MAX).contains(&text.len()) && text.iter().all(is_plain)
}

/// Each thread begins anywhere, and goes through all numbers before one comes again.
fn made() -> HeaderValue {
    thread_local! {
        static LAST: Cell<u64> = Cell::new(RandomState::new().hash_one(std::process::id()));
    }
    let number = LAST.with(|last| {
        last.set(last.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        last.get()
    });
    HeaderValue::from_str(&format!("{number:016x}")).expect("digits can be a header's value")
}

/// What is told in the log of requests that failed: one a second, and how many others there were.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    /// The second in which one was told last, in Unix time.
    told_s: AtomicU64,
    untold: AtomicUsize,
}

impl Failures {
    /// Notes one. Where it is to be told, how many were not since the last that was.
    pub(crate) fn note(&self, now_s: u64) -> Option<usize> {
        let told_s = self.told_s.load(Relaxed);
        if told_s == now_s || self.told_s.compare_exchange(told_s, now_s, Relaxed, Relaxed).is_err() {
            self.untold.fetch_add(1, Relaxed);
            return None;
        }
        Some(self.untold.swap(0, Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))])
    }

    #[test]
    fn a_word_is_kept_and_anything_else_gets_a_name_of_its_own() {
        assert_eq!(of(&given("request-id", "a-1_B.2")), "a-1_B.2");
        assert_eq!(of(&given("x-request-id", "7f")), "7f");
        let long = "x".repeat(BYTES_MAX + 1);
        for odd in ["", "a b", "a\tb", "<script>", "id=1", long.leak()] {
            let made = of(&given("request-id", odd));
            assert_eq!(made.len(), 16, "{odd:?}: {made:?}");
            assert!(is_word(made.as_bytes()), "{made:?}");
        }
        assert_ne!(of(&HeaderMap::new()), of(&HeaderMap::new()));
    }

    #[test]
    fn a_head_that_is_only_bytes_is_looked_at_as_far_as_it_goes() {
        let head = |fields: &str| of_head(format!("GET / HTTP/1.1\r\nhost: x\r\n{fields}").as_bytes());
        assert_eq!(head("X-Request-ID: 7f\r\n\r\n"), "7f");
        assert_eq!(head("x-request-id: b\r\nrequest-id:a-1 \r\n"), "a-1", "however it ends");
        for none in ["", "\r\nrequest-id: body", "request-id", "request-id: a b\r\n", "request-id: \u{e9}\r\n"] {
            assert_eq!(head(none).len(), 16, "{none:?}");
        }
        assert_eq!(of_head(b"request-id: a").len(), 16, "the first line is no field");
    }

    #[test]
    fn one_failure_a_second_is_told_and_the_others_are_counted() {
        let failures = Failures::default();
        let told: Vec<_> = [5, 5, 5, 6, 6, 9].map(|second| failures.note(second)).into();
        assert_eq!(told, [Some(0), None, None, Some(2), None, Some(1)]);
    }
}
