//! The passes of who paid.

use http::request::Parts;

use super::reply::{GZIP_BYTES_MIN, list};
use super::{Answer, Api};
use crate::body::Body;
use crate::gzip::gzip;
use crate::token::Claims;

impl Api {
    /// One for each paid seat of the caller's, newest payment first.
    pub(super) fn passes(&self, parts: &Parts, claims: &Claims) -> Answer {
        let shared = &self.shared;
        let paid = shared.paid_by(claims.user);
        // Of what the body is made of, so that who has it already costs neither signatures nor the writing.
        let tag = shared.passes_tag(&paid);
        let plain = || Body::once(shared.pass_list(&paid));
        let packed = || {
            let body = shared.pass_list(&paid);
            Some(Body::once(if body.len() >= GZIP_BYTES_MIN { gzip(&body) } else { return None }))
        };
        Ok(list(parts, tag, plain, packed))
    }
}
