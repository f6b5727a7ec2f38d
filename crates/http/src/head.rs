//! Heads that nobody should have to guess the meaning of: a proxy before the server may read them otherwise.

use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, EXPECT, HOST, HeaderName, ORIGIN, TRANSFER_ENCODING,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Version};

use crate::problem::{Code, Problem};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What is wrong with the head, if anything.
#[inline]
pub(crate) fn check(parts: &Parts, has_body: bool) -> Result<(), Problem> {
    check_host(parts)?;
    if has_body { check_coding(&parts.headers) } else { Ok(()) }
}

/// RFC 9112, section 3.2: one Host, and a valid one. HTTP/2 has an authority of its own.
#[inline]
fn check_host(parts: &Parts) -> Result<(), Problem> {
    let mut values = parts.headers.get_all(HOST).iter();
    match (values.next(), values.next()) {
        (Some(host), None) if is_host(host.as_bytes()) => Ok(()),
        (None, None) if parts.version != Version::HTTP_11 => Ok(()),
        (None, _) => Err(Problem::field("Host", "The header Host is missing.")),
        (Some(_), Some(_)) => Err(Problem::field("Host", "The header Host must be given once.")),
        (Some(_), None) => Err(Problem::field("Host", "The header Host is no host.")),
    }
}

/// A name or an address, and perhaps a port (RFC 3986, section 3.2.2). It may be empty.
fn is_host(host: &[u8]) -> bool {
    host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_~:[]%!$&'()*+,;=".contains(byte))
}

/// A body that comes as it is, in one piece or in chunks.
fn check_coding(headers: &HeaderMap) -> Result<(), Problem> {
    let mut transfer = headers.get_all(TRANSFER_ENCODING).iter();
    if let Some(coding) = transfer.next()
        && (!coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") || transfer.next().is_some())
    {
        return Err(Problem::field("Transfer-Encoding", "Of transfer codings only chunked is known, and only once."));
    }
    if headers.get_all(CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let detail = "A body must come as it is: Content-Encoding is not taken.";
        return Err(Problem::new(Code::UnsupportedMediaType).with_detail(detail));
    }
    if headers.get_all(EXPECT).iter().any(|what| !what.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Err(Problem::field("Expect", "Nothing can be expected but 100-continue."));
    }
    Ok(())
}

/// The one `Authorization`, if there is any. Of two a proxy may have looked at the other.
#[inline]
pub(crate) fn authorization(headers: &HeaderMap) -> Result<Option<&HeaderValue>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next();
    if values.next().is_some() { Err(authorized_twice()) } else { Ok(value) }
}

/// What who sends two is told.
pub(crate) fn authorized_twice() -> Problem {
    Problem::field("Authorization", "The header Authorization must be given once.")
}

/// Whether a page of another site may have sent this without the browser asking first: it can send a body without a type,
/// and no other that is taken for JSON. Programs that are no browsers say nothing of where they come from.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    if headers.contains_key(CONTENT_TYPE) {
        return false;
    }
    match headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes) {
        Some(b"same-origin" | b"none") => false,
        Some(_) => true,
        None => headers.get(ORIGIN).is_some_and(|origin| !is_own(origin, headers.get(HOST))),
    }
}

fn is_own(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let origin = origin.as_bytes();
    let authority = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
    host.is_some_and(|host| authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_bytes())))
}

/// What a page of another site is told.
pub(crate) fn foreign() -> Problem {
    let detail = "A page of another site must say Content-Type: application/json.";
    Problem::new(Code::UnsupportedMediaType).with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(version: Version, headers: &[(&'static str, &'static str)]) -> Parts {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.version = version;
        let add = |(name, value): &(&'static str, &'static str)| {
            parts.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        };
        headers.iter().for_each(add);
        parts
    }

    #[test]
    fn http_1_1_has_one_host() {
        let is_fine = |version, headers: &[_]| check(&head(version, headers), false).is_ok();
        for host in ["x", "tickets.example:8080", "[::1]:8080", ""] {
            assert!(is_fine(Version::HTTP_11, &[("host", host)]), "{host}");
        }
        for host in ["a b", "a/b", "user@host", "a b@c/", "a?b", "a#b", "a\\b", "a\"b"] {
            assert!(!is_fine(Version::HTTP_11, &[("host", host)]), "{host}");
        }
        assert!(!is_fine(Version::HTTP_11, &[]));
        assert!(!is_fine(Version::HTTP_11, &[("host", "x"), ("host", "x")]));
        assert!(is_fine(Version::HTTP_10, &[]));
        assert!(is_fine(Version::HTTP_2, &[]));
        assert!(!is_fine(Version::HTTP_2, &[("host", "x"), ("host", "y")]));
    }

    #[test]
    fn bodies_come_as_they_are() {
        let is_fine = |name, value| check(&head(Version::HTTP_11, &[("host", "x"), (name, value)]), true).is_ok();
        assert!(is_fine("transfer-encoding", "chunked") && is_fine("transfer-encoding", "Chunked"));
        for coding in ["gzip, chunked", "chunked, chunked", "gzip", "identity"] {
            assert!(!is_fine("transfer-encoding", coding), "{coding}");
        }
        assert!(is_fine("content-encoding", "identity") && !is_fine("content-encoding", "gzip"));
        assert!(is_fine("expect", "100-continue") && !is_fine("expect", "x"));
    }

    #[test]
    fn pages_of_other_sites_are_known_by_what_browsers_say() {
        let foreign = |headers: &[_]| is_foreign(&head(Version::HTTP_11, headers).headers);
        assert!(!foreign(&[("host", "shop")]));
        assert!(!foreign(&[("host", "shop"), ("sec-fetch-site", "same-origin"), ("origin", "https://other")]));
        assert!(!foreign(&[("host", "shop:8080"), ("origin", "http://shop:8080")]));
        assert!(!foreign(&[("host", "shop"), ("sec-fetch-site", "cross-site"), ("content-type", "application/json")]));
        assert!(foreign(&[("host", "shop"), ("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("host", "shop"), ("sec-fetch-site", "same-site")]));
        assert!(foreign(&[("host", "shop"), ("origin", "https://evil")]));
        assert!(foreign(&[("host", "shop"), ("origin", "null")]));
    }
}
