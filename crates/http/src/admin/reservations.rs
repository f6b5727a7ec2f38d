//! Other people's holds.

use axum::extract::State;
use onsale_domain::ask::Ask;
use onsale_domain::ids::{INTEGER_MAX, ReservationId, SeatId};
use onsale_domain::level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Id, Json, MaybeJson, given};
use super::change::{check_reason, from_level};
use super::operator::By;
use super::users::json;
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

/// Why a hold is dropped.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Release {
    /// For the record: needed from the store's level 5 on, and not taken below it.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "Wrong seat chosen")]
    reason: Option<String>,
}

/// The body may be left out below the level of reasons.
pub(super) async fn release(
    State(app): State<App>,
    Id(id): Id,
    by: By,
    MaybeJson(Release { reason }): MaybeJson<Release>,
) -> Done {
    let is_recorded = from_level(app.shared.node.views(), level::OFFERS, "Reasons are on record");
    match &reason {
        Some(reason) => is_recorded.and_then(|()| check_reason(reason))?,
        None if is_recorded.is_ok() => return Err(Problem::field("reason", "reason is missing.")),
        None => {}
    }
    let released = app.lane.ask(by.asks(Ask::release(ReservationId(id), reason))).await;
    let id = released.map_err(|refused| in_operators_words(id, refused.into()))?;
    success(Released { reservation_id: id.0, seat_status: "AVAILABLE" })
}

/// Which tickets are issued anew.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Reissue {
    /// One of the reservation's seats; all of them where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<wire::Id>, nullable = false)]
    seat_id: Option<u64>,
    /// Why, for the record.
    #[schema(min_length = 1, max_length = 200, example = "Lost phone")]
    reason: String,
}

/// The tickets that count from now on. Those that were out are refused at the gate.
pub(super) async fn reissue(
    State(app): State<App>,
    Id(id): Id,
    by: By,
    Json(Reissue { seat_id, reason }): Json<Reissue>,
) -> Done {
    from_level(app.shared.node.views(), level::RANKS, "Tickets are issued anew")?;
    check_reason(&reason)?;
    if seat_id.is_some_and(|seat| !(1..=INTEGER_MAX).contains(&seat)) {
        return Err(Problem::field("seatId", "seatId must be an integer between 1 and 9007199254740991."));
    }
    let seat = seat_id.map(SeatId);
    let reissued = app.lane.ask(by.asks(Ask::reissue(ReservationId(id), seat, reason))).await;
    let id = reissued.map_err(|refused| in_operators_words(id, refused.into()))?;
    Ok(json(app.shared.passes_of(id, seat)))
}
