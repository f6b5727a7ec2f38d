//! Catalogs that come in several requests: staged part by part, then published as a whole.

use axum::extract::State;
use onsale_catalog::Document as Parsed;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::ids::UploadId;
use onsale_domain::reply;
use onsale_node::Lane;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{Document, Id};
use super::catalog::{self, Published};
use super::change::alone;
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};

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
    catalog::check_level(app.shared.node.views(), &document)?;
    let Published { schedules, seats } = document.count().into();
    let lane = app.lane.clone();
    alone(&app.shared, async move { add(&lane, UploadId(id), document).await }).await?;
    success(Staged { schedules, seats })
}

/// Adds a document to an upload, all of it or nothing.
async fn add(lane: &Lane, upload: UploadId, document: Parsed) -> Result<(), Problem> {
    for (before, part) in document.parts().into_iter().enumerate() {
        if let Err(error) = lane.submit(Command::Stage { upload, part }).await {
            let problem = Problem::from(error);
            let nothing_added = before == 0 && problem.code() != Code::OutcomeUnknown;
            return Err(if nothing_added { problem } else { give_up(lane, upload, problem).await });
        }
    }
    Ok(())
}

/// What was added of a document cannot be taken back alone, and half of it must not be published with the rest.
async fn give_up(lane: &Lane, upload: UploadId, problem: Problem) -> Problem {
    problem.with_more_detail(match lane.submit(Command::Discard { upload }).await {
        Ok(_) => "Half of the document was added, so the upload was discarded: start over.",
        Err(_) => "Half of the document may have been added: delete the upload and start over.",
    })
}

pub(super) async fn publish(State(app): State<App>, Id(id): Id, by: By) -> Done {
    let lane = app.lane.clone();
    let publishing = async move {
        let reply::Published { schedules, seats } = lane.ask(by.asks(Ask::publish(UploadId(id)))).await?;
        Ok(Published { schedules, seats })
    };
    success(alone(&app.shared, publishing).await?)
}

pub(super) async fn discard(State(app): State<App>, Id(id): Id, by: By) -> Done {
    let lane = app.lane.clone();
    alone(
        &app.shared,
        async move { Ok(lane.ask(by.asks(Ask::plain(Command::Discard { upload: UploadId(id) }))).await?) },
    )
    .await?;
    success(Nothing {})
}

#[cfg(test)]
mod tests {
    use onsale_domain::reply::{CatalogRefusal, Refusal};
    use onsale_node::{Error, Node, Options};

    use super::*;

    const UPLOAD: UploadId = UploadId(7);

    fn node(directory: &tempfile::TempDir) -> Node {
        let dir = directory.path().to_owned();
        let options = Options::new(onsale_node::Store::Directory(dir));
        Node::open(&options, &mut |_| ()).expect("an empty directory opens")
    }

    fn document() -> Parsed {
        let json = br#"{"concerts":[{"concertId":1,"title":"First Light","schedules":[]}]}"#;
        Parsed::from_json(json).expect("it is sound")
    }

    fn detail(problem: &Problem) -> String {
        format!("{problem:?}")
    }

    #[tokio::test]
    async fn an_upload_with_half_a_document_is_discarded() {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let node = node(&directory);
        let lane = node.lane();
        add(&lane, UPLOAD, document()).await.expect("it is staged");
        let refusal = Problem::new(Code::Overloaded).with_detail("There is no more room.");
        let problem = give_up(&lane, UPLOAD, refusal).await;
        assert_eq!(problem.code(), Code::Overloaded);
        assert!(detail(&problem).contains("There is no more room. Half of the document was added, so the upload was"));
        let published = lane.ask(Ask::publish(UPLOAD)).await;
        assert_eq!(published, Err(Error::Refused(Refusal::Catalog(CatalogRefusal::NothingStaged))));
    }

    #[tokio::test]
    async fn an_upload_that_cannot_be_discarded_is_told() {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let node = node(&directory);
        let lane = node.lane();
        tokio::task::spawn_blocking(move || node.stop()).await.expect("the node stops");
        let problem = give_up(&lane, UPLOAD, Problem::new(Code::Unavailable)).await;
        assert!(detail(&problem).contains("delete the upload and start over"), "{problem:?}");
        let problem = add(&lane, UPLOAD, document()).await;
        assert_eq!(problem, Err(Problem::new(Code::Unavailable)), "nothing of it was added");
    }
}
