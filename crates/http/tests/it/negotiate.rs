//! Tables of what clients send and what they get.

use http::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderName, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue};
use onsale_http::negotiate::{Encoding, Language, encoding, json, language, not_modified};

fn headers(name: &HeaderName, lines: &[&str]) -> HeaderMap {
    lines.iter().map(|line| (name.clone(), HeaderValue::from_bytes(line.as_bytes()).unwrap())).collect()
}

#[test]
fn languages() {
    use Language::{En, Ko};
    let table: &[(&[&str], Language)] = &[
        (&[], En),
        (&[""], En),
        (&["ko"], Ko),
        (&["KO-kr"], Ko),
        (&["ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7"], Ko),
        (&["en-US,en;q=0.9,ko;q=0.8"], En),
        (&["fr, ko;q=0.1"], Ko),
        (&["fr"], En),
        (&["*"], En),
        (&["*, en;q=0.5"], Ko),
        (&["en;q=0"], En),
        (&["ko;q=0"], En),
        (&["en;q=0.5, ko;q=0.501"], Ko),
        (&["en;q=0.5", "ko"], Ko),
        (&["ko;q=banana"], En),
        (&["ko;q=1.001"], En),
        (&["kok"], En),
    ];
    for (lines, expected) in table {
        assert_eq!(language(&headers(&ACCEPT_LANGUAGE, lines)), *expected, "{lines:?}");
    }
}

#[test]
fn encodings() {
    use Encoding::{Gzip, Identity};
    let table: &[(&[&str], Encoding)] = &[
        (&[], Identity),
        (&[""], Identity),
        (&["gzip"], Gzip),
        (&["GZIP"], Gzip),
        (&["x-gzip"], Gzip),
        (&["gzip, deflate, br, zstd"], Gzip),
        (&["br;q=1.0, gzip;q=0.8, *;q=0.1"], Gzip),
        (&["br"], Identity),
        (&["gzip;q=0"], Identity),
        (&["gzip;q=0.0, *"], Identity),
        (&["*"], Gzip),
        (&["*;q=0"], Identity),
        (&["identity;q=0, gzip;q=0.1"], Gzip),
        (&["identity;q=0"], Identity),
        (&["identity, gzip"], Gzip),
        (&["identity, gzip;q=0.5"], Identity),
        (&["identity;q=0.5, gzip;q=0.5"], Gzip),
        (&["br", "gzip"], Gzip),
        (&["gzip;q=2"], Identity),
    ];
    for (lines, expected) in table {
        assert_eq!(encoding(&headers(&ACCEPT_ENCODING, lines)), *expected, "{lines:?}");
    }
}

#[test]
fn entity_tags() {
    let table: &[(&[&str], &str, bool)] = &[
        (&[], r#""a""#, false),
        (&[r#""a""#], r#""a""#, true),
        (&[r#"W/"a""#], r#""a""#, true),
        (&[r#""a""#], r#"W/"a""#, true),
        (&[r#""b", W/"a""#], r#""a""#, true),
        (&[r#""b,", "c""#], r#""c""#, true),
        (&[r#""b", "c""#], r#""a""#, false),
        (&[r#""b""#, r#""a""#], r#""a""#, true),
        (&["*"], r#""a""#, true),
        (&[r#""*""#], r#""a""#, false),
        (&["a"], r#""a""#, false),
        (&[r#""a"#], r#""a""#, false),
        (&[""], r#""a""#, false),
    ];
    for (lines, etag, expected) in table {
        assert_eq!(not_modified(&headers(&IF_NONE_MATCH, lines), etag), *expected, "{lines:?} {etag}");
    }
}

#[test]
fn content_types() {
    let table: &[(&[&str], bool)] = &[
        (&[], true),
        (&["application/json"], true),
        (&["Application/JSON"], true),
        (&["application/json; charset=utf-8"], true),
        (&["application/json ;charset=utf-8"], true),
        (&["application/merge-patch+json"], true),
        (&["application/+json"], false),
        (&["application/jsonp"], false),
        (&["text/json"], false),
        (&["text/plain"], false),
        (&["application/x-www-form-urlencoded"], false),
        (&[""], false),
        (&["application/json", "text/plain"], false),
    ];
    for (lines, expected) in table {
        assert_eq!(json(&headers(&CONTENT_TYPE, lines)), *expected, "{lines:?}");
    }
}
