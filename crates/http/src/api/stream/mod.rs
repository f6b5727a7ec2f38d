//! The place, pushed: server-sent events (WHATWG HTML, section 9.2) over a response that stays open.

mod hub;
mod limit;
mod place;
mod slot;

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response};

use super::{Answer, Api};
use crate::problem::{Code, Problem};
use crate::server::Body;

pub(super) use hub::Hub;
pub use limit::StreamLimit;

use slot::{Events, Slot};

/// Asks proxies that understand it not to gather the events.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

impl Api {
    /// Opens a stream of the caller's place. It counts as a poll for as long as it is open.
    pub(super) async fn stream(&self, parts: &Parts) -> Answer {
        let claims = self.caller(parts)?;
        let permit = self.shared.streams.take().ok_or(Problem::new(Code::Overloaded).with_retry_after_s(5))?;
        self.come_back(&claims).await?;
        let slot = Arc::new(Slot::default());
        let ticket = claims.ticket;
        {
            let queues = self.shared.node.views().queues();
            match queues.get(usize::from(ticket.queue.0)) {
                Some(queue) => {
                    let said = place::now(queue, ticket.number);
                    slot.put(place::event(queue, ticket.number, said), said.ended());
                    if !said.ended() {
                        self.hub.enter(ticket, slot.clone(), said).map_err(refused)?;
                    }
                }
                // Another store's ticket: here it is EXPIRED.
                None => slot.put(place::foreign(), true),
            }
        }
        let mut response = Response::new(Body::stream(Events::new(slot, permit)));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
        Ok(response)
    }
}

fn refused(full: hub::Full) -> Problem {
    match full {
        hub::Full::Ticket => {
            Problem::new(Code::TooManyRequests).with_detail("This ticket has as many open streams as it may have.")
        }
        hub::Full::Closed => Problem::new(Code::Unavailable),
    }
}
