//! Pages for people, and how they are sent.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use std::sync::LazyLock;

use super::fixed::Fixed;
use crate::answer::Done;

/// No script, no frame, no other host: the pages' own stylesheet, and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static STYLE: LazyLock<Fixed> = LazyLock::new(|| Fixed::new("text/css; charset=utf-8", include_str!("style.css")));

/// The pages' stylesheet.
pub(crate) async fn style(headers: HeaderMap) -> Done {
    let mut response = STYLE.response(&headers);
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

/// A whole document in English around the inside of `main`.
pub(crate) fn document(title: &str, main: &str) -> String {
    document_in("en", title, main)
}

/// The same in a language.
pub(crate) fn document_in(tag: &str, title: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<main>\n{main}</main>\n</body>\n</html>\n"
    )
}

/// 200 with a page.
pub(crate) fn page(html: impl Into<Body>) -> Response {
    let mut response = Response::new(html.into());
    protect(response.headers_mut());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// The headers that every page has.
pub(crate) fn protect(headers: &mut HeaderMap) {
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// Text as it may stand in HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
