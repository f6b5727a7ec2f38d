//! The API's description, for programs and for people.

mod operation;
mod reference;
mod shape;

use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwapOption;
use axum::extract::State;
use http::HeaderMap;
use onsale_domain::settings::Settings;

use super::fixed::Fixed;
use super::{App, Done, html};
use crate::openapi;

static DOCUMENT: LazyLock<Fixed> = LazyLock::new(|| Fixed::new("application/json", openapi::json()));
/// With the limit that it was made for.
static ANOTHER: ArcSwapOption<(u64, Fixed)> = ArcSwapOption::const_empty();
static PAGE: LazyLock<Fixed> =
    LazyLock::new(|| Fixed::new("text/html; charset=utf-8", reference::html(&openapi::document())));

/// Where the operator has set another limit for one charge, the description has it too.
pub(super) async fn document(State(app): State<App>, headers: HeaderMap) -> Done {
    let limit = app.shared.node.views().settings().charge_limit;
    if limit == Settings::default().charge_limit {
        return Ok(DOCUMENT.response(&headers));
    }
    if let Some(document) = &*ANOTHER.load()
        && document.0 == limit
    {
        return Ok(document.1.response(&headers));
    }
    let document = Fixed::new("application/json", openapi::json_with(limit));
    let response = document.response(&headers);
    ANOTHER.store(Some(Arc::new((limit, document))));
    Ok(response)
}

pub(super) async fn page(headers: HeaderMap) -> Done {
    let mut response = PAGE.response(&headers);
    html::protect(response.headers_mut());
    Ok(response)
}
