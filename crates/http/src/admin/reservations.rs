//! Other people's holds.

use axum::extract::State;
use onsale_domain::ask::Ask;
use onsale_domain::ids::ReservationId;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::Id;
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::wire;

/// A hold that was dropped.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Released {
    #[schema(value_type = wire::Id)]
    reservation_id: u64,
    #[schema(pattern = "^AVAILABLE$", example = "AVAILABLE")]
    seat_status: &'static str,
}

/// What buyers are told speaks of what is their own.
fn in_operators_words(id: u64, problem: Problem) -> Problem {
    match problem.code() {
        Code::ReservationNotFound => {
            problem.with_detail(format!("There is no reservation {id}, or it has lapsed: nothing is held by it."))
        }
        Code::AlreadyPaid => problem.with_detail(format!("Reservation {id} is paid, and its seat is sold.")),
        _ => problem,
    }
}

pub(super) async fn release(State(app): State<App>, Id(id): Id, by: By) -> Done {
    let released = app.lane.ask(by.asks(Ask::release(ReservationId(id)))).await;
    let id = released.map_err(|refused| in_operators_words(id, refused.into()))?;
    success(Released { reservation_id: id.0, seat_status: "AVAILABLE" })
}
