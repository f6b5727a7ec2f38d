//! Dates: their sale, and their end.

use axum::extract::State;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::ids::ScheduleId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Id, Json};
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::wire;

/// What to change of a date.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleChange {
    /// `true` stops its sale: nobody can hold its seats any more, and who holds one can still pay. `false` resumes it.
    #[schema(example = true)]
    closed: bool,
}

/// A date after its change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleState {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    #[schema(example = true)]
    closed: bool,
}

/// A date that is gone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RemovedSchedule)]
pub(crate) struct Removed {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
}

pub(super) async fn change(State(app): State<App>, Id(id): Id, by: By, Json(change): Json<ScheduleChange>) -> Done {
    let ScheduleChange { closed } = change;
    app.lane.ask(by.asks(Ask::plain(Command::SetSaleClosed { schedule: ScheduleId(id), closed }))).await?;
    success(ScheduleState { schedule_id: id, closed })
}

pub(super) async fn remove(State(app): State<App>, Id(id): Id, by: By) -> Done {
    app.lane.ask(by.asks(Ask::plain(Command::RemoveSchedule { schedule: ScheduleId(id) }))).await?;
    success(Removed { schedule_id: id })
}
