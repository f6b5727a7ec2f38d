//! Who is calling, and whether they may.

use http::header::AUTHORIZATION;
use http::request::Parts;
use onsale_domain::ids::TicketId;
use onsale_domain::queue::{State, Status};

use super::Api;
use crate::problem::{Code, Problem};
use crate::token::{Claims, Error};

impl Api {
    /// The caller, by an authentic token of whatever status.
    pub(super) fn caller(&self, parts: &Parts) -> Result<Claims, Problem> {
        let value = parts.headers.get(AUTHORIZATION).ok_or(Problem::from(Error::Missing))?;
        Ok(self.shared.tokens.load().verify(value.as_bytes())?)
    }

    /// The caller, if their ticket is PROGRESS.
    pub(super) fn admitted(&self, parts: &Parts) -> Result<Claims, Problem> {
        let claims = self.caller(parts)?;
        self.check_admitted(claims.ticket)?;
        Ok(claims)
    }

    pub(super) fn check_admitted(&self, ticket: TicketId) -> Result<(), Problem> {
        let queues = self.shared.node.views().queues();
        let state = queues.get(usize::from(ticket.queue.0)).and_then(|queue| queue.state(ticket.number));
        match state.map(State::status) {
            Some(Status::Progress) => Ok(()),
            Some(Status::Waiting) => Err(Problem::new(Code::NotAdmitted)),
            Some(Status::Done) => Err(Problem::new(Code::SessionDone)),
            Some(Status::Expired) | None => Err(Problem::new(Code::SessionExpired)),
        }
    }
}
