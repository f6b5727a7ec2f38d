//! What a queue answers.

use crate::ids::{KeyId, TicketId};
use crate::time::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    pub ticket: TicketId,
    /// The key that signs this ticket's token.
    pub key: KeyId,
    pub issued_at: Time,
}
