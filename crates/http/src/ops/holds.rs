//! Who holds which seats of a date: what an operator may release.

use axum::extract::State;
use jiff::tz::TimeZone;
use onsale_domain::row::ReservationRow;
use onsale_node::{in_zone, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::seats::{Which, find};
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::query::Query;
use crate::wire;

/// The most that are listed.
const LISTED_MAX: usize = 200;

/// The holds of a date.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsHolds)]
pub(crate) struct Holds {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    /// How many there are.
    #[schema(example = 1)]
    total: usize,
    /// The newest 200, newest first.
    holds: Vec<Hold>,
}

/// A reservation that is not paid yet.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsHold)]
pub(crate) struct Hold {
    #[schema(value_type = wire::Id)]
    reservation_id: u64,
    #[schema(value_type = wire::Id)]
    user_id: u64,
    seats: Vec<Seat>,
    #[schema(example = 50_000)]
    amount: u64,
    #[schema(format = DateTime, example = "2027-05-01T10:00:00.000+00:00")]
    reserved_at: String,
    #[schema(format = DateTime, example = "2027-05-01T10:05:00.000+00:00")]
    reserved_until: String,
}

/// A seat, and what it is called.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsSeat)]
pub(crate) struct Seat {
    #[schema(value_type = wire::Id)]
    seat_id: u64,
    #[schema(required, example = "A")]
    section: Option<String>,
    #[schema(required, example = "1")]
    row: Option<String>,
    #[schema(required, example = "7")]
    number: Option<String>,
}

pub(super) async fn show(State(app): State<App>, Query(which): Query<Which>) -> Done {
    let view = find(&app, which)?;
    let node = app.shared.node.clone();
    // It looks at every hold that there is, for which buyers should not wait.
    let holds = tokio::task::spawn_blocking(move || {
        let (all, board) = (node.views().users.holds(view.schedule.id), view.board());
        let seats = |row: &ReservationRow| {
            let seat = |&id| {
                let spec = board.seat(id);
                let text = |which: fn(&onsale_domain::concert::SeatSpec) -> &Option<String>| which(spec?).clone();
                Seat {
                    seat_id: id.0,
                    section: text(|spec| &spec.section),
                    row: text(|spec| &spec.row),
                    number: text(|spec| &spec.number),
                }
            };
            row.seats.iter().map(seat).collect()
        };
        let hold = |row: &ReservationRow| Hold {
            reservation_id: row.id.0,
            user_id: row.user.0,
            seats: seats(row),
            amount: row.amount,
            reserved_at: rfc3339(&in_zone(row.reserved_at, &TimeZone::UTC)),
            reserved_until: rfc3339(&in_zone(row.reserved_until, &TimeZone::UTC)),
        };
        let holds = all.iter().take(LISTED_MAX).map(|row| hold(row)).collect();
        Holds { schedule_id: view.schedule.id.0, total: all.len(), holds }
    });
    success(holds.await.map_err(|_| Problem::new(Code::Unavailable))?)
}
