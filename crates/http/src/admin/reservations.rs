//! Other people's holds.

use axum::extract::State;
use onsale_domain::command::Command;
use onsale_domain::ids::ReservationId;
use onsale_domain::reply::Reply;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::Id;
use super::operator::By;
use crate::openapi::bodies;
use crate::pages::{App, Done, success};
use crate::problem::unexpected;

/// A hold that was dropped.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Released {
    #[schema(value_type = bodies::Id)]
    reservation_id: u64,
    #[schema(pattern = "^AVAILABLE$", example = "AVAILABLE")]
    seat_status: &'static str,
}

pub(super) async fn release(State(app): State<App>, Id(id): Id, by: By) -> Done {
    match app.lane.submit(by.gives(Command::Release { reservation: ReservationId(id) })).await? {
        Reply::Cancelled(id) => success(Released { reservation_id: id.0, seat_status: "AVAILABLE" }),
        _ => Err(unexpected()),
    }
}
