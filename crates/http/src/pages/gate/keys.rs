//! `GET /v1/gate/{site}/keys`: what passes are verified with where this service is not asked.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::answer::Done;
use crate::app::App;
use crate::pass::KeySet;
use crate::problem::{Code, Problem};

/// The public keys, those of all sites alike. A rotation adds one.
pub(super) async fn show(State(app): State<App>, Path(name): Path<String>) -> Done {
    app.shared.gates.site(&name).ok_or(Problem::new(Code::NotFound))?;
    let keys = KeySet::of(app.shared.tokens.load().gate_signers());
    let mut response = Response::new(Body::from(serde_json::to_vec(&keys).expect("a key set is JSON")));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}
