//! `GET /v1/queues/{name}/draw`: what everybody's place is checked with, for everybody.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use onsale_node::QueueView;
use serde::Deserialize;

use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::query::{Query, number};
use crate::wire::{Draw, Join, Joins, Phase};

/// The most that one answer lists.
pub(crate) const JOINS_MAX: u64 = 5_000;
/// How many, where nobody says.
const JOINS: u64 = 1_000;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/queues/{name}/draw", get(show)).route("/v1/queues/{name}/draw/joins", get(joins))
}

async fn show(State(app): State<App>, Path(name): Path<String>) -> Done {
    let queue = find(&app, &name)?;
    let rules = queue.rules();
    let draw = rules.draw.as_ref().ok_or(Problem::new(Code::DrawNotFound))?;
    success(Draw::of(name, Phase::of(rules.phase), draw))
}

/// Which of those who took part.
#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<String>,
}

async fn joins(State(app): State<App>, Path(name): Path<String>, Query(page): Query<Page>) -> Done {
    let after = number("after", page.after.as_deref(), (0, u64::from(u32::MAX)), u64::MAX)?;
    let limit = number("limit", page.limit.as_deref(), (1, JOINS_MAX), JOINS)? as u32;
    let queue = find(&app, &name)?;
    let drawn = {
        let rules = queue.rules();
        let draw = rules.draw.as_ref().ok_or(Problem::new(Code::DrawNotFound))?;
        draw.drawn.as_ref().and_then(|draw| Some((draw.first?, draw.drawn?.tickets)))
    };
    let (first, tickets) = drawn.ok_or(Problem::new(Code::DrawNotYet))?;
    let end = first.saturating_add(tickets);
    let from = u32::try_from(after.wrapping_add(1)).unwrap_or(u32::MAX).max(first);
    let to = from.saturating_add(limit).min(end);
    let joins = queue.joins(from..to).iter().map(Join::of).collect();
    success(Joins { joins, next_after: (to < end).then(|| to - 1) })
}

fn find(app: &App, name: &str) -> Result<std::sync::Arc<QueueView>, Problem> {
    let views = app.shared.node.views();
    let id = views.queue_named(name).ok_or(Problem::new(Code::QueueNotFound))?;
    views.queue(id).ok_or(Problem::new(Code::QueueNotFound))
}
