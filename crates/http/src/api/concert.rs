//! Schedules and seats.

use std::sync::Arc;

use http::request::Parts;
use onsale_domain::ids::{ConcertId, ScheduleId};
use onsale_node::Board;

use super::reply::list;
use super::{Answer, Api};
use crate::body::Body;
use crate::problem::{Code, Problem};
use crate::token::Claims;
use crate::wire::fields::{query_id, query_value, required_id};

impl Api {
    pub(super) fn schedules(&self, parts: &Parts, claims: &Claims) -> Answer {
        let concert = query_id(parts.uri.query(), "concertId")?.map(ConcertId);
        let (listing, hit) = self.shared.node.views().listing(claims.ticket.queue, concert);
        self.cache.schedule(hit);
        let response = list(
            parts,
            listing.tag.clone(),
            || Body::shared(listing.json.clone()),
            || Some(Body::shared(listing.gzip())),
        );
        self.count_not_modified(&response);
        Ok(response)
    }

    /// The schedule that the query names, as its seats are now, if the caller may see it.
    fn board(&self, parts: &Parts, claims: &Claims) -> Result<Arc<Board>, Problem> {
        let schedule = required_id(parts.uri.query(), "scheduleId")?;
        let catalog = self.shared.node.views().catalog();
        let schedule = catalog.schedules.get(&ScheduleId(schedule)).ok_or(Problem::new(Code::ScheduleNotFound))?;
        if schedule.queue != claims.ticket.queue {
            return Err(Problem::new(Code::NotAdmitted));
        }
        Ok(schedule.board())
    }

    /// The sections of a schedule, with the seats left in each.
    pub(super) fn sections(&self, parts: &Parts, claims: &Claims) -> Answer {
        let board = self.board(parts, claims)?;
        let (body, hit) = board.sections_json();
        self.cache.seat(hit);
        let response = list(parts, board.tag(self.shared.node.store_id()), || Body::shared(body), || None);
        self.count_not_modified(&response);
        Ok(response)
    }

    pub(super) fn seats(&self, parts: &Parts, claims: &Claims) -> Answer {
        let board = self.board(parts, claims)?;
        let section = query_value(parts.uri.query(), "section")?;
        let (section, cache) = (section.as_deref(), &self.cache);
        let identity = || {
            let (pieces, hit) = board.json(section);
            cache.seat(hit);
            if let [piece] = &*pieces { Body::shared(piece.clone()) } else { Body::chunks(pieces) }
        };
        let gzip = || {
            let (bytes, hit) = board.gzip(section);
            cache.seat(hit);
            Some(Body::shared(bytes))
        };
        let response = list(parts, board.tag(self.shared.node.store_id()), identity, gzip);
        self.count_not_modified(&response);
        Ok(response)
    }

    fn count_not_modified(&self, response: &http::Response<Body>) {
        if response.status() == http::StatusCode::NOT_MODIFIED {
            self.cache.not_modified();
        }
    }
}
