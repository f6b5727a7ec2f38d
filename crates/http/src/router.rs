//! What is not one of the hot paths, on axum's router.

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use onsale_node::Lane;

use crate::app::{App, unknown};
use crate::shared::Shared;
use crate::{admin, docs, ops, pages};

/// Everything beside [`crate::api::ROUTES`]. One for each serving thread, with the thread's own lane.
pub fn router(shared: Arc<Shared>, lane: Lane) -> Router {
    let app = App { shared, lane };
    let operators = admin::guarded(ops::routes(), app.clone());
    complete(public(&app).merge(pages::for_scrapers()).merge(ops::door()).nest("/v1/admin", operators), app)
}

/// What of it is for everybody: neither metrics nor the admin API, where operators have a listener of their own.
pub fn public_router(shared: Arc<Shared>, lane: Lane) -> Router {
    let app = App { shared, lane };
    complete(public(&app), app)
}

fn public(app: &App) -> Router<App> {
    pages::routes(app).merge(docs::routes())
}

fn complete(routes: Router<App>, app: App) -> Router {
    routes.fallback(unknown).layer(middleware::from_fn(pages::explain)).with_state(app)
}
