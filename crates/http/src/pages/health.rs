//! What a supervisor or a load balancer asks.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::State;
use onsale_domain::command::Command;
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, Done, success};
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

/// A node that has not heard from its database for so long is better not asked, if there are others.
const STALE_MAX: Duration = Duration::from_secs(2);

/// The store is open and takes writes. A server that stops is not asked: it takes no connection from then on.
pub(super) async fn ready(State(app): State<App>) -> Done {
    let node = &app.shared.node;
    if node.is_away() || node.cluster().is_some_and(|cluster| cluster.staleness() > STALE_MAX) {
        return Err(Problem::new(Code::Unavailable).with_detail("The database cannot be reached."));
    }
    if node.stats().journal_full.load(Ordering::Relaxed) {
        // Nobody sends writes to a server that is not ready, so only this attempt can find out that there is room again.
        app.lane
            .submit(Command::Tick)
            .await
            .map_err(|error| Problem::from(error).with_detail("The disk with the journal is full."))?;
    }
    success(Health { status: "READY" })
}
