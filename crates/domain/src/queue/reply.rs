//! What a queue answers.

use crate::ids::{KeyId, TicketId};
use crate::time::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    pub ticket: TicketId,
    /// The key that signs this ticket's token.
    pub key: KeyId,
    pub issued_at: Time,
    /// Whether a code is the owner's as long as they have this place.
    pub has_code: bool,
    /// Whether they have it just now, and had none before.
    pub is_new: bool,
}

/// What came of letting those go who are silent inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetGo {
    /// How many sessions were ended.
    pub sessions: u32,
    /// How many of their users hold a seat, which they can still pay.
    pub holding: u32,
}
