//! How a handler's result becomes a response: successes in the envelope, problems as documents.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::problem::{Code, Problem};
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

/// 303 to another address, with what the browser is to keep. Neither goes into a cache, nor the address before it anywhere.
pub(crate) fn see_other(to: &str, cookies: &[String]) -> Done {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Problem::new(Code::Unavailable));
    headers.insert(LOCATION, value(to)?);
    for cookie in cookies {
        headers.append(SET_COOKIE, value(cookie)?);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
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

/// Marks a refusal that is a page already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IsPage;

/// The page as what is refused with this problem.
pub(crate) fn refused(mut page: Response, problem: &Problem) -> Response {
    *page.status_mut() = problem.code().status();
    page.extensions_mut().insert(IsPage);
    page
}

/// Marks an answer whose body is kept anyway: see [`crate::body::Body::of_shared`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct IsKept;
