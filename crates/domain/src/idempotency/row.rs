//! The row of a key and its result.

use crate::ids::UserId;
use crate::time::Time;

use super::{Endpoint, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyRow {
    pub user: UserId,
    pub endpoint: Endpoint,
    pub hash: [u8; 16],
    /// Of the parsed command: another body under the same key is refused.
    pub fingerprint: u64,
    pub stored_at: Time,
    pub result: Result,
}
