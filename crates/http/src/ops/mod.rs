//! The operator's night: what happens now, what happened, and where the seats are. Behind the admin key.

mod figures;
mod gather;
mod history;
mod holds;
mod load;
mod monitor;
mod nodes;
mod now;
mod peers;
mod percentile;
mod report;
mod seats;

use axum::Router;
use axum::routing::get;

use crate::pages::{App, unknown};

pub use monitor::{Monitor, Watching};

pub(crate) use history::Past;
pub(crate) use holds::Holds;
pub(crate) use now::Now;
pub(crate) use seats::Hall;

/// Everything under `/v1/admin/ops`.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/now", get(now::show))
        .route("/history", get(history::show))
        .route("/seats", get(seats::show))
        .route("/holds", get(holds::show))
        .fallback(unknown)
}
