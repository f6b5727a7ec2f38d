//! The public pages, and what operators' tools ask.

mod catalog;
mod draw;
mod explain;
mod fixed;
mod gate;
mod health;
mod html;
mod login;
mod logo;
mod metrics;
mod missing;
mod passes;
mod problems;
mod proof;
mod sale;

use axum::Router;
use axum::routing::get;

use crate::app::App;

pub(crate) use catalog::PublicCatalog;
pub(crate) use draw::JOINS_MAX;
pub(crate) use explain::explain;
pub(crate) use fixed::Fixed;
pub(crate) use gate::Waiting;
pub(crate) use health::Health;
pub(crate) use html::{document, escape, page, protect};
pub(crate) use passes::{ToVerify, Verified};
pub(crate) use sale::Sale;

/// What is for everybody.
pub(crate) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/style.css", get(html::style))
        .route("/problems", get(problems::index))
        .route("/problems/{name}", get(problems::page))
        .merge(catalog::router(app.clone()))
        .merge(sale::router(app.clone()))
        .merge(draw::router())
        .merge(proof::router())
        .merge(passes::router())
        .merge(login::router())
        .merge(logo::router())
        .merge(gate::router())
}

/// The metrics.
pub(crate) fn for_scrapers() -> Router<App> {
    Router::new().route("/metrics", get(metrics::scrape))
}
