//! The ways of a gate for its visitors: where they wait, and where they come in.

mod enter;
mod guest;
mod html;
mod keys;
mod stand;
mod wait;

use axum::Router;
use axum::routing::{any, get};

use crate::app::App;

pub(crate) use wait::Waiting;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/gate/{name}", get(wait::show).post(wait::again))
        .route("/gate/{name}/in", get(guest::come_in).post(guest::come_in))
        .route("/gate/{name}/style.css", get(html::style))
        .route("/v1/gate/{name}/enter", any(enter::exchange))
        .route("/v1/gate/{name}/keys", get(keys::show))
}
