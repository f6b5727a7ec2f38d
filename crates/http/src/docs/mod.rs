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
use crate::entry::Users;
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
/// With the limit and the door that it was made for.
static ANOTHER: ArcSwapOption<((u64, bool), Fixed)> = ArcSwapOption::const_empty();
static PAGE: LazyLock<Fixed> =
    LazyLock::new(|| Fixed::new("text/html; charset=utf-8", reference::html(&openapi::document())));

/// Where the operator has set another limit for one charge, or buyers come with entry tokens, the description has it too.
async fn document(State(app): State<App>, headers: HeaderMap) -> Done {
    let is_signed = matches!(app.shared.doors.users, Users::Signed(_));
    let here = (app.shared.node.views().settings().charge_limit, is_signed);
    if here == (Settings::default().charge_limit, false) {
        return Ok(DOCUMENT.response(&headers));
    }
    if let Some(document) = &*ANOTHER.load()
        && document.0 == here
    {
        return Ok(document.1.response(&headers));
    }
    let document = Fixed::new("application/json", openapi::json_with(here.0, here.1));
    let response = document.response(&headers);
    ANOTHER.store(Some(Arc::new((here, document))));
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
