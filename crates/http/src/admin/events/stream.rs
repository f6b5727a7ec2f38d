//! The feed, pushed: server-sent events (WHATWG HTML, section 9.2) over a response that stays open.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::unfold;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use onsale_node::events::Cursor;
use tokio::time::Instant;

use super::cloud_event::CloudEvent;
use super::{EVENTS_MAX, Following};
use crate::answer::Done;

/// Asks proxies that understand it not to gather the events.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");
/// After so long without an event there is a line that says nothing: proxies keep the connection, and a client that is gone is
/// found out, by the second of them, and gives its place up.
const QUIET_MAX: Duration = Duration::from_secs(5);

/// Answers with the events as they come. What the client is behind is read when it has taken in what was read before: it
/// costs the memory of one page, however slow it is.
pub(super) async fn open(mut following: Following) -> Done {
    following.limit = following.limit.min(EVENTS_MAX as usize);
    // What can be refused is refused before there is a stream.
    let (items, at, more) = following.read().await?;
    following.after = at;
    let store_id = following.shared.node.store_id();
    let first = written(items.into_iter().map(|item| CloudEvent::new(store_id, item)), at);
    let state = (following, Some(first), more);
    let events = unfold(state, |(mut following, first, more)| async move {
        if let Some(first) = first {
            return Some((Ok::<_, Infallible>(first), (following, None, more)));
        }
        if following.shared.feeds.is_closed() {
            return None;
        }
        // The stream ends where the next page cannot be had: whoever comes again is told why.
        let (items, at, more) = following.next_before(Instant::now() + QUIET_MAX).await.ok()?;
        let store_id = following.shared.node.store_id();
        let events = items.into_iter().map(|item| CloudEvent::new(store_id, item));
        Some((Ok(written(events, at)), (following, None, more)))
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    Ok(response)
}

/// Events, each with its id, and behind them the place that was come to, which may be behind others that were not asked for.
fn written(events: impl Iterator<Item = CloudEvent>, at: Option<Cursor>) -> Bytes {
    let mut out = Vec::new();
    for event in events {
        let Ok(json) = serde_json::to_string(&event) else { continue };
        out.extend_from_slice(format!("id: {}\ndata: {json}\n\n", event.id()).as_bytes());
    }
    // An id without data is kept by the client, and tells its program nothing.
    let place = at.map_or_else(|| ":\n\n".to_owned(), |at| format!("id: {at}\n\n"));
    out.extend_from_slice(place.as_bytes());
    out.into()
}
