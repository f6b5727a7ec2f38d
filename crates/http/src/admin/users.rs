//! What a user has, for the shop whose user it is: it may mail tickets, and print them again once no queue is open.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use jiff::tz::TimeZone;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::ids::{QueueId, UserId};
use onsale_domain::level;
use onsale_domain::time::Time;
use onsale_domain::user::SUBJECT_FIRST;
use onsale_node::{in_zone, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Id, Json, given};
use super::change::from_level;
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::entry::Users;
use crate::problem::{Code, Problem};
use crate::query::Query;
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
    /// When the user was erased last; null for whoever was not.
    #[schema(format = DateTime, example = "2027-05-01T10:00:01+00:00")]
    erased_at: Option<String>,
}

pub(super) async fn show(State(app): State<App>, Id(id): Id) -> Done {
    success(of(&app, UserId(id)))
}

fn of(app: &App, user: UserId) -> User {
    let views = app.shared.node.views();
    let since = views.revoked.since(user);
    let tokens_valid_since = (since != Time::default()).then(|| instant(since));
    let erased_at = views.entrants.erased_at(user).map(instant);
    User { user_id: user.0, balance: views.users.balance(user), tokens_valid_since, erased_at }
}

/// Whom to find.
#[derive(Deserialize)]
pub(super) struct Whom {
    subject: Option<String>,
    issuer: Option<String>,
}

/// Refuses a number that is for people whom entry tokens name, and that none of them has, yet or any more: whoever gets it would have what
/// is done for it.
pub(super) fn somebody(app: &App, user: UserId) -> Result<UserId, Problem> {
    let is_own = matches!(app.shared.doors.users, Users::Signed(_)) && user.0 >= SUBJECT_FIRST;
    let entrants = &app.shared.node.views().entrants;
    let is_nobodys = |user| !entrants.is_given(user) || entrants.erased_at(user).is_some();
    if is_own && is_nobodys(user) {
        return Err(Problem::new(Code::UserNotFound));
    }
    Ok(user)
}

/// Who is called so in entry tokens.
pub(super) async fn find(State(app): State<App>, Query(whom): Query<Whom>) -> Done {
    let Whom { subject, issuer } = whom;
    let Users::Signed(entry) = &app.shared.doors.users else {
        let what = "subject finds nobody where access.users is open: nobody comes with an entry token.";
        return Err(Problem::field("subject", what));
    };
    let subject =
        subject.ok_or_else(|| Problem::field("subject", "subject is needed: what the entry token's sub says."))?;
    let named = entry.named(&subject, issuer.as_deref());
    let named =
        named.map_err(|_| Problem::field("subject", "subject must be what the sub of an entry token can be."))?;
    let user = app.shared.user_of(&named).await?;
    success(of(&app, user.ok_or(Problem::new(Code::UserNotFound))?))
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

pub(super) fn json(body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Where a buyer is started.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlace {
    /// The queue's name; the default queue where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, pattern = "^[a-z0-9_-]{1,64}$", example = "default")]
    queue: Option<String>,
}

/// A buyer who was started.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Started {
    #[schema(value_type = wire::Id)]
    user_id: u64,
    #[schema(example = "default")]
    queue: String,
    /// What opens the place, and the user's wallet, reservations and tickets: for its owner alone.
    queue_token: String,
}

/// A place for a user whom the shop knows: who they are is the key's to say, and takes no entry token.
pub(super) async fn start(State(app): State<App>, Id(id): Id, Json(new): Json<NewPlace>) -> Done {
    let (user, views) = (somebody(&app, UserId(id))?, app.shared.node.views());
    let queue = match new.queue.as_deref() {
        None => QueueId(0),
        Some(name) => views.queue_named(name).ok_or(Problem::new(Code::QueueNotFound))?,
    };
    let key = app.shared.tokens.load().current();
    let joined = app.lane.ask(Ask::join(user, queue, key)).await?;
    let token = app.shared.tokens.load().sign(joined.key, joined.ticket, user, joined.issued_at);
    let queue_token = String::from_utf8_lossy(&token).into_owned();
    let queue = views.queue(queue).map(|queue| queue.name.clone()).ok_or(Problem::new(Code::QueueNotFound))?;
    success(Started { user_id: id, queue, queue_token })
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
