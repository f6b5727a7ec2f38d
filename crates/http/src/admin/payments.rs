//! What was paid, in order, for whoever keeps the books: a shop asks for what came after the last that it has.

use axum::extract::State;
use jiff::tz::TimeZone;
use onsale_domain::ids::{INTEGER_MAX, PaymentId};
use onsale_domain::reservation;
use onsale_domain::row::ReservationRow;
use onsale_node::{in_zone, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{Done, success};
use crate::app::App;
use crate::query::{Query, number};
use crate::wire;

/// The most payments of one answer.
pub(crate) const PAGE_MAX: u64 = 1_000;
/// How many, where nobody says.
const PAGE: u64 = 100;

/// A payment that was made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MadePayment)]
pub(crate) struct Made {
    /// Payments are numbered from 1, without a gap, in the order in which they were made.
    #[schema(value_type = wire::Id)]
    payment_id: u64,
    #[schema(value_type = wire::Id)]
    reservation_id: u64,
    #[schema(value_type = wire::Id)]
    user_id: u64,
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    #[schema(value_type = Vec<wire::Id>)]
    seat_ids: Vec<u64>,
    #[schema(value_type = wire::Money)]
    amount: u64,
    #[schema(format = DateTime, example = "2027-05-01T10:00:01+00:00")]
    paid_at: String,
}

/// Which of them.
#[derive(Deserialize)]
pub(super) struct Page {
    after: Option<String>,
    limit: Option<String>,
}

pub(super) async fn list(State(app): State<App>, Query(page): Query<Page>) -> Done {
    let after = number("after", page.after.as_deref(), (0, INTEGER_MAX), 0)?;
    let limit = number("limit", page.limit.as_deref(), (1, PAGE_MAX), PAGE)?;
    let paid = app.shared.node.views().users.payments(PaymentId(after), limit as usize);
    success(paid.iter().filter_map(|row| Made::of(row)).collect::<Vec<_>>())
}

impl Made {
    /// `None` where it is not paid.
    fn of(row: &ReservationRow) -> Option<Self> {
        let reservation::State::Paid { payment, at } = row.state else { return None };
        Some(Self {
            payment_id: payment.0,
            reservation_id: row.id.0,
            user_id: row.user.0,
            schedule_id: row.schedule.0,
            seat_ids: row.seats.iter().map(|seat| seat.0).collect(),
            amount: row.amount,
            paid_at: rfc3339(&in_zone(at, &TimeZone::UTC)),
        })
    }
}
