//! How a handler's result becomes a response: successes in the envelope, problems as documents.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::missing;
use crate::negotiate;
use crate::problem::{Code, Problem};

/// What a handler of the router answers.
pub(crate) type Done = Result<Response, Problem>;

/// The envelope of a success.
#[derive(Serialize)]
struct Envelope<T> {
    #[serde(rename = "resultType")]
    result_type: &'static str,
    data: T,
    message: &'static str,
}

/// 200 with `data` in the envelope.
pub(crate) fn success<T: Serialize>(data: T) -> Done {
    let mut response = Response::new(Body::from(envelope(data)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

/// `data` in the envelope, as JSON.
pub(super) fn envelope<T: Serialize>(data: T) -> Vec<u8> {
    let envelope = Envelope { result_type: "SUCCESS", data, message: "SUCCESS" };
    serde_json::to_vec(&envelope).expect("answers are made of what JSON has")
}

/// Only marks the response: [`explain`] writes the document, as it knows the client's language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code().status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the document of every refusal, those of axum itself included.
pub(super) async fn explain(request: Request, next: Next) -> Response {
    let language = negotiate::language(request.headers());
    let in_browser = missing::is_asked_in_browser(request.method(), request.headers());
    let mut response = next.run(request).await;
    let marked = response.extensions_mut().remove::<Problem>();
    let Some(problem) = marked.or_else(|| routing_problem(response.status())) else { return response };
    if in_browser && problem.code() == Code::NotFound {
        return missing::page(language);
    }
    let allow = response.headers_mut().remove(ALLOW);
    let mut document = problem.response(language).map(Body::new);
    if let Some(allow) = allow {
        document.headers_mut().insert(ALLOW, allow);
    }
    document
}

/// What axum refuses by itself.
fn routing_problem(status: StatusCode) -> Option<Problem> {
    let code = match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        status if status.is_client_error() => Code::BadRequest,
        _ => return None,
    };
    Some(Problem::new(code))
}
