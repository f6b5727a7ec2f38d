//! The place, pushed: server-sent events (WHATWG HTML, section 9.2) over a response that stays open.

mod hub;
mod place;
mod slot;

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response};
use onsale_domain::ids::EventId;

use super::{Answer, Api, news, recent};
use crate::body::Body;
use crate::problem::{Code, Problem};
use crate::token::Claims;

pub(super) use hub::Hub;

use slot::{Events, Slot};

/// What was seen last (WHATWG HTML, section 9.2.4).
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks proxies that understand it not to gather the events.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

impl Api {
    /// Opens a stream of the caller's place. It counts as a poll for as long as it is open.
    pub(super) async fn stream(&self, parts: &Parts, claims: Claims) -> Answer {
        if self.shared.node.cluster().is_some_and(|cluster| recent::keeps_nobody(cluster)) {
            return Err(refused(hub::Full::Closed));
        }
        let permit = self.shared.streams.take().ok_or(Problem::new(Code::Overloaded).with_retry_after_s(5))?;
        self.come_back(&claims).await?;
        let slot = Arc::new(Slot::default());
        let ticket = claims.ticket;
        {
            let views = self.shared.node.views();
            let queues = views.queues();
            let mut out = Vec::new();
            match queues.get(usize::from(ticket.queue.0)) {
                Some(queue) => {
                    let said = place::now(queue, ticket.number);
                    place::write(queue, ticket.number, said, &mut out);
                    let newest = news::events(views, queue.id, last_event(parts), &mut out);
                    slot.put(out.into(), said.ended());
                    if !said.ended() {
                        self.hub.enter((ticket, claims.owner()), slot.clone(), said, newest).map_err(refused)?;
                    }
                }
                // Another store's ticket: here it is EXPIRED.
                None => {
                    place::write_foreign(&mut out);
                    slot.put(out.into(), true);
                }
            }
        }
        let mut response = Response::new(Body::live(Events::new(slot, permit)));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
        Ok(response)
    }
}

/// The last piece of news that the client was told before it lost its stream. What is not an id says nothing.
fn last_event(parts: &Parts) -> Option<EventId> {
    parts.headers.get(LAST_EVENT_ID)?.to_str().ok()?.trim().parse().ok().map(EventId)
}

fn refused(full: hub::Full) -> Problem {
    match full {
        hub::Full::Ticket => {
            Problem::new(Code::TooManyRequests).with_detail("This ticket has as many open streams as it may have.")
        }
        hub::Full::Closed => Problem::new(Code::Unavailable),
    }
}
