//! Publishing a catalog as a whole.

use axum::extract::State;
use bytes::Bytes;
use onsale_catalog::{Count, Document as Parsed, Problems};
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::ids::UploadId;
use onsale_domain::level;
use onsale_domain::reply;
use onsale_node::{Lane, Views};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::Document;
use super::change::{alone, from_level};
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Invalid, Problem};

/// The upload that whole documents are staged in; operators' own have ids from 1. Its parts are discarded before each
/// use, so that what a crash in the middle of one left behind is neither published nor kept.
const WHOLE: UploadId = UploadId(0);
/// How many problems of a document are told in the detail; all of them are listed.
const TOLD_MAX: usize = 3;

/// What was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Published {
    /// Dates that were made or replaced.
    #[schema(example = 2)]
    pub schedules: u32,
    /// Seats that these dates got.
    #[schema(example = 50_050)]
    pub seats: u32,
}

impl From<Count> for Published {
    fn from(count: Count) -> Self {
        Self { schedules: count.schedules as u32, seats: count.seats as u32 }
    }
}

pub(super) async fn replace(State(app): State<App>, by: By, Document(bytes): Document) -> Done {
    let document = read(bytes).await?;
    check_level(app.shared.node.views(), &document)?;
    let lane = app.lane.clone();
    success(alone(&app.shared, async move { publish_as(&lane, document, |ask| by.asks(ask)).await }).await?)
}

/// Publishes a document, all or nothing. Two of them must not be published at the same time.
///
/// # Errors
/// The engine's refusal, or that of an overloaded or full store; nothing is published then.
pub async fn publish(lane: &Lane, document: Parsed) -> Result<Published, Problem> {
    publish_as(lane, document, core::convert::identity).await
}

/// The same; `signed` makes the publication somebody's.
async fn publish_as(
    lane: &Lane,
    document: Parsed,
    signed: impl FnOnce(Ask<reply::Published>) -> Ask<reply::Published>,
) -> Result<Published, Problem> {
    let count = document.count();
    let published = stage_and_publish(lane, document, signed).await;
    if published.is_err() {
        // Where this fails too, the next publication begins with it.
        let _ = lane.submit(Command::Discard { upload: WHOLE }).await;
    }
    published.map(|()| count.into())
}

async fn stage_and_publish(
    lane: &Lane,
    document: Parsed,
    signed: impl FnOnce(Ask<reply::Published>) -> Ask<reply::Published>,
) -> Result<(), Problem> {
    lane.submit(Command::Discard { upload: WHOLE }).await?;
    for part in document.parts() {
        lane.submit(Command::Stage { upload: WHOLE, part }).await?;
    }
    lane.ask(signed(Ask::publish(WHOLE))).await?;
    Ok(())
}

/// A node of an older version would read a part of it otherwise than this one.
pub(super) fn check_level(views: &Views, document: &Parsed) -> Result<(), Problem> {
    if document.has_offers() {
        from_level(views, level::OFFERS, "Such a catalog is taken")?;
    }
    if document.has_sale_times() {
        from_level(views, level::OFFERS, "Sales begin and end by themselves")?;
    }
    if document.has_ranks() {
        from_level(views, level::RANKS, "Seats have ranks")?;
    }
    Ok(())
}

/// Reads a document on a thread of its own: a large one takes time that buyers should not wait.
pub(super) async fn read(bytes: Bytes) -> Result<Parsed, Problem> {
    let parsed = tokio::task::spawn_blocking(move || Parsed::from_json(&bytes)).await;
    match parsed {
        Ok(parsed) => parsed.map_err(|problems| refused(&problems)),
        Err(_) => Err(Problem::new(Code::BadRequest).with_detail("The document could not be read.")),
    }
}

fn refused(problems: &Problems) -> Problem {
    let total = problems.listed().len() + problems.more();
    let told: Vec<String> = problems.listed().iter().take(TOLD_MAX).map(ToString::to_string).collect();
    let more = match total.saturating_sub(told.len()) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let list =
        problems.listed().iter().map(|problem| Invalid { at: problem.at.clone(), problem: problem.what.clone() });
    Problem::new(Code::BadRequest).with_detail(format!("{}{more}.", told.join("; "))).with_problems(list.collect())
}
