//! What a browser is shown at an address that is none. Programs get a problem document.

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, HeaderMap, HeaderValue, VARY};
use http::{Method, StatusCode};

use super::html;
use crate::negotiate::{self, Language};

/// Whether somebody typed an address or followed a link.
pub(super) fn is_asked_in_browser(method: &Method, headers: &HeaderMap) -> bool {
    (method == Method::GET || method == Method::HEAD) && negotiate::html(headers)
}

/// 404 with a page in both languages, the reader's own first.
pub(super) fn page(language: Language) -> Response {
    let other = if language == Language::En { Language::Ko } else { Language::En };
    let main = format!("{}{}", section(language, 1), section(other, 2));
    let mut response = html::page(Body::from(html::document_in(language.tag(), "404 · onsale", &main)));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static("en, ko"));
    headers.insert(VARY, HeaderValue::from_static("accept, accept-language"));
    response
}

fn section(language: Language, level: u8) -> String {
    let [title, text, home, docs] = match language {
        Language::En => [
            "There is nothing at this address",
            "Look for a letter too many or too few. What you hold or have bought is kept, under “My tickets” on the start page.",
            "To the start page",
            "For developers: the API",
        ],
        Language::Ko => [
            "이 주소에는 아무것도 없습니다",
            "주소에 빠지거나 더해진 글자가 없는지 확인해 주세요. 선점하거나 구매하신 좌석은 그대로이며, 첫 화면의 ‘내 예매’에 있습니다.",
            "첫 화면으로",
            "개발자용: API 문서",
        ],
    };
    format!(
        "<section lang=\"{}\"><h{level}>{title}</h{level}>\n<p>{text}</p>\n\
         <p><a href=\"/\">{home}</a> · <a href=\"/docs\">{docs}</a></p></section>\n",
        language.tag()
    )
}
