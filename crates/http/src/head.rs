//! Heads that nobody should have to guess the meaning of: a proxy before the server may read them otherwise.

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri, Version};

use crate::problem::{Code, Problem};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A header that is to be there once at most: of two a proxy may have looked at the other.
#[derive(Clone, Copy)]
pub(crate) enum Given<'r> {
    Absent,
    Once(&'r HeaderValue),
    Twice,
}

impl<'r> Given<'r> {
    fn and(self, value: &'r HeaderValue) -> Self {
        if let Self::Absent = self { Self::Once(value) } else { Self::Twice }
    }
}

/// What the hot paths ask of a head.
pub(crate) struct Head<'r> {
    pub(crate) authorization: Given<'r>,
    pub(crate) seen: Seen,
}

/// The part of it that is asked once the body is there.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen {
    /// There is one `Content-Type`, and it is this very one. Others may do, too.
    pub(crate) is_plain_json: bool,
    pub(crate) has_idempotency_key: bool,
    pub(crate) is_passive: bool,
}

/// Looks through the head, and says what is wrong with it, if anything. All in one walk: to look one header up takes as long as to
/// pass ten.
#[inline]
pub(crate) fn check(parts: &Parts, has_body: bool) -> Result<Head<'_>, Problem> {
    let (mut host, mut authorization, mut content_type) = (Given::Absent, Given::Absent, Given::Absent);
    let (mut seen, mut is_in_chunks) = (Seen::default(), false);
    for (name, value) in &parts.headers {
        match name.as_str() {
            "host" => host = host.and(value),
            "authorization" => authorization = authorization.and(value),
            "content-type" => content_type = content_type.and(value),
            "idempotency-key" => seen.has_idempotency_key = true,
            "onsale-passive" => seen.is_passive = true,
            name @ ("transfer-encoding" | "content-encoding" | "expect") if has_body => {
                check_coding(name, value, &mut is_in_chunks)?;
            }
            _ => {}
        }
    }
    check_host(parts, host)?;
    seen.is_plain_json = matches!(content_type, Given::Once(value) if value == "application/json");
    Ok(Head { authorization, seen })
}

/// RFC 9112, section 3.2: one Host, and a valid one. HTTP/2 has an authority, which may stand in for it (RFC 9113, section
/// 8.3.1). Neither names a user.
#[inline]
fn check_host(parts: &Parts, given: Given<'_>) -> Result<(), Problem> {
    let host = match given {
        Given::Once(host) if is_host(host.as_bytes()) => Some(host),
        Given::Once(_) => return Err(Problem::field("Host", "The header Host is no host.")),
        Given::Twice => return Err(Problem::field("Host", "The header Host must be given once.")),
        Given::Absent if parts.version == Version::HTTP_11 => {
            return Err(Problem::field("Host", "The header Host is missing."));
        }
        Given::Absent => None,
    };
    if parts.version != Version::HTTP_2 && parts.uri.authority().is_none() {
        Ok(())
    } else {
        check_authority(parts, host)
    }
}

/// What HTTP/2 has beside the headers, and HTTP/1 where the whole address is asked for.
fn check_authority(parts: &Parts, host: Option<&HeaderValue>) -> Result<(), Problem> {
    let no_host = || Problem::field(":authority", "The authority must be a host, and perhaps a port, without a user.");
    match parts.uri.authority().map(|authority| authority.as_str().as_bytes()) {
        Some(authority) if !is_host(authority) => Err(no_host()),
        Some(authority) => match host {
            Some(host) if parts.version == Version::HTTP_2 && !host.as_bytes().eq_ignore_ascii_case(authority) => {
                Err(Problem::field("Host", "The header Host must name what :authority names."))
            }
            Some(_) | None => Ok(()),
        },
        None if host.is_some() => Ok(()),
        None => Err(Problem::field(":authority", "The host is missing: :authority, or the header Host.")),
    }
}

/// A name or an address, and perhaps a port (RFC 3986, section 3.2.2). It may be empty.
fn is_host(host: &[u8]) -> bool {
    host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_~:[]%!$&'()*+,;=".contains(byte))
}

/// A body comes as it is, in one piece or in chunks.
fn check_coding(name: &str, value: &HeaderValue, is_in_chunks: &mut bool) -> Result<(), Problem> {
    let is = |expected: &[u8]| value.as_bytes().eq_ignore_ascii_case(expected);
    match name {
        "transfer-encoding" => {
            if *is_in_chunks || !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
                let detail = "Of transfer codings only chunked is known, and only once.";
                return Err(Problem::field("Transfer-Encoding", detail));
            }
            *is_in_chunks = true;
            Ok(())
        }
        "content-encoding" if !is(b"identity") => {
            let detail = "A body must come as it is: Content-Encoding is not taken.";
            Err(Problem::new(Code::UnsupportedMediaType).with_detail(detail))
        }
        "expect" if !is(b"100-continue") => Err(Problem::field("Expect", "Nothing can be expected but 100-continue.")),
        _ => Ok(()),
    }
}

/// The one `Authorization`, if there is any.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<Option<&HeaderValue>, Problem> {
    match authorization_given(headers) {
        Given::Absent => Ok(None),
        Given::Once(value) => Ok(Some(value)),
        Given::Twice => Err(authorized_twice()),
    }
}

/// What `Authorization` there is.
pub(crate) fn authorization_given(headers: &HeaderMap) -> Given<'_> {
    headers.get_all(AUTHORIZATION).iter().fold(Given::Absent, Given::and)
}

/// What who sends two is told.
pub(crate) fn authorized_twice() -> Problem {
    Problem::field("Authorization", "The header Authorization must be given once.")
}

/// Whether a page of another site may have sent this without the browser asking first: it can send a body without a type,
/// and no other that is taken for JSON. Programs that are no browsers say nothing of where they come from.
pub(crate) fn is_foreign(uri: &Uri, headers: &HeaderMap) -> bool {
    if headers.contains_key(CONTENT_TYPE) {
        return false;
    }
    match headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes) {
        Some(b"same-origin" | b"none") => false,
        Some(_) => true,
        None => headers.get(ORIGIN).is_some_and(|origin| !is_own(origin.as_bytes(), host(uri, headers))),
    }
}

/// The host that is asked: HTTP/2 names it in the address alone.
fn host<'r>(uri: &'r Uri, headers: &'r HeaderMap) -> Option<&'r [u8]> {
    let named = uri.authority().map(|authority| authority.as_str().as_bytes());
    named.or_else(|| headers.get(HOST).map(HeaderValue::as_bytes))
}

fn is_own(origin: &[u8], host: Option<&[u8]>) -> bool {
    let authority = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
    host.is_some_and(|host| authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host)))
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
        assert!(!is_fine(Version::HTTP_2, &[("host", "x"), ("host", "y")]));
    }

    #[test]
    fn http_2_names_one_host_and_no_user() {
        let field = |version, uri: &str, headers: &[_]| {
            let mut parts = head(version, headers);
            parts.uri = uri.parse().expect("an address");
            check(&parts, false).err().map(|problem| problem.named().map(str::to_owned).expect("the field"))
        };
        let on_2 = |uri, headers: &[_]| field(Version::HTTP_2, uri, headers);
        for (uri, headers) in
            [("https://x/", &[] as &[_]), ("https://x:1/", &[("host", "X:1")]), ("/", &[("host", "x")])]
        {
            assert_eq!(on_2(uri, headers), None, "{uri}");
        }
        assert_eq!(on_2("/", &[]).as_deref(), Some(":authority"));
        assert_eq!(on_2("https://user@x/", &[]).as_deref(), Some(":authority"));
        assert_eq!(on_2("https://x/", &[("host", "y")]).as_deref(), Some("Host"));
        // A proxy's form of HTTP/1: the address rules over Host (RFC 9112, section 3.2.2).
        assert_eq!(field(Version::HTTP_11, "http://x/", &[("host", "y")]), None);
        assert_eq!(field(Version::HTTP_11, "http://user@x/", &[("host", "x")]).as_deref(), Some(":authority"));
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
        let foreign = |headers: &[_]| is_foreign(&Uri::default(), &head(Version::HTTP_11, headers).headers);
        assert!(!foreign(&[("host", "shop")]));
        assert!(!foreign(&[("host", "shop"), ("sec-fetch-site", "same-origin"), ("origin", "https://other")]));
        assert!(!foreign(&[("host", "shop:8080"), ("origin", "http://shop:8080")]));
        assert!(!foreign(&[("host", "shop"), ("sec-fetch-site", "cross-site"), ("content-type", "application/json")]));
        assert!(foreign(&[("host", "shop"), ("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("host", "shop"), ("sec-fetch-site", "same-site")]));
        assert!(foreign(&[("host", "shop"), ("origin", "https://evil")]));
        assert!(foreign(&[("host", "shop"), ("origin", "null")]));
        // HTTP/2 has no Host.
        let on_2 = |origin| {
            is_foreign(&Uri::from_static("https://shop/"), &head(Version::HTTP_2, &[("origin", origin)]).headers)
        };
        assert!(!on_2("https://shop") && on_2("https://evil"));
    }
}
