//! How a handler's result becomes a response: successes in the envelope, problems as documents.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use serde::Serialize;

use crate::problem::Problem;
use crate::wire::envelope;

/// What a handler of the router answers.
pub(crate) type Done = Result<Response, Problem>;

/// 200 with `data` in the envelope.
pub(crate) fn success<T: Serialize>(data: T) -> Done {
    let mut response = Response::new(Body::from(envelope(data)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

/// Only marks the response: `explain` in [`crate::pages`] writes the document, as it knows the client's language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code().status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Marks an answer whose body is kept anyway: see [`crate::body::Body::of_shared`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct IsKept;
