//! How a refusal of the router becomes a document, or a page.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use http::header::ALLOW;

use super::missing;
use crate::answer::IsPage;
use crate::negotiate;
use crate::problem::{Code, Problem};

/// Writes the document of every refusal, those of axum itself included.
pub(crate) async fn explain(request: Request, next: Next) -> Response {
    let language = negotiate::language(request.headers());
    let in_browser = missing::is_asked_in_browser(request.method(), request.headers());
    let mut response = next.run(request).await;
    if response.extensions_mut().remove::<IsPage>().is_some() {
        return response;
    }
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
