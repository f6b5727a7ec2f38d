//! What happened, in one order, for programs that keep something of their own beside the store.
//!
//! It is read from the tables, a page at a time, by two threads at most: whoever reads slowly, or much, has others who read
//! wait, and nobody who buys.

mod cloud_event;
mod stream;
mod types;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue};
use onsale_domain::level;
use onsale_node::events::{Cursor, Item, Page};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::access::{Caller, Needs};
use super::change::from_level;
use crate::answer::Done;
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::query::{Query, number};
use crate::shared::{FEEDS_PER_KEY_MAX, FeedPermit, Shared};

pub(crate) use cloud_event::CloudEvent;
pub(crate) use types::Type;
pub(super) use types::Wanted;

/// The most events of one answer.
pub(crate) const EVENTS_MAX: u64 = 1_000;
/// How many, where nobody says.
const EVENTS: u64 = 100;
/// The longest that an answer waits for an event, in seconds.
pub(crate) const WAIT_S_MAX: u64 = 20;
/// How long is looked through what nobody asked for, before the answer says how far that came.
const LOOKING: Duration = Duration::from_secs(2);
/// How often is looked whether the tables have moved on: that is a number in memory.
const LOOK: Duration = Duration::from_millis(100);

/// The place behind the last event that was looked at, to be sent back as `after`.
pub(crate) const CURSOR: &str = "onsale-feed-cursor";
pub(crate) const BATCH: &str = "application/cloudevents-batch+json";

/// From where on, and what.
#[derive(Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
    types: Option<String>,
    limit: Option<String>,
    wait: Option<String>,
}

/// Somebody who reads the feed.
struct Following {
    shared: Arc<Shared>,
    after: Option<Cursor>,
    limit: usize,
    wanted: Arc<types::Wanted>,
    _permit: FeedPermit,
}

pub(super) async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Asked>,
) -> Done {
    let wait_s = number("wait", asked.wait.as_deref(), (0, WAIT_S_MAX), 0)?;
    let mut following = Following::begin(&app, &caller, &asked, None)?;
    let until = Instant::now() + Duration::from_secs(wait_s);
    let (items, at, _) = following.next_before(until).await?;
    let store_id = app.shared.node.store_id();
    let events: Vec<CloudEvent> = items.into_iter().map(|item| CloudEvent::new(store_id, item)).collect();
    let body = serde_json::to_vec(&events).map_err(|_| Problem::new(Code::Unavailable))?;
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(BATCH));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(Ok(at)) = at.map(|at| HeaderValue::from_str(&at.to_string())) {
        headers.insert(HeaderName::from_static(CURSOR), at);
    }
    Ok(response)
}

pub(super) async fn follow(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Done {
    if asked.wait.is_some() {
        return Err(Problem::field("wait", "wait is not for a stream, which waits by itself."));
    }
    let following = Following::begin(&app, &caller, &asked, Some(&headers))?;
    stream::open(following).await
}

impl Following {
    /// Reads what is asked for. A stream goes on, where it broke off, behind what its `Last-Event-ID` says.
    fn begin(app: &App, caller: &Caller, asked: &Asked, stream: Option<&HeaderMap>) -> Result<Self, Problem> {
        let Asked { after, types, limit, wait: _ } = asked;
        from_level(app.shared.node.views(), level::FEED, "Events are told")?;
        let wanted = types::Wanted::read(types.as_deref())?;
        // Who moved which lever is not for a shop's program, whatever else it reads.
        let may_see_levers = Needs::Figures.are_met_by(caller.role);
        let wanted = match (types, may_see_levers) {
            (Some(_), false) if wanted.has_levers() => {
                let what = "onsale.lever.moved is for keys that show the record of levers.";
                return Err(Problem::new(Code::RoleForbidden).with_detail(what));
            }
            (None, false) => wanted.without_levers(),
            (_, _) => wanted,
        };
        let limit = number("limit", limit.as_deref(), (1, EVENTS_MAX), EVENTS)?;
        let last = stream.and_then(|headers| headers.get("last-event-id")).map(|last| last.to_str());
        let (name, after) = match last {
            Some(last) => ("Last-Event-ID", Some(last.unwrap_or_default())),
            None => ("after", after.as_deref()),
        };
        let after = after.map(|after| {
            let what = format!("{name} must be the id of an event, or what {CURSOR} said.");
            after.parse::<Cursor>().map_err(|_| Problem::field(name, what))
        });
        let after = after.transpose()?;
        let permit = app.shared.feeds.take(caller.key).ok_or_else(|| {
            let what = format!(
                "A key may have {FEEDS_PER_KEY_MAX} calls for events open at a time, and all keys together 32."
            );
            Problem::new(Code::TooManyRequests).with_detail(what).with_retry_after_s(5)
        })?;
        Ok(Self { shared: app.shared.clone(), after, limit: limit as usize, wanted: Arc::new(wanted), _permit: permit })
    }

    /// The next events, as soon as there are any, and the place up to which all was looked through; nothing where there are none
    /// before `until`.
    async fn next_before(&mut self, until: Instant) -> Result<(Vec<Item>, Option<Cursor>, bool), Problem> {
        let looking = until.max(Instant::now() + LOOKING);
        loop {
            let projected = self.projected();
            let (items, at, more) = self.read().await?;
            self.after = at;
            let goes_on = match (items.is_empty(), more) {
                (false, _) => false,
                (true, true) => Instant::now() < looking,
                (true, false) => self.moves_before(projected, until).await,
            };
            if !goes_on {
                return Ok((items, at, more));
            }
        }
    }

    /// What there is behind the place where this is.
    async fn read(&self) -> Result<(Vec<Item>, Option<Cursor>, bool), Problem> {
        let unavailable = |_| Problem::new(Code::Unavailable);
        let turn =
            self.shared.feeds.reading.clone().acquire_owned().await.map_err(|_| Problem::new(Code::Unavailable))?;
        let (events, wanted) = (self.shared.node.events().clone(), self.wanted.clone());
        let (after, limit) = (self.after, self.limit);
        let read = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            events.read(after, limit, &|event| wanted.has(event))
        });
        let page = read.await.map_err(unavailable)?.map_err(|error| {
            tracing::warn!(%error, "the feed cannot be read");
            Problem::new(Code::Unavailable).with_detail("The tables cannot be read just now.")
        })?;
        match page {
            Page::Items { items, at, more } => Ok((items, at, more)),
            Page::Trimmed(oldest) => Err(trimmed(&oldest)),
            // The database has lost what was written last: it is made once more, from the journal.
            Page::Ahead if after.is_some_and(|after| after.seq <= self.shared.node.views().mark().seq) => {
                Ok((Vec::new(), after, false))
            }
            Page::Ahead | Page::Elsewhere => Err(Problem::new(Code::FeedOtherHistory)),
        }
    }

    /// Which entry the tables are at, as far as this node knows.
    fn projected(&self) -> u64 {
        self.shared.node.stats().projected_seq.load(Relaxed)
    }

    /// Waits until the tables have moved on. False where that is not before `until`, or where the server stops.
    async fn moves_before(&self, projected: u64, until: Instant) -> bool {
        while Instant::now() < until && !self.shared.feeds.is_closed() {
            if self.projected() != projected {
                return true;
            }
            sleep(LOOK).await;
        }
        false
    }
}

fn trimmed(oldest: &Item) -> Problem {
    let what = format!("The feed begins with event {} of {} now.", oldest.cursor, oldest.time);
    Problem::new(Code::FeedTrimmed).with_detail(what)
}

/// Refuses a place behind which nobody can read on. Blocks.
pub(super) fn check_place(shared: &Shared, place: Cursor) -> Result<(), Problem> {
    match shared.node.events().read(Some(place), 1, &|_| true) {
        Ok(Page::Items { .. }) => Ok(()),
        Ok(Page::Trimmed(oldest)) => Err(trimmed(&oldest)),
        Ok(Page::Ahead | Page::Elsewhere) => Err(Problem::new(Code::FeedOtherHistory)),
        Err(error) => {
            tracing::warn!(%error, "the feed cannot be read");
            Err(Problem::new(Code::Unavailable).with_detail("The tables cannot be read just now."))
        }
    }
}
