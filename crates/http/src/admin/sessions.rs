//! Somebody else's word of a session: the shop knows that its buyer is doing something, and who inside is to make room.

use axum::extract::State;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::ids::{QueueId, UserId};
use onsale_domain::level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Id, Json, given};
use super::change::from_level;
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::times::{self, TimeText};
use crate::wire;

/// Which session of a user it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichSession {
    /// The queue's name; the default queue where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, pattern = "^[a-z0-9_-]{1,64}$", example = "default")]
    queue: Option<String>,
}

/// A session that goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptSession {
    #[schema(value_type = wire::Id)]
    user_id: u64,
    #[schema(example = "default")]
    queue: String,
    /// When it ends, unless its owner does something before and it may become longer.
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T10:10:00.000Z")]
    session_expires_at: TimeText,
}

/// A session that was ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EndedSession {
    #[schema(value_type = wire::Id)]
    user_id: u64,
    #[schema(example = "default")]
    queue: String,
}

pub(super) async fn keep(State(app): State<App>, Id(id): Id, Json(which): Json<WhichSession>) -> Done {
    let (id_of_queue, queue) = find(&app, which)?;
    let until = app.lane.ask(Ask::keep_session(id_of_queue, UserId(id))).await?;
    success(KeptSession { user_id: id, queue, session_expires_at: times::utc(until) })
}

pub(super) async fn end(State(app): State<App>, Id(id): Id, by: By, Json(which): Json<WhichSession>) -> Done {
    let (id_of_queue, queue) = find(&app, which)?;
    let command = Command::EndSession { queue: id_of_queue, user: UserId(id) };
    app.lane.ask(by.asks(Ask::plain(command))).await?;
    success(EndedSession { user_id: id, queue })
}

fn find(app: &App, WhichSession { queue }: WhichSession) -> Result<(QueueId, String), Problem> {
    let views = app.shared.node.views();
    from_level(views, level::SESSIONS, "Sessions are kept and ended by others")?;
    let id = match queue.as_deref() {
        None => QueueId(0),
        Some(name) => views.queue_named(name).ok_or(Problem::new(Code::QueueNotFound))?,
    };
    let queue = views.queue(id).ok_or(Problem::new(Code::QueueNotFound))?;
    Ok((id, queue.name.clone()))
}
