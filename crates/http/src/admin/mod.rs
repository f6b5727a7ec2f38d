//! The operator's API, behind the admin key.

mod body;
mod catalog;
mod change;
mod keys;
mod operator;
mod queues;
mod reservations;
mod schedules;
mod settings;
mod state;
mod uploads;
mod users;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{delete, get, patch, post, put};

use crate::app::{App, unknown};
use crate::head::authorization;
use crate::problem::{Code, Problem};

pub use catalog::publish;

pub(crate) use catalog::Published;
pub(crate) use keys::Rotated;
pub(crate) use operator::{Lever, NewMessage, Sent};
pub(crate) use queues::{Gone, LetGo, NewQueue, QueueChange};
pub(crate) use reservations::Released;
pub(crate) use schedules::{Removed, ScheduleChange, ScheduleState};
pub(crate) use settings::{SettingsChange, SettingsState};
pub(crate) use state::StoreState;
pub(crate) use uploads::Staged;
pub(crate) use users::{Revoked, User};

/// What is under `/v1/admin`, beside the operator's page.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/catalog", post(catalog::replace))
        .route("/catalog/uploads/{id}", put(uploads::stage).merge(delete(uploads::discard)))
        .route("/catalog/uploads/{id}/publish", post(uploads::publish))
        .route("/queues", get(queues::list).merge(post(queues::open)))
        .route("/queues/{name}", patch(queues::change))
        .route("/queues/{name}/let-go", post(queues::let_silent_go))
        .route("/schedules/{id}", patch(schedules::change).merge(delete(schedules::remove)))
        .route("/settings", get(settings::show).merge(patch(settings::change)))
        .route("/reservations/{id}/release", post(reservations::release))
        .route("/users/{id}", get(users::show))
        .route("/users/{id}/tickets", get(users::tickets))
        .route("/users/{id}/reservations", get(users::reservations))
        .route("/users/{id}/tokens/revoke", post(users::revoke))
        .route("/levers", get(operator::list))
        .route("/messages", post(operator::send))
        .route("/keys/rotate", post(keys::rotate))
        .route("/state", get(state::show))
        .fallback(unknown)
}

/// Puts the routes of operators behind the admin key.
pub(crate) fn guarded(routes: Router<App>, app: App) -> Router<App> {
    routes.layer(middleware::from_fn_with_state(app, authorize))
}

/// Nothing under here is told to anybody without the key, not even what there is.
async fn authorize(State(app): State<App>, request: Request, next: Next) -> Result<Response, Problem> {
    match authorization(request.headers())? {
        Some(value) if app.shared.admin.opens_for(value.as_bytes()) => Ok(next.run(request).await),
        Some(_) => {
            if app.shared.guesses.note() {
                let shared = app.shared.clone();
                tokio::spawn(async move { shared.guesses.tell().await });
            }
            Err(Problem::new(Code::AdminUnauthorized))
        }
        None => Err(Problem::new(Code::AdminUnauthorized)),
    }
}
