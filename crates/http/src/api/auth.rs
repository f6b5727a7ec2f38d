//! Who is calling, and whether they may.

use http::request::Parts;
use onsale_domain::ids::TicketId;
use onsale_domain::queue::{Owner, State, Status};

use super::{Api, authorization};
use crate::problem::{Code, Problem};
use crate::token::{Claims, Error, NO_TICKET};

impl Api {
    /// The caller, by an authentic token of whatever status. Where the ticket of its number is somebody else's by now, or
    /// of another time, the token still names its user, and no ticket.
    pub(super) fn caller(&self, parts: &Parts) -> Result<Claims, Problem> {
        let value = authorization(&parts.headers)?.ok_or(Problem::from(Error::Missing))?;
        let mut claims = match self.shared.tokens.load().verify(value.as_bytes()) {
            // Another node may have made its key.
            Err(Error::Invalid) if !self.shared.knows_keys() => return Err(Problem::new(Code::Unavailable)),
            verified => verified?,
        };
        let queues = self.shared.node.views().queues();
        let queue = queues.get(usize::from(claims.ticket.queue.0));
        match queue.and_then(|queue| Some((queue, queue.owner(claims.ticket.number)?))) {
            Some((_, (owner, _))) if owner != Owner::new(claims.user, claims.issued_at_s) => claims.ticket = NO_TICKET,
            // Whatever somebody inside asks for is a sign of life.
            Some((queue, (_, State::Progress { .. }))) => queue.hear(claims.ticket.number),
            _ => {}
        }
        Ok(claims)
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
