//! `GET /v1/queues/{name}/proof`: the work that a new place takes now, so that it can be done before anybody asks for the place.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;

use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem, Work};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/queues/{name}/proof", get(show))
}

async fn show(State(app): State<App>, Path(name): Path<String>) -> Done {
    let views = app.shared.node.views();
    let id = views.queue_named(&name).ok_or(Problem::new(Code::QueueNotFound))?;
    let queue = views.queue(id).ok_or(Problem::new(Code::QueueNotFound))?;
    let bits = queue.rules().settings.proof_bits.unwrap_or(0);
    success(Work::new(app.shared.tokens.load().challenge(&name, app.shared.now_s()), bits))
}
