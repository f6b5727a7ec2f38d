//! What is not one of the hot paths, on axum's router: the public pages, what operators' tools ask, and the admin API.

mod answer;
mod assets;
mod catalog;
mod docs;
mod fixed;
mod health;
mod html;
mod metrics;
mod missing;
mod problems;
mod sale;
mod tickets;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::get;
use onsale_node::Lane;

use crate::admin;
use crate::api::Shared;
use crate::problem::{Code, Problem};

pub(crate) use answer::{Done, success};
pub(crate) use assets::{Asset, Kept, OPERATORS_PAGE, find as find_asset};
pub(crate) use catalog::PublicCatalog;
pub(crate) use docs::OverTls;
pub(crate) use fixed::IsKept;
pub(crate) use health::Health;
pub(crate) use sale::Sale;
pub(crate) use tickets::{ToVerify, Verified};

/// What the handlers of one thread have.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) shared: Arc<Shared>,
    pub(crate) lane: Lane,
}

/// Everything beside [`crate::api::ROUTES`]. One for each serving thread, with the thread's own lane.
pub fn router(shared: Arc<Shared>, lane: Lane) -> Router {
    let app = App { shared, lane };
    let operators = Router::new().route("/metrics", get(metrics::scrape)).nest("/v1/admin", admin::router(app.clone()));
    complete(public(&app).merge(operators), app)
}

/// What of it is for everybody: neither metrics nor the admin API, where operators have a listener of their own.
pub fn public_router(shared: Arc<Shared>, lane: Lane) -> Router {
    let app = App { shared, lane };
    complete(public(&app), app)
}

fn public(app: &App) -> Router<App> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(docs::document))
        .route("/docs", get(docs::page))
        .route("/docs/start", get(docs::start))
        .route("/docs/{guide}", get(docs::guide))
        .route("/style.css", get(html::style))
        .route("/problems", get(problems::index))
        .route("/problems/{name}", get(problems::page))
        .merge(catalog::router(app.clone()))
        .merge(sale::router(app.clone()))
        .merge(tickets::router())
}

fn complete(routes: Router<App>, app: App) -> Router {
    routes.fallback(unknown).layer(middleware::from_fn(answer::explain)).with_state(app)
}

pub(crate) async fn unknown() -> Problem {
    Problem::new(Code::NotFound)
}
