//! What a supervisor or a load balancer asks.

use std::sync::atomic::Ordering;

use axum::extract::State;
use onsale_domain::command::Command;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};

/// The answer to who asks whether this server is well.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(pattern = "^(ALIVE|READY)$", example = "READY")]
    status: &'static str,
}

/// The process answers.
pub(super) async fn alive() -> Done {
    success(Health { status: "ALIVE" })
}

/// The store is open and takes writes. A server that stops is not asked: it takes no connection from then on.
pub(super) async fn ready(State(app): State<App>) -> Done {
    if !app.shared.reaches_store() {
        return Err(Problem::new(Code::Unavailable).with_detail("The database cannot be reached."));
    }
    if app.shared.node.stats().journal_full.load(Ordering::Relaxed) {
        // Nobody sends writes to a server that is not ready, so only this attempt can find out that there is room again.
        app.lane
            .submit(Command::Tick)
            .await
            .map_err(|error| Problem::from(error).with_detail("The disk with the journal is full."))?;
    }
    success(Health { status: "READY" })
}
