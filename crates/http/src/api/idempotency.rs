//! The `Idempotency-Key` header.

use http::HeaderName;
use http::request::Parts;
use onsale_domain::idempotency::Key;
use onsale_domain::level;
use onsale_domain::reservation::State;
use onsale_node::Asking;
use sha2::{Digest as _, Sha256};

use super::Api;
use crate::head::Seen;
use crate::problem::{Problem, no_room_for_keys};
use crate::token::Claims;

/// Made once: to look a text up is to read it first, for four times the instructions.
static NAME: HeaderName = HeaderName::from_static("idempotency-key");
const CHARACTERS_MAX: usize = 255;

/// The key, if the request has one.
pub(super) fn key(parts: &Parts, seen: Seen) -> Result<Option<Key>, Problem> {
    if !seen.has_idempotency_key {
        return Ok(None);
    }
    let mut values = parts.headers.get_all(&NAME).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let value = value.as_bytes();
    if values.next().is_some() || value.is_empty() || value.len() > CHARACTERS_MAX {
        return Err(Problem::field("Idempotency-Key", "Idempotency-Key must be given once, with 1 to 255 characters."));
    }
    let digest = Sha256::digest(value);
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    Ok(Some(Key { hash }))
}

impl Api {
    /// Refuses a charge with a key where its share of the room is used up, see [`onsale_node::Keys`]. This comes even
    /// before a result that may be there: that the request was not done before is not said. From [`level::FAIRNESS`] on the
    /// engine makes room, and nobody is refused for want of it.
    pub(super) fn check_room_to_charge(&self, claims: &Claims) -> Result<(), Problem> {
        let views = self.shared.node.views();
        let has_room = |asking| views.level() >= level::FAIRNESS || views.keys.has_room(asking);
        if has_room(Asking::Charge) {
            return Ok(());
        }
        let is_buying = || {
            let mine = views.users.reservations(claims.user);
            self.check_admitted(claims.ticket).is_ok() || mine.iter().any(|row| row.state == State::Held)
        };
        if has_room(Asking::ChargeInside) && is_buying() { Ok(()) } else { Err(no_room_for_keys()) }
    }

    /// The same for a reservation.
    pub(super) fn check_room_to_reserve(&self) -> Result<(), Problem> {
        let views = self.shared.node.views();
        let has_room = views.level() >= level::FAIRNESS || views.keys.has_room(Asking::Reserve);
        if has_room { Ok(()) } else { Err(no_room_for_keys()) }
    }
}
