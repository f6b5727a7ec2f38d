//! Where the seats of a date are, and which are gone: what a heat map is drawn of.

use std::sync::Arc;

use axum::extract::{Query, State};
use onsale_domain::ids::{INTEGER_MAX, ScheduleId};
use onsale_node::{Board, ScheduleView, SeatStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::openapi::bodies;
use crate::pages::{App, Done, success};
use crate::problem::{Code, Problem};

/// The seats of a date.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsSeats)]
pub(crate) struct Hall {
    #[schema(value_type = bodies::Id)]
    schedule_id: u64,
    /// In the order of the seats' positions.
    sections: Vec<Section>,
}

/// Seats of one section that stand together.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsSection)]
pub(crate) struct Section {
    /// `null` for seats without a section.
    #[schema(required, example = "A")]
    section: Option<String>,
    available_seats: u32,
    held_seats: u32,
    sold_seats: u32,
    /// What the seats that are sold cost now, in the minor unit of the currency.
    sold_amount: u64,
    rows: Vec<Row>,
}

/// Seats of one row that stand together.
#[derive(Serialize, ToSchema)]
#[schema(as = OpsRow)]
pub(crate) struct Row {
    #[schema(required, example = "1")]
    row: Option<String>,
    /// One letter for each seat: `A` available, `H` held, `S` sold.
    #[schema(pattern = "^[AHS]*$", example = "AAHSS")]
    seats: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(rename = "scheduleId")]
    schedule: Option<String>,
}

pub(super) async fn show(State(app): State<App>, Query(which): Query<Which>) -> Done {
    let view = find(&app, which)?;
    let (id, board) = (view.schedule.id.0, view.board());
    // Fifty thousand seats take a millisecond, which is long for a thread that serves.
    let sections = tokio::task::spawn_blocking(move || sections(&board)).await;
    success(Hall { schedule_id: id, sections: sections.map_err(|_| Problem::new(Code::Unavailable))? })
}

/// The date that the query names.
pub(super) fn find(app: &App, which: Which) -> Result<Arc<ScheduleView>, Problem> {
    let text = which.schedule.unwrap_or_default();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|id| digits && (1..=INTEGER_MAX).contains(id));
    let id = id.ok_or_else(|| {
        Problem::field("scheduleId", format!("scheduleId must be a whole number from 1 to {INTEGER_MAX}."))
    })?;
    let catalog = app.shared.node.views().catalog();
    catalog.schedules.get(&ScheduleId(id)).cloned().ok_or(Problem::new(Code::ScheduleNotFound))
}

fn sections(board: &Board) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (seat, status) in board.statuses() {
        if sections.last().is_none_or(|last| last.section != seat.section) {
            let section = seat.section.clone();
            let none =
                Section { section, available_seats: 0, held_seats: 0, sold_seats: 0, sold_amount: 0, rows: Vec::new() };
            sections.push(none);
        }
        let Some(section) = sections.last_mut() else { continue };
        if section.rows.last().is_none_or(|last| last.row != seat.row) {
            section.rows.push(Row { row: seat.row.clone(), seats: String::new() });
        }
        let letter = match status {
            SeatStatus::Available => {
                section.available_seats += 1;
                'A'
            }
            SeatStatus::TempReserved => {
                section.held_seats += 1;
                'H'
            }
            SeatStatus::Reserved => {
                section.sold_seats += 1;
                section.sold_amount += seat.amount;
                'S'
            }
        };
        if let Some(row) = section.rows.last_mut() {
            row.seats.push(letter);
        }
    }
    sections
}
