//! The operator's night: what happens now, what happened, and where the seats are. Behind the admin key.

mod gates;
mod history;
mod holds;
mod load;
mod nodes;
mod now;
mod report;
mod seats;
mod sign_in;
mod watch;

use axum::Router;
use axum::routing::get;

use crate::app::{App, unknown};

pub use crate::night::Monitor;
pub use watch::{Watching, levels, report, watch};

pub(crate) use history::Past;
pub(crate) use holds::Holds;
pub(crate) use now::Now;
pub(crate) use seats::Hall;
pub(crate) use sign_in::{Door, router as door};

/// Everything under `/v1/admin/ops`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/now", get(now::show))
        .route("/history", get(history::show))
        .route("/seats", get(seats::show))
        .route("/holds", get(holds::show))
        .fallback(unknown)
}
