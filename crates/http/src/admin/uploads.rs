//! Catalogs that come in several requests: staged part by part, then published as a whole.

use axum::extract::State;
use onsale_domain::command::Command;
use onsale_domain::ids::UploadId;
use onsale_domain::reply::Reply;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{Document, Id};
use super::catalog::{self, Published};
use super::change::{alone, done, unexpected};
use crate::pages::{App, Done, success};

/// What a request added to an upload.
#[derive(Serialize, ToSchema)]
pub(crate) struct Staged {
    /// Dates in this request.
    #[schema(example = 1)]
    schedules: u32,
    /// Seats in this request.
    #[schema(example = 5_000)]
    seats: u32,
}

#[derive(Serialize)]
struct Nothing {}

pub(super) async fn stage(State(app): State<App>, Id(id): Id, Document(bytes): Document) -> Done {
    let document = catalog::read(bytes).await?;
    let Published { schedules, seats } = document.count().into();
    let lane = app.lane.clone();
    let staging = async move {
        for part in document.parts() {
            done(&lane, Command::Stage { upload: UploadId(id), part }).await?;
        }
        Ok(())
    };
    alone(&app.shared, staging).await?;
    success(Staged { schedules, seats })
}

pub(super) async fn publish(State(app): State<App>, Id(id): Id) -> Done {
    match app.lane.submit(Command::Publish { upload: UploadId(id) }).await? {
        Reply::Published { schedules, seats } => success(Published { schedules, seats }),
        _ => Err(unexpected()),
    }
}

pub(super) async fn discard(State(app): State<App>, Id(id): Id) -> Done {
    done(&app.lane, Command::Discard { upload: UploadId(id) }).await?;
    success(Nothing {})
}
