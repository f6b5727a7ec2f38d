//! The passes of who paid.

use http::Response;
use http::request::Parts;
use onsale_domain::ids::UserId;

use super::auth::Caller;
use super::reply::{GZIP_BYTES_MIN, list};
use super::{Answer, Api};
use crate::body::Body;
use crate::entry::Users;
use crate::gzip::gzip;
use crate::head::authorization;
use crate::problem::{Code, Problem};
use crate::server::Incoming;
use crate::token::credentials;

/// What no known key has signed is no queue token and no entry token: callers are told what they were told before there were any.
fn neither(problem: Problem) -> Problem {
    match problem.code() {
        Code::EntryTokenInvalid | Code::EntryTokenUnsigned | Code::EntryTokenAlgorithm | Code::EntryTokenKeyUnknown => {
            Problem::new(Code::TokenInvalid)
        }
        _ => problem,
    }
}

impl Api {
    /// One for each paid seat of the user's, newest payment first.
    pub(super) fn passes(&self, parts: &Parts, user: UserId) -> Response<Body> {
        let shared = &self.shared;
        let paid = shared.paid_by(user);
        // Of what the body is made of, so that who has it already costs neither signatures nor the writing.
        let tag = shared.passes_tag(&paid);
        let plain = || Body::once(shared.pass_list(&paid));
        let packed = || {
            let body = shared.pass_list(&paid);
            Some(Body::once(if body.len() >= GZIP_BYTES_MIN { gzip(&body) } else { return None }))
        };
        list(parts, tag, plain, packed)
    }

    /// Whether the caller may have come with an entry token: it is no queue token, and the service takes those.
    pub(super) fn is_signed(&self, caller: Caller) -> bool {
        caller == Caller::Invalid && matches!(self.shared.doors.users, Users::Signed(_))
    }

    /// The same for whom an entry token names: they may have no place any more, and no queue that is open. It is looked at, and
    /// not used up; and one that is good once opens nothing any more once it was used.
    pub(super) async fn signed_passes(&self, parts: &Parts, body: &Incoming, caller: Caller) -> Answer {
        // To look at a signature costs more than a list.
        self.check_rate(parts, body, caller)?;
        let Users::Signed(entry) = &self.shared.doors.users else { return Err(Problem::new(Code::TokenInvalid)) };
        let value = authorization(&parts.headers)?.ok_or(Problem::new(Code::TokenMissing))?;
        let token = core::str::from_utf8(credentials(value.as_bytes())).unwrap_or_default();
        let person = entry.person(token, &self.shared.tokens, self.shared.now_s()).await.map_err(neither)?;
        if person.once.is_some_and(|(digest, _)| self.shared.node.views().entrants.is_used(&digest)) {
            return Err(Problem::new(Code::EntryTokenReplayed));
        }
        let user = self.shared.user_of(&person.entrant).await?;
        // Who never came has bought nothing, and number 0 is nobody's.
        Ok(self.passes(parts, user.unwrap_or(UserId(0))))
    }
}
