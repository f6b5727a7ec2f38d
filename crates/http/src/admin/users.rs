//! What a user has, for the shop whose user it is: it may mail tickets, and print them again once no queue is open.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use jiff::tz::TimeZone;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::ids::UserId;
use onsale_domain::level;
use onsale_domain::time::Time;
use onsale_node::{in_zone, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::Id;
use super::change::from_level;
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::wire;

/// A user, as an operator sees them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    #[schema(value_type = wire::Id)]
    user_id: u64,
    /// What is in the wallet. It opens, empty, at first sight.
    #[schema(value_type = wire::Money)]
    balance: u64,
    /// The user's queue tokens that were issued before this are refused; null where none was revoked.
    #[schema(format = DateTime, example = "2027-05-01T10:00:01+00:00")]
    tokens_valid_since: Option<String>,
}

pub(super) async fn show(State(app): State<App>, Id(id): Id) -> Done {
    let (user, views) = (UserId(id), app.shared.node.views());
    let since = views.revoked.since(user);
    let tokens_valid_since = (since != Time::default()).then(|| instant(since));
    success(User { user_id: id, balance: views.users.balance(user), tokens_valid_since })
}

fn instant(time: Time) -> String {
    rfc3339(&in_zone(time, &TimeZone::UTC))
}

pub(super) async fn tickets(State(app): State<App>, Id(user): Id) -> Done {
    Ok(json(app.shared.passes_json(UserId(user))))
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

/// Queue tokens that were revoked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Revoked {
    #[schema(value_type = wire::Id)]
    user_id: u64,
    /// The user's tokens that were issued before this are refused.
    #[schema(format = DateTime, example = "2027-05-01T10:00:01+00:00")]
    valid_since: String,
}

pub(super) async fn revoke(State(app): State<App>, Id(id): Id, by: By) -> Done {
    let (user, views) = (UserId(id), app.shared.node.views());
    from_level(views, level::FAIRNESS, "Tokens can be revoked")?;
    app.lane.ask(by.asks(Ask::plain(Command::Revoke { user }))).await?;
    success(Revoked { user_id: id, valid_since: instant(views.revoked.since(user)) })
}
