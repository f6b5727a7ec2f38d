//! The API's description, for programs and for people.

mod operation;
mod reference;
mod shape;

use std::sync::LazyLock;

use http::HeaderMap;

use super::fixed::Fixed;
use super::{Done, html};
use crate::openapi;

static DOCUMENT: LazyLock<Fixed> = LazyLock::new(|| Fixed::new("application/json", openapi::json()));
static PAGE: LazyLock<Fixed> =
    LazyLock::new(|| Fixed::new("text/html; charset=utf-8", reference::html(&openapi::document())));

pub(super) async fn document(headers: HeaderMap) -> Done {
    Ok(DOCUMENT.response(&headers))
}

pub(super) async fn page(headers: HeaderMap) -> Done {
    let mut response = PAGE.response(&headers);
    html::protect(response.headers_mut());
    Ok(response)
}
