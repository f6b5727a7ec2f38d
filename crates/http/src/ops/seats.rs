//! Where the seats of a date are, and which are gone: what a heat map is drawn of.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use onsale_domain::ids::{INTEGER_MAX, ScheduleId, SeatId};
use onsale_domain::row::ReservationRow;
use onsale_node::{Board, ScheduleView, SeatStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::query::Query;
use crate::wire;

/// The seats of a date.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsSeats)]
pub(crate) struct Hall {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    /// What was paid for the seats that are sold, in the minor unit of the currency.
    #[schema(example = 1_000_000)]
    sold_amount: u64,
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
    withheld_seats: u32,
    /// What was paid for the seats that are sold, whatever they would cost now. Where a payment was for seats of several
    /// sections, each has its share of it by the prices of now.
    sold_amount: u64,
    rows: Vec<Row>,
}

/// Seats of one row that stand together.
#[derive(Serialize, ToSchema)]
#[schema(as = OpsRow)]
pub(crate) struct Row {
    #[schema(required, example = "1")]
    row: Option<String>,
    /// One letter for each seat: `A` available, `H` held, `S` sold, `W` held back by an operator.
    #[schema(pattern = "^[AHSW]*$", example = "AAHSSW")]
    seats: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(rename = "scheduleId")]
    schedule: Option<String>,
}

pub(super) async fn show(State(app): State<App>, Query(which): Query<Which>) -> Done {
    let view = find(&app, which)?;
    let node = app.shared.node.clone();
    // Fifty thousand seats take milliseconds, which is long for a thread that serves.
    let hall = tokio::task::spawn_blocking(move || {
        let id = view.schedule.id;
        // The board first: a seat that is sold on it has been paid for by then.
        let board = view.board();
        let paid = paid(&board, &node.views().users.sold(id));
        let sections = sections(&board, &paid);
        Hall { schedule_id: id.0, sold_amount: sections.iter().map(|section| section.sold_amount).sum(), sections }
    });
    success(hall.await.map_err(|_| Problem::new(Code::Unavailable))?)
}

/// What was paid for each seat.
fn paid(board: &Board, sold: &[Arc<ReservationRow>]) -> HashMap<SeatId, u64> {
    let mut paid = HashMap::new();
    for row in sold {
        let prices: Vec<u64> = row.seats.iter().map(|&seat| board.seat(seat).map_or(0, |spec| spec.amount)).collect();
        paid.extend(row.seats.iter().copied().zip(shares(row.amount, &prices)));
    }
    paid
}

/// An amount in parts that are to each other as `prices` are, and together are it.
fn shares(amount: u64, prices: &[u64]) -> Vec<u64> {
    let whole: u128 = prices.iter().map(|&price| u128::from(price)).sum();
    let (mut given, mut passed) = (0, 0_u128);
    let share = |(i, &price): (usize, &u64)| {
        passed += u128::from(price);
        // The last part is what is left, which is all of it where nothing has a price.
        let until = if i + 1 == prices.len() {
            amount
        } else {
            (u128::from(amount) * passed).checked_div(whole).and_then(|until| u64::try_from(until).ok()).unwrap_or(0)
        };
        until - core::mem::replace(&mut given, until)
    };
    prices.iter().enumerate().map(share).collect()
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

fn sections(board: &Board, paid: &HashMap<SeatId, u64>) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (seat, status) in board.statuses() {
        if sections.last().is_none_or(|last| last.section != seat.section) {
            let section = seat.section.clone();
            sections.push(Section {
                section,
                available_seats: 0,
                held_seats: 0,
                sold_seats: 0,
                withheld_seats: 0,
                sold_amount: 0,
                rows: Vec::new(),
            });
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
                section.sold_amount += paid.get(&seat.seat).copied().unwrap_or(0);
                'S'
            }
            SeatStatus::Withheld => {
                section.withheld_seats += 1;
                'W'
            }
        };
        if let Some(row) = section.rows.last_mut() {
            row.seats.push(letter);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn shares_are_the_amount_together() {
        let table: [(u64, &[u64], &[u64]); 6] = [
            (50, &[80], &[50]),
            (100, &[50, 150], &[25, 75]),
            (100, &[1, 1, 1], &[33, 33, 34]),
            (7, &[0, 0], &[0, 7]),
            (0, &[5, 5], &[0, 0]),
            (5, &[], &[]),
        ];
        for (amount, prices, expected) in table {
            assert_eq!(shares(amount, prices), expected, "{amount} by {prices:?}");
        }
    }
}
