//! Seats one by one, as an operator sees them, and those that are held back from the sale.

use std::collections::BTreeSet;

use axum::extract::State;
use jiff::tz::TimeZone;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::concert::WITHHELD_AT_ONCE_MAX;
use onsale_domain::ids::{INTEGER_MAX, ScheduleId, SeatId};
use onsale_domain::level;
use onsale_node::{Board, SeatStatus, in_zone, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Id, Json};
use super::change::{check_reason, from_level};
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::query::Query;
use crate::wire;

/// Seats of a date to hold back from the sale, or to put on sale again.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NamedSeats {
    #[schema(value_type = Vec<wire::Id>, min_items = 1, max_items = 1_000, example = json!([12, 13]))]
    seat_ids: Vec<u64>,
    /// Why, for the record.
    #[schema(min_length = 1, max_length = 200, example = "Camera in row 3")]
    reason: String,
}

/// A date of which seats were held back, or put on sale again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Withheld {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    /// How many seats of the date are held back now.
    #[schema(example = 2)]
    withheld_seats: u32,
    /// How many can be had.
    #[schema(example = 48)]
    available_seats: u32,
}

/// What a seat is, to an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum SeatState {
    Available,
    /// Held, until it is paid or lapses.
    TempReserved,
    /// Sold.
    Reserved,
    /// Held back by an operator. Buyers see it as `RESERVED`.
    Withheld,
}

impl From<SeatStatus> for SeatState {
    fn from(status: SeatStatus) -> Self {
        match status {
            SeatStatus::Available => Self::Available,
            SeatStatus::TempReserved => Self::TempReserved,
            SeatStatus::Reserved => Self::Reserved,
            SeatStatus::Withheld => Self::Withheld,
        }
    }
}

/// A seat of a date, as an operator sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperatorSeat {
    #[schema(value_type = wire::Id)]
    seat_id: u64,
    #[schema(required, example = "A")]
    section: Option<String>,
    #[schema(required, example = "1")]
    row: Option<String>,
    #[schema(required, example = "7")]
    number: Option<String>,
    status: SeatState,
    /// Why it is held back, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Camera in row 3")]
    reason: Option<String>,
    /// Since when, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime, example = "2027-05-01T10:00:00.000+00:00")]
    withheld_at: Option<String>,
}

/// Which seats are listed.
#[derive(Deserialize)]
pub(super) struct Which {
    section: Option<String>,
    status: Option<String>,
}

pub(super) async fn list(State(app): State<App>, Id(id): Id, Query(which): Query<Which>) -> Done {
    let Which { section, status } = which;
    let status = status.map(|text| state(&text)).transpose()?;
    let catalog = app.shared.node.views().catalog();
    let view = catalog.schedules.get(&ScheduleId(id)).cloned().ok_or(Problem::new(Code::ScheduleNotFound))?;
    drop(catalog);
    let node = app.shared.node.clone();
    // A hall of fifty thousand takes milliseconds, which is long for a thread that serves.
    let listed = tokio::task::spawn_blocking(move || {
        let (board, withheld) = (view.board(), node.views().withheld.of(view.schedule.id));
        let why = |seat: SeatId| withheld.binary_search_by_key(&seat, |row| row.seat).ok().map(|at| &withheld[at]);
        let is_asked = |section_of: Option<&str>, found: SeatStatus| {
            section.as_deref().is_none_or(|section| section_of == Some(section))
                && status.is_none_or(|status| status == found.into())
        };
        let seats = board.statuses().filter(|(spec, found)| is_asked(spec.section.as_deref(), *found));
        let seat = |(spec, found): (&onsale_domain::concert::SeatSpec, SeatStatus)| {
            let row = if found == SeatStatus::Withheld { why(spec.seat) } else { None };
            OperatorSeat {
                seat_id: spec.seat.0,
                section: spec.section.clone(),
                row: spec.row.clone(),
                number: spec.number.clone(),
                status: found.into(),
                reason: row.map(|row| row.reason.to_string()),
                withheld_at: row.map(|row| rfc3339(&in_zone(row.at, &TimeZone::UTC))),
            }
        };
        seats.map(seat).collect::<Vec<_>>()
    });
    success(listed.await.map_err(|_| Problem::new(Code::Unavailable))?)
}

fn state(text: &str) -> Result<SeatState, Problem> {
    match text {
        "AVAILABLE" => Ok(SeatState::Available),
        "TEMP_RESERVED" => Ok(SeatState::TempReserved),
        "RESERVED" => Ok(SeatState::Reserved),
        "WITHHELD" => Ok(SeatState::Withheld),
        _ => Err(Problem::field("status", "status must be AVAILABLE, TEMP_RESERVED, RESERVED or WITHHELD.")),
    }
}

pub(super) async fn withhold(State(app): State<App>, Id(id): Id, by: By, Json(named): Json<NamedSeats>) -> Done {
    let (schedule, seats, reason) = checked(&app, id, named)?;
    app.lane
        .ask(by.asks(Ask::plain(Command::Withhold { schedule, seats, reason })))
        .await
        .map_err(in_operators_words)?;
    success(Withheld::now(&app, schedule)?)
}

pub(super) async fn give_back(State(app): State<App>, Id(id): Id, by: By, Json(named): Json<NamedSeats>) -> Done {
    let (schedule, seats, reason) = checked(&app, id, named)?;
    app.lane.ask(by.asks(Ask::plain(Command::GiveBack { schedule, seats, reason }))).await?;
    success(Withheld::now(&app, schedule)?)
}

/// What buyers are told speaks of what they could choose instead.
fn in_operators_words(refused: impl Into<Problem>) -> Problem {
    let problem = refused.into();
    match problem.code() {
        Code::SeatNotAvailable => {
            problem.with_detail("Somebody holds or bought the seats in seatIds. None was held back.")
        }
        _ => problem,
    }
}

impl Withheld {
    /// What was done is in the views before it is answered.
    fn now(app: &App, schedule: ScheduleId) -> Result<Self, Problem> {
        let catalog = app.shared.node.views().catalog();
        let board: std::sync::Arc<Board> =
            catalog.schedules.get(&schedule).ok_or(Problem::new(Code::ScheduleNotFound))?.board();
        Ok(Self { schedule_id: schedule.0, withheld_seats: board.withheld(), available_seats: board.available() })
    }
}

fn checked(app: &App, id: u64, named: NamedSeats) -> Result<(ScheduleId, Vec<SeatId>, String), Problem> {
    let NamedSeats { seat_ids, reason } = named;
    from_level(app.shared.node.views(), level::OFFERS, "Seats are held back")?;
    let different: BTreeSet<_> = seat_ids.iter().collect();
    let is_right = !seat_ids.is_empty() && seat_ids.len() <= WITHHELD_AT_ONCE_MAX && different.len() == seat_ids.len();
    if !is_right || seat_ids.iter().any(|seat| !(1..=INTEGER_MAX).contains(seat)) {
        let what = format!("seatIds must be 1 to {WITHHELD_AT_ONCE_MAX} ids of seats, from 1, and each named once.");
        return Err(Problem::field("seatIds", what));
    }
    check_reason(&reason)?;
    Ok((ScheduleId(id), seat_ids.into_iter().map(SeatId).collect(), reason))
}
