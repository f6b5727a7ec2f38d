//! Who is calling, and whether they may.

use onsale_domain::ids::TicketId;
use onsale_domain::queue::{State, Status};
use onsale_domain::reservation;

use super::Api;
use super::route::Access;
use crate::head::{Given, authorized_twice};
use crate::problem::{Code, Problem};
use crate::token::{Claims, Error, NO_TICKET};

/// What a request says of who sent it. A token is looked at once in each request; what it opens is asked of the views each
/// time, as they may have become newer since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// No token.
    Absent,
    /// More than one: a proxy may have looked at the other.
    Twice,
    /// One that no key of this store signed.
    Invalid,
    /// One whose key another node may have made.
    OfUnknownKey,
    /// An authentic one.
    Known(Claims),
}

impl Api {
    /// Looks at the token, where the route asks for one.
    pub(super) fn caller(&self, access: Access, authorization: Given<'_>) -> Caller {
        if access == Access::Anybody {
            return Caller::Absent;
        }
        let value = match authorization {
            Given::Once(value) => value.as_bytes(),
            Given::Absent => return Caller::Absent,
            Given::Twice => return Caller::Twice,
        };
        match self.shared.tokens.load().verify(value) {
            Ok(claims) => Caller::Known(claims),
            Err(Error::Missing) => Caller::Absent,
            Err(Error::Invalid) if self.may_be_unknown(value) => Caller::OfUnknownKey,
            Err(Error::Invalid) => Caller::Invalid,
        }
    }

    /// The caller, by an authentic token of whatever status. Where the ticket of its number is somebody else's by now, or
    /// of another time, the token still names its user, and no ticket.
    pub(super) fn known(&self, caller: Caller) -> Result<Claims, Problem> {
        let mut claims = match caller {
            Caller::Known(claims) => claims,
            Caller::Absent => return Err(Error::Missing.into()),
            Caller::Twice => return Err(authorized_twice()),
            Caller::Invalid => return Err(Error::Invalid.into()),
            Caller::OfUnknownKey => return Err(Problem::new(Code::Unavailable)),
        };
        let views = self.shared.node.views();
        if views.revoked.since(claims.user).0 / 1_000 > claims.issued_at_s {
            return Err(Error::Invalid.into());
        }
        let queues = views.queues();
        let queue = queues.get(usize::from(claims.ticket.queue.0));
        match queue.and_then(|queue| Some((queue, queue.owner(claims.ticket.number)?))) {
            Some((_, (owner, _))) if owner != claims.owner() => claims.ticket = NO_TICKET,
            // Whatever somebody inside asks for is a sign of life.
            Some((queue, (_, State::Progress { .. }))) => queue.hear(claims.ticket.number),
            _ => {}
        }
        if claims.issued_at_s < self.shared.tokens_end_before_s() && self.is_over(&claims) {
            return Err(Error::Invalid.into());
        }
        Ok(claims)
    }

    /// The caller, if they may come in here.
    pub(super) fn allowed(&self, access: Access, caller: Caller) -> Result<Claims, Problem> {
        let claims = self.known(caller)?;
        if access == Access::Admitted {
            self.check_admitted(claims.ticket)?;
        }
        Ok(claims)
    }

    /// Whether the token may be signed with a key that this node could not look at.
    fn may_be_unknown(&self, value: &[u8]) -> bool {
        !self.shared.knows_keys() && self.shared.tokens.load().lacks_key_of(value)
    }

    /// Whether the time of a token that is old enough is over: its place has ended long ago, and nothing is held that its
    /// owner may still pay.
    fn is_over(&self, claims: &Claims) -> bool {
        let views = self.shared.node.views();
        let ended = match views.ticket(claims.ticket).state {
            Some(State::Done { at } | State::Expired { at }) => at.0 / 1_000 < self.shared.tokens_end_before_s(),
            Some(State::Waiting | State::Absent { .. } | State::Returned { .. } | State::Progress { .. }) => false,
            // Forgotten: its issue is what is known.
            None => true,
        };
        ended && !views.users.reservations(claims.user).iter().any(|row| row.state == reservation::State::Held)
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
