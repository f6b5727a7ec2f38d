//! What a user has, for the shop whose user it is: it may mail tickets, and print them again once no queue is open.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use onsale_domain::ids::UserId;

use super::body::Id;
use crate::pages::{App, Done};

pub(super) async fn tickets(State(app): State<App>, Id(user): Id) -> Done {
    Ok(json(app.shared.tickets_json(UserId(user))))
}

pub(super) async fn reservations(State(app): State<App>, Id(user): Id) -> Done {
    Ok(json(app.shared.reservations_json(UserId(user))))
}

fn json(body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
