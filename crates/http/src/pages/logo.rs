//! The shop's logo, below the address of the pages' files.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue};

use crate::answer::Done;
use crate::app::App;
use crate::look::LOGOS;
use crate::problem::{Code, Problem};

/// It is a picture, also for whoever opens its address by itself.
const POLICY: &str = "default-src 'none'; sandbox";

pub(super) fn router() -> Router<App> {
    Router::new().route(&format!("{LOGOS}{{name}}"), get(show))
}

async fn show(State(app): State<App>, Path(name): Path<String>) -> Done {
    let logo = app.shared.logo(&name).ok_or(Problem::new(Code::NotFound))?;
    let mut response = Response::new(Body::from(logo.bytes()));
    // While nodes are given another logo, one may be asked for what the other has: it shows its own, but not for ever.
    let keep = if name == logo.name() { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    let mut set = |name: HeaderName, value: &'static str| {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    };
    set(CONTENT_TYPE, logo.media_type());
    set(CACHE_CONTROL, keep);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(CONTENT_SECURITY_POLICY, POLICY);
    Ok(response)
}
