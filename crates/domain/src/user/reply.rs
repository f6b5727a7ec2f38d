//! What a wallet answers.

use minicbor::{Decode, Encode};

use crate::ids::UserId;
use crate::queue::Joined;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Charged {
    /// The balance after it.
    #[n(0)]
    pub balance: u64,
}

/// What became of a person who was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Their number; `None` for a pseudonym that was erased before, whose number nobody remembers.
    pub user: Option<UserId>,
}

/// Who came in with an entry token, and their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    pub user: UserId,
    pub joined: Joined,
}
