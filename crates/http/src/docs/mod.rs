//! The API's description, for programs and for people.

mod guides;
mod operation;
mod reference;
mod shape;
mod start;

use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwapOption;
use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::routing::get;
use http::{HeaderMap, Uri};
use onsale_domain::settings::Settings;

use crate::answer::Done;
use crate::app::{App, OverTls};
use crate::openapi;
use crate::pages::{Fixed, page as html_page, protect};
use crate::problem::{Code, Problem};

/// The document, and the pages about it.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/openapi.json", get(document))
        .route("/docs", get(page))
        .route("/docs/start", get(start))
        .route("/docs/{guide}", get(guide))
}

static DOCUMENT: LazyLock<Fixed> = LazyLock::new(|| Fixed::new("application/json", openapi::json()));
/// With the limit that it was made for.
static ANOTHER: ArcSwapOption<(u64, Fixed)> = ArcSwapOption::const_empty();
static PAGE: LazyLock<Fixed> =
    LazyLock::new(|| Fixed::new("text/html; charset=utf-8", reference::html(&openapi::document())));

/// Where the operator has set another limit for one charge, the description has it too.
async fn document(State(app): State<App>, headers: HeaderMap) -> Done {
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

async fn page(headers: HeaderMap) -> Done {
    let mut response = PAGE.response(&headers);
    protect(response.headers_mut());
    Ok(response)
}

/// From the queue to a ticket, with this server's own address in what is to be pasted.
async fn start(uri: Uri, headers: HeaderMap, tls: Option<Extension<OverTls>>) -> Done {
    Ok(html_page(start::html(&start::origin(&uri, &headers, tls.is_some()))))
}

async fn guide(Path(name): Path<String>, headers: HeaderMap) -> Done {
    Ok(guides::find(&name).ok_or(Problem::new(Code::NotFound))?.response(&headers))
}
