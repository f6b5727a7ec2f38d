//! What a client accepts and what it has already, from its headers (RFC 9110, sections 8.3, 12.5 and 13.1).

use http::HeaderMap;
use http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderName, IF_NONE_MATCH};

/// A language of the texts for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    En,
    Ko,
}

impl Language {
    /// All languages, in the order of their discriminants.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// The tag for `Content-Language` and `lang`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }
}

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
}

/// The language to answer in: the better liked of those that we have, English where neither is named.
#[must_use]
pub fn language(headers: &HeaderMap) -> Language {
    if !headers.contains_key(ACCEPT_LANGUAGE) {
        return Language::En;
    }
    let (mut en, mut ko, mut any) = (None, None, None);
    for (range, quality) in weighted(headers, ACCEPT_LANGUAGE) {
        let primary = range.split('-').next().unwrap_or(range);
        let slot = match primary {
            "*" => &mut any,
            _ if primary.eq_ignore_ascii_case("en") => &mut en,
            _ if primary.eq_ignore_ascii_case("ko") => &mut ko,
            _ => continue,
        };
        *slot = (*slot).max(Some(quality));
    }
    let any = any.unwrap_or(0);
    if ko.unwrap_or(any) > en.unwrap_or(any) { Language::Ko } else { Language::En }
}

/// The encoding to answer in: gzip where the client takes it at least as gladly as plain bytes.
///
/// A client that takes neither gets plain bytes, as section 12.5.3 advises.
#[must_use]
pub fn encoding(headers: &HeaderMap) -> Encoding {
    match headers.get(ACCEPT_ENCODING).map(http::HeaderValue::as_bytes) {
        None => return Encoding::Identity,
        // What browsers and the common clients send, so that theirs is not parsed.
        Some(b"gzip, deflate, br, zstd" | b"gzip, deflate, br" | b"gzip, deflate" | b"gzip") => return Encoding::Gzip,
        Some(_) => {}
    }
    let (mut gzip, mut identity, mut any) = (None, None, None);
    for (coding, quality) in weighted(headers, ACCEPT_ENCODING) {
        if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            gzip = Some(quality);
        } else if coding.eq_ignore_ascii_case("identity") {
            identity = Some(quality);
        } else if coding == "*" {
            any = Some(quality);
        }
    }
    let gzip = gzip.or(any).unwrap_or(0);
    // Plain bytes that are not mentioned are acceptable, but nobody asked for them.
    if gzip > 0 && gzip >= identity.unwrap_or(0) { Encoding::Gzip } else { Encoding::Identity }
}

/// Whether the client takes brotli (RFC 7932) at least as gladly as gzip.
#[must_use]
pub fn brotli(headers: &HeaderMap) -> bool {
    match headers.get(ACCEPT_ENCODING).map(http::HeaderValue::as_bytes) {
        None | Some(b"gzip, deflate" | b"gzip") => return false,
        Some(b"gzip, deflate, br, zstd" | b"gzip, deflate, br") => return true,
        Some(_) => {}
    }
    let of = |wanted: &str| {
        let mut codings = weighted(headers, ACCEPT_ENCODING);
        codings.find(|(coding, _)| coding.eq_ignore_ascii_case(wanted)).map_or(0, |(_, quality)| quality)
    };
    let brotli = of("br");
    brotli > 0 && brotli >= of("gzip")
}

/// Whether whoever asks is a person with a browser: it names HTML, and likes nothing of ours better.
#[must_use]
pub fn html(headers: &HeaderMap) -> bool {
    let of = |wanted: &str| {
        let mut types = weighted(headers, ACCEPT);
        types.find(|(range, _)| range.eq_ignore_ascii_case(wanted)).map_or(0, |(_, quality)| quality)
    };
    let html = of("text/html");
    html > 0 && html >= of("application/json").max(of("application/problem+json"))
}

/// Whether `If-None-Match` names this entity tag (quotes included), so that the answer is 304. Compares weakly.
#[must_use]
pub fn not_modified(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = etag.strip_prefix("W/").unwrap_or(etag);
    headers.get_all(IF_NONE_MATCH).iter().any(|value| {
        let Ok(list) = value.to_str() else { return false };
        list == etag || list.trim() == "*" || tags(list).any(|tag| tag == opaque)
    })
}

/// Whether the body may be read as JSON: `Content-Type` says so, or is missing.
#[must_use]
pub fn json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let Some(value) = values.next() else { return true };
    if values.next().is_some() {
        return false;
    }
    if value == "application/json" {
        return true;
    }
    let Ok(value) = value.to_str() else { return false };
    let essence = value.split(';').next().unwrap_or(value).trim().to_ascii_lowercase();
    let Some(subtype) = essence.strip_prefix("application/") else { return false };
    subtype == "json" || subtype.strip_suffix("+json").is_some_and(|prefix| !prefix.is_empty())
}

/// The members of a header of weighted values, each with its quality in thousandths. A member that cannot be read is
/// left out.
fn weighted(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = (&str, u16)> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(|member| {
        let mut parts = member.split(';').map(str::trim);
        let value = parts.next().filter(|value| !value.is_empty())?;
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((value, quality.map_or(Some(1_000), thousandths)?))
    })
}

/// A quality value: 0 to 1, with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, decimals) {
        ("0", _) => Some(decimals),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

/// The opaque parts, with their quotes, of a list of entity tags. They may hold commas, so quotes decide.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let start = rest.find('"')?;
        let length = rest[start + 1..].find('"')? + 2;
        let (tag, after) = rest[start..].split_at(length);
        rest = after;
        Some(tag)
    })
}
